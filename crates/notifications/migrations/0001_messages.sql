create table message (
    id            text   not null primary key,
    kind          text   not null,
    subject_id    text   not null,
    recipient     text   not null,
    subject       text   not null,
    html          text   not null,
    plain         text   not null,
    state         text   not null,
    tries         bigint not null default 0,
    error         text   not null default '',
    next_try_ms   bigint not null,
    created_at_ms bigint not null
);
create unique index message_once on message (kind, subject_id);
create index message_by_state on message (state, next_try_ms);
create index message_by_time on message (created_at_ms, id);
