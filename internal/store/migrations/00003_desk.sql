-- +goose Up

-- What qualifying a lead makes, so that its undo can take it back; gone as in
-- account.
alter table contact add column created_import integer not null default 0;
alter table contact add column gone integer not null default 0;
alter table opportunity add column created_import integer not null default 0;
alter table opportunity add column gone integer not null default 0;

-- Follow-ups are few among many leads.
create index lead_follow_up on lead (follow_up_on) where follow_up_on <> '';

-- Folded beginnings of name and company, in whose order lists are paged. It
-- follows lead.seq behind the writes like lead_search.
create table lead_order (
    lead    integer primary key,
    name    text not null,
    company text not null
);
create index lead_order_name on lead_order (name, lead);
create index lead_order_company on lead_order (company, lead);

-- Pairs of leads that may be the same; lead is the newer one. It follows
-- lead.seq, too. separate: a person said that they are not.
create table lead_twin (
    lead     integer not null,
    other    integer not null,
    score    integer not null,
    separate integer not null default 0,
    primary key (lead, other)
) without rowid;
create index lead_twin_other on lead_twin (other);

-- The search index, and what follows with it, begins anew.
delete from counter where name in ('search_seq', 'search_lead');
