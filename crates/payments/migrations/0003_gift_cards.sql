-- Gift cards and store credit. `balance` is what is on a card, `held` what of it payments hold; both only ever move by
-- conditional statements, with a row of the ledger in the same transaction. The code itself is not kept: the id is made
-- from it.
create table gift_card (
    id            text   not null primary key,
    hint          text   not null,
    currency      text   not null,
    issued        bigint not null,
    balance       bigint not null,
    held          bigint not null default 0,
    expires_at_ms bigint not null default 0,
    note          text   not null default '',
    created_at_ms bigint not null,
    constraint gift_card_never_overdrawn check (held >= 0 and held <= balance)
);
-- What payments hold of cards; a payment that was let go before it held anything has a row without a card.
create table gift_card_hold (
    intent_id text   not null primary key,
    card_id   text   not null,
    state     text   not null,
    amount    bigint not null,
    taken     bigint not null default 0,
    returned  bigint not null default 0,
    constraint gift_card_hold_never_overtaken check (taken >= 0 and taken <= amount),
    constraint gift_card_hold_never_overreturned check (returned >= 0 and returned <= taken)
);
-- The ledger of every card; append-only.
create table gift_card_entry (
    position  {{identity}},
    card_id   text   not null,
    kind      text   not null,
    reference text   not null,
    amount    bigint not null,
    time_ms   bigint not null
);
create unique index gift_card_entry_once on gift_card_entry (card_id, kind, reference);
