package bench

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The yardstick on PostgreSQL: the file's columns in one table of texts, with as
// many indexes as a new lead gets into with the product: its id, import,
// sequence and follow-up, and its keys, of which it has several.
const postgresSchema = `create table lead (%s);
create unique index on lead (c1);
create index on lead (c6);
create index on lead (c8);
create index on lead (c12);
create index on lead (c14);
create index on lead (c28);
`

// schemaIn makes a schema of its own in the database and returns the database's
// URL with it, and how to drop it.
func (b *bench) schemaIn(ctx context.Context) (at string, drop func() error, err error) {
	u, err := url.Parse(b.Postgres)
	if err != nil {
		return "", nil, errors.New("--postgres: this is no URL of a database")
	}
	b.n++
	name := fmt.Sprintf("leadport_bench_%d_%d", os.Getpid(), b.n)
	if _, err := b.psql(ctx, b.Postgres, "create schema "+name); err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() error {
		_, err := b.psql(context.WithoutCancel(ctx), b.Postgres, "drop schema "+name+" cascade")
		return err
	}, nil
}

// psql runs a script. It does not know the parameter search_path, so that goes
// by the environment.
func (b *bench) psql(ctx context.Context, at, script string) (usage, error) {
	u, err := url.Parse(at)
	if err != nil {
		return usage{}, err
	}
	q := u.Query()
	options := ""
	if path := q.Get("search_path"); path != "" {
		options = "-c search_path=" + path
	}
	q.Del("search_path")
	u.RawQuery = q.Encode()
	cmd := exec.CommandContext(ctx, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+u.String())
	cmd.Env = append(os.Environ(), "PGOPTIONS="+options, "PGCLIENTENCODING=UTF8")
	cmd.Stdin = strings.NewReader(script)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return usage{}, fmt.Errorf("psql: %w\n%s", err, out)
	}
	return usage{took: time.Since(began), rss: peak(cmd.ProcessState)}, nil
}

// square is a file without the cells that stand beyond its columns: \copy takes
// no record that has one.
func (b *bench) square(file string) (name string, err error) {
	name = filepath.Join(b.Dir, "square-"+filepath.Base(file))
	if b.files[name] != "" {
		return name, nil
	}
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.Create(name)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	r, w := csv.NewReader(in), csv.NewWriter(out)
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			w.Flush()
			b.files[name] = name
			return name, w.Error()
		}
		if err == nil {
			err = w.Write(cells[:min(len(cells), len(headings))])
		}
		if err != nil {
			return "", err
		}
	}
}

func columnsOf(form string) string {
	var columns []string
	for i := range headings {
		columns = append(columns, fmt.Sprintf(form, i+1))
	}
	return strings.Join(columns, ", ")
}

// copyInto is how long \copy takes for a file into a new table.
func (b *bench) copyInto(ctx context.Context, at, file string) (usage, error) {
	if _, err := b.psql(ctx, at, fmt.Sprintf(postgresSchema, columnsOf("c%d text"))); err != nil {
		return usage{}, err
	}
	return b.psql(ctx, at, fmt.Sprintf("\\copy lead from '%s' with (format csv, header)\n", file))
}

// onPostgres calls f with a folder and a database of their own, in which the
// file is imported already.
func (b *bench) onPostgres(ctx context.Context, f func(data, at string, there usage) error) (err error) {
	file, err := b.file(1, b.Records, false)
	if err != nil {
		return err
	}
	at, drop, err := b.schemaIn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	data := b.fresh("data")
	defer os.RemoveAll(data)
	there, err := b.callOn(ctx, data, at, "import", file, "--yes")
	if err != nil {
		return err
	}
	return f(data, at, there)
}

// besidePostgres is how long f takes in a schema of its own.
func (b *bench) besidePostgres(ctx context.Context, f func(at string) (usage, error)) (took usage, err error) {
	at, drop, err := b.schemaIn(ctx)
	if err != nil {
		return took, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	return f(at)
}

func postgresJob(ctx context.Context, b *bench) (ratio float64, err error) {
	err = b.onPostgres(ctx, func(_, _ string, ours usage) error {
		file, err := b.file(1, b.Records, false)
		if err != nil {
			return err
		}
		if file, err = b.square(file); err != nil {
			return err
		}
		theirs, err := b.besidePostgres(ctx, func(at string) (usage, error) { return b.copyInto(ctx, at, file) })
		ratio = theirs.took.Seconds() / ours.took.Seconds()
		return err
	})
	return ratio, err
}

func postgresUpsert(ctx context.Context, b *bench) (ratio float64, err error) {
	file, err := b.file(1+b.Records/2, b.Records, true)
	if err != nil {
		return 0, err
	}
	err = b.onPostgres(ctx, func(data, at string, _ usage) error {
		ours, err := b.callOn(ctx, data, at, "import", file, "--yes")
		if err != nil {
			return err
		}
		before, err := b.file(1, b.Records, false)
		if err != nil {
			return err
		}
		if before, err = b.square(before); err != nil {
			return err
		}
		later, err := b.square(file)
		if err != nil {
			return err
		}
		theirs, err := b.besidePostgres(ctx, func(at string) (usage, error) {
			if _, err := b.copyInto(ctx, at, before); err != nil {
				return usage{}, err
			}
			return b.psql(ctx, at, fmt.Sprintf(`create temp table stage (like lead);
\copy stage from '%s' with (format csv, header)
insert into lead select * from stage on conflict (c1) do update set %s;
`, later, strings.TrimPrefix(columnsOf("c%[1]d = excluded.c%[1]d"), "c1 = excluded.c1, ")))
		})
		ratio = theirs.took.Seconds() / ours.took.Seconds()
		return err
	})
	return ratio, err
}

func postgresUndo(ctx context.Context, b *bench) (ratio float64, err error) {
	err = b.onPostgres(ctx, func(data, at string, there usage) error {
		back, err := b.callOn(ctx, data, at, "undo", "1", "--yes")
		ratio = there.took.Seconds() / back.took.Seconds()
		return err
	})
	return ratio, err
}
