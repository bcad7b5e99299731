package bench

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// The yardstick: the file's columns in one table of texts, with as many indexes
// as the product writes B-trees beside its leads: the keys (here the e-mail,
// phone and name, which are its most), the import's leads, the sequence, the
// follow-ups. Page size, journal and cache are the product's.
const schema = `pragma page_size=4096;
pragma journal_mode=wal;
pragma synchronous=full;
pragma cache_size=-131072;
create table lead (%s);
create unique index lead_external on lead (c1);
create index lead_email on lead (c12);
create index lead_phone on lead (c14);
create index lead_follow_up on lead (c28);
`

// load imports a file with sqlite3's own .import into a new database.
func (b *bench) load(ctx context.Context, file string) (usage, string, error) {
	db := b.fresh("sqlite") + ".db"
	var columns []string
	for i := range headings {
		columns = append(columns, fmt.Sprintf("c%d text", i+1))
	}
	u, err := sqlite(ctx, db, fmt.Sprintf(schema, strings.Join(columns, ", "))+fmt.Sprintf(".mode csv\n.import --skip 1 %q lead\n", file))
	return u, db, err
}

// merge lays a file over such a database by sqlite3's upsert.
func (b *bench) merge(ctx context.Context, db, file string) (usage, error) {
	var sets []string
	for i := 2; i <= len(headings); i++ {
		sets = append(sets, fmt.Sprintf("c%d = excluded.c%d", i, i))
	}
	return sqlite(ctx, db, fmt.Sprintf(`pragma synchronous=full;
pragma cache_size=-131072;
create temp table stage as select * from lead where false;
.mode csv
.import --skip 1 --schema temp %q stage
insert into lead select * from stage where true on conflict (c1) do update set %s;
`, file, strings.Join(sets, ", ")))
}

// sqlite runs a script; it says nothing of rows with a cell too many, which it
// cuts.
func sqlite(ctx context.Context, db, script string) (usage, error) {
	cmd := exec.CommandContext(ctx, "sqlite3", "-bail", db)
	cmd.Stdin = strings.NewReader(script)
	var failed strings.Builder
	cmd.Stdout = &failed
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return usage{}, fmt.Errorf("sqlite3: %w\n%s", err, failed.String())
	}
	return usage{took: time.Since(began), rss: peak(cmd.ProcessState)}, nil
}
