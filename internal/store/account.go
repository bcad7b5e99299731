package store

import (
	"context"

	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
	"github.com/leadport/leadport/internal/norm"
)

type account struct {
	id   int64
	name string
}

// resolveAccounts finds the accounts that the writes name, by folded name, and
// makes those that are missing, stamped with the import.
func (w *writer) resolveAccounts(ctx context.Context, writes []importer.Write) error {
	w.accountOf = map[string]account{}
	keyOf := map[string]string{} // name as written → key
	var missing []string         // keys not known to this transaction yet
	first := map[string]string{} // key → name as first written
	if w.accounts == nil {
		w.accounts = map[string]account{}
	}
	for i := range writes {
		name := writes[i].After.Values[w.layout.account]
		if name == "" || keyOf[name] != "" {
			continue
		}
		key := norm.Key(norm.KeyAccount, name)
		keyOf[name] = key
		if _, known := w.accounts[key]; !known && first[key] == "" {
			first[key] = name
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		if err := w.findAccounts(ctx, missing, first); err != nil {
			return err
		}
	}
	for name, key := range keyOf {
		a := w.accounts[key]
		w.accountOf[name], w.accountOf[a.name] = a, a
	}
	return nil
}

func (w *writer) findAccounts(ctx context.Context, keys []string, names map[string]string) error {
	rows, err := w.q.QueryContext(ctx, `select key, id, name, gone from account where `+w.s.d.in("key", "$1"), w.s.d.texts(keys))
	if err != nil {
		return w.s.err("find accounts", err)
	}
	type row struct {
		key string
		account
		gone bool
	}
	found, err := collect(rows, func(r *row) []any { return []any{&r.key, &r.id, &r.name, &r.gone} })
	if err != nil {
		return w.s.err("find accounts", err)
	}
	for _, r := range found {
		w.accounts[r.key] = r.account
		if r.gone {
			if _, err := w.exec(ctx, `update account set gone = 0, created_import = $2 where id = $1`, r.id, w.o.Import); err != nil {
				return w.s.err("bring account back", err)
			}
		}
	}
	if len(found) == len(keys) {
		return nil
	}
	id, err := w.allot(ctx, "account", int64(len(keys)-len(found)))
	if err != nil {
		return err
	}
	var a args
	return w.s.d.bulk(ctx, w.tx, func(b bulk) error {
		for _, key := range keys {
			if _, ok := w.accounts[key]; ok {
				continue
			}
			a.reset().ints(id).texts(names[key], key).ints(w.o.Import)
			if err := b.exec(`insert into account (id, name, key, created_import) values (?, ?, ?, ?)`, a.v); err != nil {
				return err
			}
			w.accounts[key] = account{id, names[key]}
			id++
		}
		return nil
	}, w.said("create accounts"))
}

// resolveTags makes the tags that the writes name and nobody used before. Those
// that are there it only looks at: to write one would keep it from others until
// the commit.
func (w *writer) resolveTags(ctx context.Context, writes []importer.Write) error {
	if w.tags == nil {
		w.tags = map[string]bool{}
	}
	parts := w.layout.schema.Fields[w.layout.tags].Parts
	seen := map[string]bool{} // whole values: imports give most leads the same tags
	var keys, names []string
	for i := range writes {
		text := writes[i].After.Values[w.layout.tags]
		same := writes[i].Deleted == nil && text == writes[i].Before.Values[w.layout.tags]
		if text == "" || same || seen[text] {
			continue
		}
		seen[text] = true
		for _, e := range lead.DecodeList(parts, text) {
			key := norm.Key(norm.KeyTag, e.Values[0])
			if key == "" || w.tags[key] {
				continue
			}
			w.tags[key] = true
			keys, names = append(keys, key), append(names, e.Values[0])
		}
	}
	return w.makeTags(ctx, w.o.Import, keys, names)
}

// makeTags makes the tags of these keys that are not there.
func (t *tx) makeTags(ctx context.Context, imp int64, keys, names []string) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := t.q.QueryContext(ctx, `select key from tag where gone = 0 and `+t.s.d.in("key", "$1"), t.s.d.texts(keys))
	if err != nil {
		return t.s.err("find tags", err)
	}
	found, err := collect(rows, func(k *string) []any { return []any{k} })
	if err != nil || len(found) == len(keys) {
		return t.s.err("find tags", err)
	}
	there := make(map[string]bool, len(found))
	for _, k := range found {
		there[k] = true
	}
	var a args
	return t.s.d.bulk(ctx, t, func(b bulk) error {
		for i, key := range keys {
			if there[key] {
				continue
			}
			a.reset().texts(key, names[i]).ints(imp)
			if err := b.exec(`insert into tag (key, name, created_import) values (?, ?, ?)
				on conflict (key) do update set gone = 0, created_import = excluded.created_import where tag.gone = 1`, a.v); err != nil {
				return err
			}
		}
		return nil
	}, t.said("create tags"))
}
