-- Disputes that the pretended provider tells of, as its drills made them.
create table dispute (
    key       text   not null primary key,
    charge    text   not null,
    state     text   not null,
    amount    bigint not null,
    currency  text   not null,
    withdrawn bigint not null default 0,
    returned  bigint not null default 0,
    fee       bigint not null default 0,
    submitted bigint not null default 0
);
