create table media (
    id            text   not null primary key,
    digest        text   not null unique,
    content_type  text   not null,
    width         bigint not null,
    height        bigint not null,
    size_bytes    bigint not null,
    created_at_ms bigint not null
);
