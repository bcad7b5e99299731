-- +goose Up

-- A large file is run in several parts side by side, and then in one of what
-- had to wait for all of them.
alter table import_part add column later integer not null default 0;
-- The sequence at which a part writes while others do, until it has committed:
-- the lowest of them is how far sequences follow the order of commits. 0: none.
alter table import_part add column seq integer not null default 0;
create index import_part_seq on import_part (seq) where seq > 0;
