-- A product is one row: every reader wants all of it, so the rest of it is one JSON document.
create table product (
    id            text   not null primary key,
    handle        text   not null unique,
    status        text   not null,
    publish_at_ms bigint,
    due_at_ms     bigint,             -- when it will start to be shown; null: nothing is to come
    version       bigint not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    content_hash  text   not null,    -- of what the merchant said: the same again changes nothing
    document      text   not null
);
create index product_by_due on product (due_at_ms) where due_at_ms is not null;

-- Who has which variant and SKU; all else about a variant is in its product's document.
create table variant (
    id         text not null primary key,
    product_id text not null references product (id),
    sku        text unique            -- null: none
);

-- List prices over time: what was in force from when on; null: no longer sold in that currency.
create table price_change (
    variant_id text   not null,
    currency   text   not null,
    at_ms      bigint not null,
    minor      bigint,
    primary key (variant_id, currency, at_ms)
);

create table attribute_definition (
    name       text    not null primary key,
    label      text    not null,
    kind       text    not null,
    unit       text    not null,
    value_list text    not null,      -- JSON
    filterable boolean not null,
    searchable boolean not null
);

create table category (
    id          text   not null primary key,
    handle      text   not null unique,
    title       text   not null,
    description text   not null,
    parent_id   text   references category (id),
    position    bigint not null
);

create table collection (
    id          text    not null primary key,
    handle      text    not null unique,
    title       text    not null,
    description text    not null,
    conditions  text    not null,     -- JSON; none: by hand
    match_any   boolean not null
);

create table product_collection (
    collection_id text not null references collection (id),
    product_id    text not null references product (id),
    position      bigint,             -- among those put there by hand; null: by rule
    primary key (collection_id, product_id)
);
create index product_collection_by_product on product_collection (product_id);

-- Counts the changes of attributes, categories and collections. Whoever writes what was decided on them claims
-- the revision it was decided on, so that a decision on older ones cannot be written.
create table structure (
    name     text   not null primary key,
    revision bigint not null
);
insert into structure (name, revision) values ('catalog', 1);

-- How far the pass over all products has come that brings memberships by rule up to date. No row: none is needed.
create table collection_pass (
    name     text not null primary key,
    after_id text not null
);
