-- +goose Up

-- PostgreSQL enters each new version of a lead into every index whose condition
-- it meets, and dates shared by many leads are dear: half of what putting a lead
-- into the bin cost it.
-- only postgres
drop index lead_follow_up;
create index lead_follow_up on lead (follow_up_on) where follow_up_on <> '' and deleted_at = 0;
-- both
