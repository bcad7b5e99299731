package store

import (
	"strconv"
	"strings"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// waiting are rows that wait to be inserted. SQLite reads them as a virtual
// table, so that one INSERT … SELECT takes in hundreds of them: the B-trees stay
// open and are appended to, where a statement for each row begins at every root
// again. Texts are not copied on the way.
type waiting struct {
	d            direct
	host         uintptr // *rowsHost
	cells, texts buffer
	columns, n   int
	used         int // bytes of texts
}

// cell is a number, or a text or bytes by their place and size.
type cell struct {
	value int64
	size  int32 // isNumber, or bytes
	blob  bool
}

const (
	isNumber = -1
	cellSize = int(unsafe.Sizeof(cell{}))
	// maxWaiting and maxWaitingText bound what waits.
	maxWaiting     = 1024
	maxWaitingText = 1 << 20
	// maxColumns of a row; their names are c0, c1 …
	maxColumns = 64
)

// add takes a row in; its columns are as many as of the rows before.
func (w *waiting) add(args []arg) error {
	size := 1
	for i := range args {
		size += len(args[i].text)
	}
	w.columns = len(args)
	if err := w.texts.grow(w.d, w.used+size); err != nil {
		return err
	}
	if err := w.cells.grow(w.d, (w.n+1)*w.columns*cellSize); err != nil {
		return err
	}
	cells := unsafe.Slice(at[cell](w.cells.p), w.cells.size/cellSize)[w.n*w.columns:]
	texts := w.texts.bytes()
	for i := range args {
		if a := &args[i]; a.isText {
			cells[i] = cell{int64(w.used), int32(copy(texts[w.used:], a.text)), a.blob}
			w.used += len(a.text)
		} else {
			cells[i] = cell{a.number, isNumber, false}
		}
	}
	w.n++
	return nil
}

func (w *waiting) full() bool { return w.n >= maxWaiting || w.used >= maxWaitingText }

// show makes the rows those of the virtual table.
func (w *waiting) show() {
	h := at[rowsHost](w.host)
	h.cells, h.texts, h.columns, h.n = w.cells.p, w.texts.p, w.columns, w.n
}

// send runs the statement that takes the rows in.
func (w *waiting) send(st *directStmt) error {
	w.show()
	w.n, w.used = 0, 0
	return st.run(nil)
}

// rowsName is the virtual table's name on the connection.
const rowsName = "waiting_rows"

// rowsInsert takes rows of columns in. FAIL says what it does not need: to take
// back a half-done statement, since the transaction is taken back if it fails.
func rowsInsert(table string, columns []string) string {
	var b strings.Builder
	b.WriteString("insert or fail into " + table + " (" + strings.Join(columns, ", ") + ") select ")
	for i := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("c" + strconv.Itoa(i))
	}
	b.WriteString(" from " + rowsName)
	return b.String()
}

// rowsHost is the virtual table's module and what its cursors read. It lies in
// SQLite's memory, as do the table and the cursors.
type rowsHost struct {
	module       lib.Sqlite3_module
	cells, texts uintptr
	columns, n   int
}

type rowsCursor struct {
	_    lib.Sqlite3_vtab_cursor // SQLite's own part comes first
	host *rowsHost               // no Go memory
	row  int
}

type rowsVtab struct {
	_    lib.Sqlite3_vtab // SQLite's own part comes first
	host uintptr
}

// hostRows makes the virtual table known to the connection, instead of the one
// of the transaction before.
func (d direct) hostRows() (uintptr, error) {
	p := lib.Xsqlite3_malloc64(d.tls, uint64(unsafe.Sizeof(rowsHost{})))
	if p == 0 {
		return 0, d.err(lib.SQLITE_NOMEM)
	}
	*at[rowsHost](p) = rowsHost{module: lib.Sqlite3_module{
		FxConnect: function(rowsConnect), FxBestIndex: function(rowsBestIndex), FxDisconnect: function(rowsDisconnect),
		FxOpen: function(rowsOpen), FxClose: function(rowsClose), FxFilter: function(rowsFilter), FxNext: function(rowsNext),
		FxEof: function(rowsEOF), FxColumn: function(rowsColumn), FxRowid: function(rowsRowid),
	}}
	var name buffer
	if err := name.grow(d, len(rowsName)+1); err != nil {
		return 0, err
	}
	defer name.free(d)
	copy(name.bytes(), rowsName+"\x00")
	return p, d.err(lib.Xsqlite3_create_module_v2(d.tls, d.db, name.p, p, p, function(rowsDestroy)))
}

// function is a Go function as the transpiled SQLite calls it: by the address
// of its code's address, which is read-only data (golang.org/s/go11func).
func function[T any](f T) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

func rowsDestroy(tls *libc.TLS, host uintptr) { lib.Xsqlite3_free(tls, host) }

func rowsConnect(tls *libc.TLS, db, host uintptr, _ int32, _, vtab, _ uintptr) int32 {
	var text buffer
	d := direct{tls, db}
	names := make([]string, maxColumns)
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	declared := "create table x (" + strings.Join(names, ", ") + ")\x00"
	p := lib.Xsqlite3_malloc64(tls, uint64(unsafe.Sizeof(rowsVtab{})))
	if p == 0 || text.grow(d, len(declared)) != nil {
		return lib.SQLITE_NOMEM
	}
	defer text.free(d)
	copy(text.bytes(), declared)
	*at[rowsVtab](p) = rowsVtab{host: host}
	*at[uintptr](vtab) = p
	return lib.Xsqlite3_declare_vtab(tls, db, text.p)
}

func rowsBestIndex(*libc.TLS, uintptr, uintptr) int32 { return lib.SQLITE_OK }

func rowsDisconnect(tls *libc.TLS, vtab uintptr) int32 {
	lib.Xsqlite3_free(tls, vtab)
	return lib.SQLITE_OK
}

func rowsOpen(tls *libc.TLS, vtab, cursor uintptr) int32 {
	p := lib.Xsqlite3_malloc64(tls, uint64(unsafe.Sizeof(rowsCursor{})))
	if p == 0 {
		return lib.SQLITE_NOMEM
	}
	*at[rowsCursor](p) = rowsCursor{host: at[rowsHost](at[rowsVtab](vtab).host)}
	*at[uintptr](cursor) = p
	return lib.SQLITE_OK
}

func rowsClose(tls *libc.TLS, cursor uintptr) int32 {
	lib.Xsqlite3_free(tls, cursor)
	return lib.SQLITE_OK
}

func rowsFilter(_ *libc.TLS, cursor uintptr, _ int32, _ uintptr, _ int32, _ uintptr) int32 {
	at[rowsCursor](cursor).row = 0
	return lib.SQLITE_OK
}

func rowsNext(_ *libc.TLS, cursor uintptr) int32 {
	at[rowsCursor](cursor).row++
	return lib.SQLITE_OK
}

func rowsEOF(_ *libc.TLS, cursor uintptr) int32 {
	if c := at[rowsCursor](cursor); c.row < c.host.n {
		return 0
	}
	return 1
}

func rowsColumn(tls *libc.TLS, cursor, result uintptr, column int32) int32 {
	cur := at[rowsCursor](cursor)
	h := cur.host
	c := at[cell](h.cells + uintptr((cur.row*h.columns+int(column))*cellSize))
	switch {
	case c.size == isNumber:
		lib.Xsqlite3_result_int64(tls, result, c.value)
	case c.blob:
		lib.Xsqlite3_result_blob(tls, result, h.texts+uintptr(c.value), c.size, 0)
	default:
		lib.Xsqlite3_result_text(tls, result, h.texts+uintptr(c.value), c.size, 0)
	}
	return lib.SQLITE_OK
}

func rowsRowid(_ *libc.TLS, cursor, id uintptr) int32 {
	*at[int64](id) = int64(at[rowsCursor](cursor).row)
	return lib.SQLITE_OK
}
