-- +goose Up

-- Keys of many leads made at once lie in runs of blocks, sorted by hash, instead
-- of a row each (docs/decisions/key-blocks.md). A row of lead_key overrides the
-- same key in a block; with seq 0 the key is gone.
create table lead_key_run (
    id    integer primary key,
    mid   integer not null,            -- a hash is in block mid + (hash >> shift)
    shift integer not null,
    low   integer not null,            -- the run has the hashes from low to high
    high  integer not null,
    keys  integer not null,
    merge integer not null default 0   -- the run that takes its keys over
);
create table lead_key_block (
    id    integer primary key,
    block blob not null
);
create index lead_key_gone on lead_key (hash, lead) where seq = 0;
