-- +goose Up

-- Made by an import that was undone, and used by no lead.
alter table custom_field add column gone integer not null default 0;

-- Rejected records that another import brought in; they count unless that one
-- is undone.
create table import_home (
    import    integer not null,
    record    integer not null,
    by_import integer not null,
    outcome   text not null,
    code      text not null,
    lead      integer not null,
    message   text not null,
    primary key (import, record, by_import)
) without rowid;

-- Leads that link to a contact or an opportunity are few among many.
create index lead_contact on lead (id) where contact <> '';
create index lead_opportunities on lead (id) where opportunities <> '';
