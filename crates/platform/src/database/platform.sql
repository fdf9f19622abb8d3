-- Facts of this service, in the order they happened. Written in the transaction of the change they tell.
create table outbox (
    position {{position}},
    id       text    not null unique,
    kind     text    not null,
    subject  text    not null,
    sequence bigint  not null,
    time_ms  bigint  not null,
    data     text    not null
);

-- How far each consumer of this service has read each source.
create table subscription (
    consumer text   not null,
    source   text   not null,
    position bigint not null,
    primary key (consumer, source)
);

-- Facts whose effect is done: a redelivery changes nothing.
create table inbox (
    consumer text   not null,
    event_id text   not null,
    time_ms  bigint not null,
    primary key (consumer, event_id)
);
create index inbox_by_time on inbox (time_ms);

-- Facts that a consumer could not apply after several tries. Kept until somebody looks.
create table dead_letter (
    consumer text   not null,
    event_id text   not null,
    source   text   not null,
    fact     text   not null,
    error    text   not null,
    tries    bigint not null,
    time_ms  bigint not null,
    primary key (consumer, event_id)
);

-- Who does a periodic job, until when.
create table lease (
    name     text   not null primary key,
    holder   text   not null,
    until_ms bigint not null,
    due_ms   bigint not null
);

-- Versioned documents with an end of life.
create table document (
    key           text   not null primary key,
    version       bigint not null,
    body          text   not null,
    expires_at_ms bigint not null
);
create index document_by_end on document (expires_at_ms);
