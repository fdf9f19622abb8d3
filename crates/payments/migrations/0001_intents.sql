-- One row a payment. Amounts only ever move by conditional statements; `payment_event` says why.
create table intent (
    id                 text   not null primary key,
    provider           text   not null,
    method             text   not null,
    reference          text   not null,
    state              text   not null,
    currency           text   not null,
    amount             bigint not null,
    captured           bigint not null default 0,
    refunded           bigint not null default 0,
    provider_reference text   not null default '',
    action_url         text   not null default '',
    failure_reason     text   not null default '',
    failure_text       text   not null default '',
    instructions       text   not null default '',
    version            bigint not null default 1,
    created_at_ms      bigint not null,
    constraint intent_never_overcaptured check (captured >= 0 and captured <= amount),
    constraint intent_never_overrefunded check (refunded >= 0 and refunded <= captured)
);
create index intent_by_reference on intent (reference);

-- What was asked of the provider and what it answered; append-only. One effect per kind and reference, so a
-- message that comes twice, or before its own answer, is harmless.
create table payment_event (
    position  {{identity}},
    intent_id text   not null references intent (id),
    kind      text   not null,
    reference text   not null,
    amount    bigint not null,
    time_ms   bigint not null
);
create unique index payment_event_once on payment_event (intent_id, kind, reference);
