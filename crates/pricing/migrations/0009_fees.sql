-- What is charged beside goods and shipping, each a document; replaced as a whole.
create table fee (
    position bigint not null primary key,
    name     text   not null unique,
    document text   not null
);
