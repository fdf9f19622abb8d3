create table checkout (
    id            text   not null primary key,
    cart_id       text   not null,
    -- The cart while the checkout is open, so that a cart has one open checkout at most.
    open_cart_id  text   unique,
    status        text   not null,
    version       bigint not null,
    expires_at_ms bigint not null,
    document      text   not null
);
create index checkout_by_end on checkout (status, expires_at_ms);

-- One row an attempt to complete a checkout: the saga's log. Its ids name every effect it has elsewhere, so each
-- step can be asked for again, by whoever holds the lease.
create table attempt (
    id             text   not null primary key,
    checkout_id    text   not null references checkout (id),
    state          text   not null,
    request_key    text   not null unique,
    request_digest text   not null,
    intent_id      text   not null unique,
    lease_until_ms bigint not null,
    document       text   not null,
    outcome        text
);
create index attempt_by_lease on attempt (state, lease_until_ms);
create index attempt_by_checkout on attempt (checkout_id);

create table orders (
    id             text   not null primary key,
    number         bigint not null unique,
    access_key     text   not null,
    checkout_id    text   not null unique,
    status         text   not null,
    payment_status text   not null,
    version        bigint not null,
    placed_at_ms   bigint not null,
    document       text   not null
);
create index orders_by_time on orders (placed_at_ms, id);

-- What happened to an order, append-only; one row a kind and reference.
create table order_event (
    position  {{identity}},
    order_id  text   not null references orders (id),
    kind      text   not null,
    reference text   not null,
    text      text   not null,
    time_ms   bigint not null
);
create unique index order_event_once on order_event (order_id, kind, reference);

create table counter (
    name  text   not null primary key,
    value bigint not null
);
insert into counter (name, value) values ('order_number', 1000);
