-- What is due of an order after the sale, paid by its buyer: the saga's log of each such payment, whose id is the payment's.
create table order_balance (
    id             text   not null primary key,
    order_id       text   not null references orders (id),
    reference      text   not null,
    digest         text   not null,
    state          text   not null,
    amount         bigint not null,
    document       text   not null,
    lease_until_ms bigint not null,
    time_ms        bigint not null
);
create unique index order_balance_once on order_balance (order_id, reference);
-- One at a time: what is due is asked for once.
create unique index order_balance_alone on order_balance (order_id) where state not in ('paid', 'failed');
create index order_balance_by_lease on order_balance (lease_until_ms) where state not in ('paid', 'failed');
create index order_balance_by_order on order_balance (order_id, id);

-- Of which payment it is; null: told by a release that did not keep it.
alter table order_dispute add column intent_id text;
