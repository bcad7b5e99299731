-- +goose Up

-- The node that holds a part; one that starts again ends its own leases.
alter table import_part add column holder text not null default '';

-- Who checks an import: as with a part of a run, the highest fence may say what
-- came of it. Rows stay, so that a fence never comes again.
create table import_check (
    import      integer primary key,
    fence       integer not null,
    lease_until integer not null default 0,
    holder      text not null default '',
    progress    text not null default ''  -- JSON, as of its latest heartbeat
);
