package store

import (
	"errors"
	"reflect"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// direct is a connection at SQLite's own interface, past the driver, which
// allocates for every value. It is only used while database/sql holds the
// connection (sql.Conn.Raw).
type direct struct {
	tls *libc.TLS
	db  uintptr
}

// directOf takes the handles out of the driver's connection, which has no way
// to ask for them.
func directOf(conn any) (direct, error) {
	v := reflect.ValueOf(conn)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		db, tls := v.Elem().FieldByName("db"), v.Elem().FieldByName("tls")
		if db.Kind() == reflect.Uintptr && tls.IsValid() && tls.Type() == reflect.TypeFor[*libc.TLS]() {
			return direct{(*libc.TLS)(tls.UnsafePointer()), uintptr(db.Uint())}, nil
		}
	}
	return direct{}, errors.New("this version of the SQLite driver keeps its handles elsewhere")
}

// sqliteError is an error of SQLite with its extended code.
type sqliteError struct {
	code int
	text string
}

func (e *sqliteError) Error() string { return e.text }

// Code is what the driver's own error has, too.
func (e *sqliteError) Code() int { return e.code }

func (d direct) err(code int32) error {
	if code == lib.SQLITE_OK {
		return nil
	}
	return &sqliteError{int(code), libc.GoString(lib.Xsqlite3_errmsg(d.tls, d.db))}
}

// at is a place in SQLite's memory, which the collector neither knows nor moves.
func at[T any](p uintptr) *T { return (*T)(*(*unsafe.Pointer)(unsafe.Pointer(&p))) }

// buffer is memory that SQLite reads, reused and grown.
type buffer struct {
	p    uintptr
	size int
}

// grow makes room and keeps what it holds.
func (b *buffer) grow(d direct, size int) error {
	if size <= b.size {
		return nil
	}
	size = max(2*size, 4096)
	p := lib.Xsqlite3_realloc64(d.tls, b.p, uint64(size))
	if p == 0 {
		return d.err(lib.SQLITE_NOMEM)
	}
	b.p, b.size = p, size
	return nil
}

func (b *buffer) bytes() []byte { return unsafe.Slice(at[byte](b.p), b.size) }

func (b *buffer) free(d direct) {
	lib.Xsqlite3_free(d.tls, b.p)
	*b = buffer{}
}

// directStmt is a prepared statement. Texts are bound where they lie in its
// buffer; a number that stands already is not bound again.
type directStmt struct {
	direct
	p     uintptr
	bound []arg // numbers that stand
	texts buffer
}

func (d direct) prepare(text string) (*directStmt, error) {
	const word = int(unsafe.Sizeof(uintptr(0))) // for the handle, then the text
	var b buffer
	if err := b.grow(d, word+len(text)+1); err != nil {
		return nil, err
	}
	defer b.free(d)
	m := b.bytes()
	m[word+copy(m[word:], text)] = 0
	if err := d.err(lib.Xsqlite3_prepare_v3(d.tls, d.db, b.p+uintptr(word), -1, lib.SQLITE_PREPARE_PERSISTENT, b.p, 0)); err != nil {
		return nil, err
	}
	st := &directStmt{direct: d, p: *at[uintptr](b.p)}
	st.bound = make([]arg, lib.Xsqlite3_bind_parameter_count(d.tls, st.p))
	for i := range st.bound {
		st.bound[i].isText = true
	}
	return st, nil
}

func (st *directStmt) close() {
	lib.Xsqlite3_finalize(st.tls, st.p)
	st.texts.free(st.direct)
}

func (st *directStmt) bind(args []arg) error {
	if len(args) != len(st.bound) {
		return st.err(lib.SQLITE_MISUSE)
	}
	size := 1
	for i := range args {
		size += len(args[i].text)
	}
	if err := st.texts.grow(st.direct, size); err != nil {
		return err
	}
	m, n := st.texts.bytes(), 0
	for i := range args {
		a := &args[i]
		switch {
		case a.isText:
			st.bound[i].isText = true
			size := copy(m[n:], a.text)
			if err := st.err(lib.Xsqlite3_bind_text(st.tls, st.p, int32(i+1), st.texts.p+uintptr(n), int32(size), 0)); err != nil {
				return err
			}
			n += size
		case st.bound[i] != *a:
			if err := st.err(lib.Xsqlite3_bind_int64(st.tls, st.p, int32(i+1), a.number)); err != nil {
				return err
			}
			st.bound[i] = *a
		}
	}
	return nil
}

// run runs a statement that gives no rows, to its end: it does not look at a
// context, callers do between batches.
func (st *directStmt) run(args []arg) error {
	if err := st.bind(args); err != nil {
		return err
	}
	code := lib.Xsqlite3_step(st.tls, st.p)
	var err error
	if code != lib.SQLITE_DONE {
		err = st.err(code)
	}
	lib.Xsqlite3_reset(st.tls, st.p) // says again what step said
	return err
}
