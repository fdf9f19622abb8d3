-- Files that come with variants, as parts that are named by their content.
create table file_part (
    digest        text   not null primary key,
    size_bytes    bigint not null,
    created_at_ms bigint not null
);
create table sold_file (
    id            text   not null primary key,
    variant_id    text   not null,
    name          text   not null,
    size_bytes    bigint not null,
    parts         text   not null,
    created_at_ms bigint not null,
    constraint sold_file_name unique (variant_id, name)
);
