-- +goose Up

-- Canonical text of each field, in the order of the registry (internal/lead).
-- '' is empty. Times are UTC milliseconds.
create table lead (
    id                  integer primary key,
    version             integer not null,
    seq                 integer not null,
    name                text not null default '',
    name_prefix         text not null default '',
    first_name          text not null default '',
    middle_name         text not null default '',
    last_name           text not null default '',
    name_suffix         text not null default '',
    job_title           text not null default '',
    status              text not null default '',
    company_name        text not null default '',
    website             text not null default '',
    number_of_employees text not null default '',
    notes               text not null default '',
    industry            text not null default '',
    contact             text not null default '',
    addresses           text not null default '',
    twitter             text not null default '',
    linked_in           text not null default '',
    owner               integer not null default 0,
    opportunities       text not null default '',
    emails              text not null default '',
    phones              text not null default '',
    account             integer not null default 0,
    source              text not null default '',
    tags                text not null default '',
    external_id         text not null default '',
    follow_up_on        text not null default '',
    do_not_email        text not null default '',
    do_not_call         text not null default '',
    source_created      text not null default '',
    custom              text not null default '',
    created_at          integer not null,
    updated_at          integer not null,
    created_by          integer not null,
    created_import      integer not null default 0,
    created_record      integer not null default 0,
    deleted_at          integer not null default 0,
    deleted_by          integer not null default 0
);
create index lead_bin on lead (deleted_at) where deleted_at <> 0;
create index lead_created_import on lead (created_import, created_record) where created_import <> 0;

-- Every key by which a lead is matched or searched: hash of norm.Key's text.
-- The kind is part of the hash, so that one narrow index serves all kinds.
create table lead_key (
    hash integer not null,
    lead integer not null,
    seq  integer not null,
    primary key (hash, lead)
) without rowid;

-- Custom fields marked as indexed, mirrored for search; key is folded.
create table lead_value (
    field integer not null,
    key   text not null,
    lead  integer not null,
    primary key (field, key, lead)
) without rowid;

-- The journal, and the lead's history: before and after of the changed fields
-- as JSON objects. A lead made by an import has no row for its making.
create table lead_change (
    id      integer primary key,
    lead    integer not null,
    version integer not null,
    seq     integer not null,
    at      integer not null,
    actor   integer not null,
    import  integer not null default 0,
    record  integer not null default 0,
    reverts integer not null default 0,
    before  text not null,
    after   text not null
);
create index lead_change_lead on lead_change (lead, id);
create index lead_change_import on lead_change (import, id) where import <> 0;

-- One row per writing transaction, so that a run sees in one look whether
-- anyone else wrote since its check. Rows go after 30 days; counter
-- commit_floor is the last sequence that is gone.
create table commit_log (
    seq    integer primary key,
    import integer not null,
    at     integer not null
);

-- Ids and sequences are allotted here, so that bulk writes know them
-- beforehand and no id is ever used twice.
create table counter (
    name  text primary key,
    value integer not null
) without rowid;

create table account (
    id             integer primary key,
    name           text not null,
    key            text not null unique,
    created_import integer not null default 0,
    gone           integer not null default 0  -- taken back with its import, until someone uses it again
);
create table contact (
    id         integer primary key,
    first_name text not null,
    last_name  text not null,
    key        text not null
);
create index contact_key on contact (key);
create table opportunity (
    id   integer primary key,
    name text not null,
    key  text not null
);
create index opportunity_key on opportunity (key);
create table tag (
    key            text primary key,
    name           text not null,
    created_import integer not null default 0,
    gone           integer not null default 0
) without rowid;
create table choice (
    field          text not null,
    id             text not null,
    label          text not null,
    position       integer not null,
    retired        integer not null default 0,
    created_import integer not null default 0,
    primary key (field, id)
) without rowid;
insert into choice (field, id, label, position) values
    ('status', 'new', 'New', 1),
    ('status', 'qualified', 'Qualified', 2),
    ('status', 'canceled', 'Disqualified', 3),
    ('source', 'demand_generation', 'Demand Generation', 1),
    ('source', 'website', 'Website', 2),
    ('source', 'direct_mail', 'Direct Mail', 3),
    ('source', 'affiliate', 'Affiliate', 4),
    ('source', 'email_marketing', 'Email Marketing', 5),
    ('source', 'outbound', 'Outbound', 6),
    ('source', 'partner', 'Partner', 7),
    ('source', 'trade_show', 'Trade Show', 8),
    ('source', 'referral', 'Referral', 9);
create table custom_field (
    id       integer primary key,
    label    text not null,
    kind     text not null,
    indexed  integer not null default 0,
    created_import integer not null default 0
);

create table team (
    id   integer primary key,
    name text not null unique
);
create table app_user (
    id       integer primary key,
    username text not null,
    key      text not null unique,  -- folded user name
    name     text not null default '',
    email    text not null default '',
    role     text not null,
    team     integer not null default 0,
    zone     text not null default '',
    password text not null default '',
    disabled integer not null default 0
);
create table setting (
    key   text primary key,
    value text not null
) without rowid;
create table recipe (
    name       text primary key,
    toml       text not null,
    owner      integer not null,
    updated_at integer not null
) without rowid;

create table import (
    id          integer primary key,
    kind        text not null,               -- file, undo
    parent      integer not null default 0,  -- undo: what it takes back
    state       text not null,
    file        text not null default '',    -- name as uploaded
    sha256      text not null default '',
    size        integer not null default 0,
    actor       integer not null,
    at          integer not null,
    started_at  integer not null default 0,
    finished_at integer not null default 0,
    recipe      text not null default '',    -- TOML, complete: what was asked and what was detected
    detection   text not null default '',    -- JSON of table.Detection
    plan        text not null default '',    -- JSON of importer.PlanInfo
    first_id    integer not null default 0,  -- first of the lead ids allotted to the run
    accounting  text not null default '{}',
    options     text not null default '{}',  -- JSON of importer.Options
    reason      text not null default '',    -- why paused or failed
    cancel      integer not null default 0,
    purged      integer not null default 0   -- leads of it that have left the bin for good
);
create index import_sha on import (sha256) where sha256 <> '';
create index import_parent on import (parent) where parent <> 0;

-- The truth about a run's progress: whoever holds the highest fence may write.
create table import_part (
    import      integer not null,
    part        integer not null,
    first       integer not null,  -- records or journal positions first … last
    last        integer not null,
    cursor      integer not null,  -- the next one to do
    fence       integer not null default 0,
    lease_until integer not null default 0,
    accounting  text not null default '{}',
    primary key (import, part)
) without rowid;

create table import_fix (
    import  integer not null,
    pos     integer not null,  -- byte offset of the record
    col     integer not null,
    old     text not null,
    new     text not null,
    primary key (import, pos, col)
) without rowid;

create table import_issue (
    import  integer not null,
    n       integer not null,
    issue   text not null,      -- JSON of importer.Issue, of the first record
    count   integer not null,
    records blob not null,      -- Roaring bitmap of record numbers
    primary key (import, n)
) without rowid;

-- Records whose final outcome differs from the plan.
create table import_result (
    import  integer not null,
    record  integer not null,
    outcome text not null,
    code    text not null,
    lead    integer not null,
    message text not null,
    primary key (import, record)
) without rowid;

create table audit (
    id     integer primary key,
    at     integer not null,
    actor  integer not null,
    action text not null,
    target integer not null,
    detail text not null,
    hash   text not null   -- SHA-256 over the previous row's hash and this row
);
create table outbox (
    id         integer primary key,
    at         integer not null,
    import     integer not null default 0,
    message    text not null,   -- JSON of notify.Message
    recipients text not null,
    subject    text not null,
    state      text not null,   -- waiting, sent, failed
    attempts   integer not null default 0,
    next_at    integer not null default 0,
    reason     text not null default ''
);
create index outbox_waiting on outbox (next_at) where state = 'waiting';
