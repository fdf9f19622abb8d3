-- Disputes of orders' payments, as `payments` told them. What is told is written with the fact; the ledger follows after it,
-- under the order's lock: until then `posted_version` is behind.
create table order_dispute (
    dispute_id         text   not null primary key,
    order_id           text   not null references orders (id),
    state              text   not null,
    reason             text   not null,
    amount             bigint not null,
    evidence_due_at_ms bigint not null,
    moves              text   not null,
    version            bigint not null,
    posted_version     bigint not null default 0,
    time_ms            bigint not null
);
create index order_dispute_by_order on order_dispute (order_id);
create index order_dispute_to_post on order_dispute (dispute_id) where posted_version < version;

-- The part of the ledger that is about disputes: beside `order_posting`, because the release before knows no such accounts.
create table order_dispute_posting (
    position  {{identity}},
    order_id  text   not null references orders (id),
    reference text   not null,
    account   text   not null,
    amount    bigint not null,
    time_ms   bigint not null
);
create unique index order_dispute_posting_once on order_dispute_posting (order_id, reference, account);
