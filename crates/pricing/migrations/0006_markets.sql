-- Countries that are sold to alike, each a document; replaced as a whole.
create table market (
    position bigint not null primary key,
    name     text   not null unique,
    document text   not null
);
