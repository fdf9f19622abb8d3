-- How often a file was taken that came with an order, and when the last that counted began.
create table order_download (
    order_id    text   not null references orders (id),
    file_id     text   not null,
    taken       bigint not null,
    taken_at_ms bigint not null,
    primary key (order_id, file_id)
);
