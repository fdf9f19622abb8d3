-- Price lists, each a document, and how each was since when: what reductions are told with.
create table price_list (
    name     text not null primary key,
    document text not null
);
create table price_list_change (
    price_list text   not null references price_list (name),
    at_ms      bigint not null,
    document   text   not null,
    primary key (price_list, at_ms)
);

-- What one of so many pieces of a variant costs in a list, in minor units.
create table list_price (
    variant_id text   not null,
    price_list text   not null references price_list (name),
    currency   text   not null,
    pieces_min bigint not null check (pieces_min >= 1),
    minor      bigint not null check (minor >= 0),
    primary key (variant_id, price_list, currency, pieces_min)
);
create index list_price_of_list on list_price (price_list, variant_id, currency, pieces_min);

-- Prices for one piece over time; null: from then on there was none.
create table list_price_change (
    variant_id text   not null,
    price_list text   not null references price_list (name),
    currency   text   not null,
    at_ms      bigint not null,
    minor      bigint,
    primary key (variant_id, price_list, currency, at_ms)
);
