create table location (
    id       text    not null primary key,
    name     text    not null,
    priority bigint  not null,
    active   boolean not null
);

create table stock (
    variant_id   text    not null,
    location_id  text    not null references location (id),
    on_hand      bigint  not null,
    reserved     bigint  not null default 0,
    safety_stock bigint  not null default 0,
    backorder    boolean not null default false,
    tracked      boolean not null default true,
    primary key (variant_id, location_id),
    -- Behind every conditional statement: what is promised is there, unless it may be ordered later.
    constraint stock_reserved_not_negative check (reserved >= 0),
    constraint stock_never_oversold check (backorder or not tracked or on_hand >= reserved)
);

create table reservation (
    id            text   not null primary key,
    state         text   not null,
    expires_at_ms bigint not null
);
create index reservation_by_end on reservation (state, expires_at_ms);

create table reservation_line (
    reservation_id text   not null references reservation (id),
    variant_id     text   not null,
    location_id    text   not null,
    quantity       bigint not null,
    backordered    bigint not null,
    primary key (reservation_id, variant_id, location_id)
);

-- Every movement, written in the transaction of the movement and never changed.
create table movement (
    position       {{identity}},
    variant_id     text   not null,
    location_id    text   not null,
    kind           text   not null,
    on_hand_delta  bigint not null,
    reserved_delta bigint not null,
    reference      text   not null,
    reason         text   not null,
    time_ms        bigint not null
);
create index movement_by_variant on movement (variant_id, position);
create unique index movement_once on movement (reference, kind, variant_id, location_id);
