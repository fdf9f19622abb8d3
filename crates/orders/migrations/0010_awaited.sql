-- Units that were sold before they were there, with the day that their buyer was last told; `seen_version` is what of
-- `awaited_variant` that is up to.
create table order_awaited (
    order_id     text    not null references orders (id),
    line_id      text    not null,
    variant_id   text    not null,
    quantity     bigint  not null,
    expected_on  text    not null,
    preorder     boolean not null,
    seen_version bigint  not null default 0,
    primary key (order_id, line_id)
);
create index order_awaited_by_variant on order_awaited (variant_id, order_id);

-- What inventory last told of variants. `pending`: orders that wait for it may not know; `touched` counts orders that came.
create table awaited_variant (
    variant_id  text    not null primary key,
    expected_on text    not null,
    preorder    boolean not null,
    arrived     boolean not null,
    version     bigint  not null,
    pending     boolean not null,
    touched     bigint  not null default 0
);
create index awaited_variant_pending on awaited_variant (variant_id) where pending;
