-- The books of the pretended provider: what a real one would keep on its side.
create table charge (
    key      text   not null primary key,
    state    text   not null,
    currency text   not null,
    amount   bigint not null,
    captured bigint not null default 0,
    refunded bigint not null default 0
);
create table charge_step (
    key    text   not null primary key,
    charge text   not null,
    kind   text   not null,
    amount bigint not null
);
