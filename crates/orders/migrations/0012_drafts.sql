-- Of a checkout that staff put together: its draft, and what they counted up to when they last changed it. Releases before
-- this one leave both as they are.
alter table checkout add column draft_id text;
alter table checkout add column draft_version bigint;
-- The prices that they agreed on with its buyer.
alter table checkout add column draft_prices text;

create table draft (
    id           text   not null primary key,
    checkout_id  text   not null unique references checkout (id),
    reference    text   not null unique,
    digest       text   not null,
    made_by      text   not null,
    made_at_ms   bigint not null,
    shared_at_ms bigint,
    -- What its link ends with, while somebody may need it again; its digest tells afterwards what became of it.
    link_key     text,
    link_digest  text   unique
);
create index draft_by_time on draft (made_at_ms, id);
create index draft_with_link on draft (checkout_id) where link_key is not null;
