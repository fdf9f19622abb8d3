-- What becomes of an order. It is opened, once, by the first change after it was placed: lines and ledger are written
-- then, from its document. So a purchase costs no more statements, and orders of before need no migration.
alter table orders add column opened_at_ms bigint;
alter table orders add column hold_reason text;
alter table orders add column tags text;

-- Notes may tell of the buyer: sealed with the person's key, while `text` is empty.
alter table order_event add column sealed text;

-- A change takes effect once under its reference.
create table order_operation (
    order_id  text not null references orders (id),
    reference text not null,
    kind      text not null,
    digest    text not null,
    primary key (order_id, reference)
);

-- Units of a line: as sold, still wanted, sent, on their way back, back, and taken out of what the order costs.
create table order_line (
    order_id   text   not null references orders (id),
    line_id    text   not null,
    position   bigint not null,
    ordered    bigint not null,
    current    bigint not null,
    fulfilled  bigint not null default 0,
    coming_back  bigint not null default 0,
    returned   bigint not null default 0,
    credited   bigint not null default 0,
    -- What was added after the sale, as it was quoted; null: it is in the order's document.
    document   text,
    primary key (order_id, line_id),
    check (current >= 0 and current <= ordered),
    check (fulfilled >= 0 and fulfilled <= current),
    check (coming_back >= 0 and returned >= 0 and coming_back + returned <= fulfilled),
    check (credited >= 0 and credited <= ordered)
);

-- The ledger, append-only: those of one reference add up to nothing. Minor units of the order's currency.
create table order_posting (
    position  {{identity}},
    order_id  text   not null references orders (id),
    reference text   not null,
    account   text   not null,
    amount    bigint not null,
    time_ms   bigint not null
);
create unique index order_posting_once on order_posting (order_id, reference, account);

-- What an order needs of other services, written with the change that needs it. Its id is the reference under which the
-- other service does it once, so it can be asked for again, by whoever holds the lease.
create table order_step (
    id             text   not null primary key,
    order_id       text   not null references orders (id),
    kind           text   not null,
    state          text   not null,
    amount         bigint not null,
    line_id        text   not null,
    variant_id     text   not null,
    location_id    text   not null,
    reason         text   not null,
    failure        text   not null,
    lease_until_ms bigint not null,
    time_ms        bigint not null
);
create index order_step_by_lease on order_step (state, lease_until_ms);
create index order_step_by_order on order_step (order_id);

create table order_fulfilment (
    id              text   not null primary key,
    order_id        text   not null references orders (id),
    carrier         text   not null,
    tracking_number text   not null,
    tracking_url    text   not null,
    lines           text   not null,
    time_ms         bigint not null
);
create index order_fulfilment_by_order on order_fulfilment (order_id);

-- What buyer and staff wrote is sealed with the person's key.
create table order_return (
    id         text   not null primary key,
    order_id   text   not null references orders (id),
    state      text   not null,
    reference  text   not null,
    resolution text   not null,
    lines      text   not null,
    words      text,
    time_ms    bigint not null
);
create index order_return_by_order on order_return (order_id);

-- The last number of each series of invoices and credit notes. Who issues one locks the row until it is issued, so that
-- numbers have no gaps.
create table paper_series (
    name text   not null primary key,
    last bigint not null
);

-- Invoices and credit notes as they were issued; never changed. Whom they are for is sealed with the person's key.
create table paper (
    series    text   not null references paper_series (name),
    place     bigint not null,
    number    text   not null unique,
    order_id  text   not null references orders (id),
    kind      text   not null,
    total     bigint not null,
    document  text   not null,
    addressee text,
    time_ms   bigint not null,
    primary key (series, place)
);
create index paper_by_order on paper (order_id);

-- Changes that are proposed with what they cost, and then applied or dropped. A new address is sealed.
create table order_edit (
    id         text   not null primary key,
    order_id   text   not null references orders (id),
    state      text   not null,
    difference bigint not null,
    document   text   not null,
    address    text,
    time_ms    bigint not null
);
create index order_edit_by_order on order_edit (order_id);
