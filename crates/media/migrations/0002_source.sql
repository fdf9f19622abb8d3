create table media_source (
    source_url    text   not null primary key,
    media_id      text   not null references media (id),
    fetched_at_ms bigint not null
);
