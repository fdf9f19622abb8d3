-- Payments that their buyers dispute at the bank. What happened to one, and what money moved, is in `payment_event`, by the
-- provider's own names.
create table dispute (
    id                 text   not null primary key,
    intent_id          text   not null references intent (id),
    provider           text   not null,
    provider_reference text   not null,
    state              text   not null,
    reason             text   not null,
    currency           text   not null,
    amount             bigint not null,
    evidence_due_at_ms bigint not null,
    submitted_at_ms    bigint not null default 0,
    opened_at_ms       bigint not null,
    version            bigint not null default 1
);
create unique index dispute_once on dispute (provider, provider_reference);
create index dispute_by_intent on dispute (intent_id);

-- One piece a kind; it may be replaced until it is submitted. `content` is the text, or the file in base 64; empty once the
-- bank has decided.
create table dispute_evidence (
    dispute_id   text   not null references dispute (id),
    kind         text   not null,
    file_name    text   not null,
    content_type text   not null,
    content      text   not null,
    size         bigint not null,
    time_ms      bigint not null,
    primary key (dispute_id, kind)
);
