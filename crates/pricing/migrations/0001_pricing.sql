-- Coupon promotions. `code` is in capitals: codes are compared without case. Amounts are JSON lists of
-- {"amount": minor units, "currency": ISO 4217}, at most one per currency.
create table promotion (
    code         text    not null primary key,
    id           text    not null unique,
    title        text    not null,
    kind         text    not null check (kind in ('percentage', 'fixed', 'free_shipping')),
    rate_ppm     bigint  not null,
    amounts      text    not null,
    minimums     text    not null,
    uses_max     bigint,
    uses         bigint  not null default 0,
    starts_at_ms bigint,
    ends_at_ms   bigint,
    active       boolean not null,
    check (uses >= 0 and (uses_max is null or uses <= uses_max))
);

-- Who took uses, so that they are taken and given back once. A released id stays, and bars its return.
create table redemption (
    id      text   not null primary key,
    state   text   not null check (state in ('taken', 'released')),
    time_ms bigint not null
);

create table redemption_use (
    redemption_id text not null references redemption (id),
    code          text not null references promotion (code),
    primary key (redemption_id, code)
);

create table tax_zone (
    country  text    not null,
    region   text    not null,
    name     text    not null,
    included boolean not null,
    position bigint  not null,
    primary key (country, region)
);

create table tax_rate (
    country   text   not null,
    region    text   not null,
    tax_class text   not null,
    rate_ppm  bigint not null check (rate_ppm between 0 and 1000000),
    label     text   not null,
    position  bigint not null,
    primary key (country, region, tax_class),
    foreign key (country, region) references tax_zone (country, region)
);

-- `countries` is a JSON list of codes.
create table shipping_zone (
    position  bigint  not null primary key,
    name      text    not null,
    countries text    not null,
    elsewhere boolean not null
);

-- Either `flat` (amounts) or `weight_steps` (JSON list of {"up_to_g", "price": amounts}) is set.
create table shipping_rate (
    id            text   not null primary key,
    zone_position bigint not null references shipping_zone (position),
    position      bigint not null,
    title         text   not null,
    carrier       text   not null,
    flat          text,
    weight_steps  text,
    free_over     text   not null,
    days_min      bigint not null,
    days_max      bigint not null,
    check ((flat is null) <> (weight_steps is null))
);

-- Counts the changes of tax and shipping zones, so that a process never goes back to older ones. No row: the
-- database is new and holds no zones yet.
create table rules (
    name    text   not null primary key,
    version bigint not null
);
