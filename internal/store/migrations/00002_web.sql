-- +goose Up

-- Lists in the order of the last change. The sequence grows with every write,
-- so a run appends to it; the order of creation is the primary key's.
create index lead_seq on lead (seq);

-- Words of names, companies, e-mails and phones, folded in Go, by lead id. It
-- follows lead.seq behind the writes (search.go), so that it costs an import
-- nothing.
-- only sqlite
create virtual table lead_search using fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'none', prefix = '2 3'
);
-- only postgres
create table lead_search (
    lead  integer primary key,
    words tsvector not null
);
create index lead_search_words on lead_search using gin (words);
-- both

-- hash is SHA-256 of the cookie's value.
create table session (
    hash       text primary key,
    "user"     integer not null,
    created_at integer not null,
    seen_at    integer not null
) without rowid;
create index "session_user" on session ("user");

create table token (
    id         integer primary key,
    "user"     integer not null,
    name       text not null,
    hash       text not null unique,
    scopes     text not null default '',
    created_at integer not null,
    expires_at integer not null default 0,
    used_at    integer not null default 0
);

-- Failed sign-ins of the last minutes; who is a hash of account and address,
-- or of the address alone.
create table sign_in_failure (
    who text not null,
    at  integer not null
);
create index sign_in_failure_who on sign_in_failure (who, at);

-- What a request with an Idempotency-Key answered. status 0: it is under way.
create table idempotency (
    "user"  integer not null,
    key     text not null,
    request text not null,   -- SHA-256 of method, path and body
    status  integer not null default 0,
    answer  text not null default '',
    at      integer not null,
    primary key ("user", key)
) without rowid;

-- Uploads under way (tus 1.0); the bytes so far are a file by this id.
create table upload (
    id      text primary key,
    "user"  integer not null,
    name    text not null,
    length  integer not null,  -- bytes, as announced
    import  integer not null default 0,  -- once complete
    at      integer not null
) without rowid;

-- Saved views of the list of leads: what stands in its URL.
create table saved_view (
    id    integer primary key,
    "user" integer not null,
    name  text not null,
    query text not null,
    shared integer not null default 0
);
