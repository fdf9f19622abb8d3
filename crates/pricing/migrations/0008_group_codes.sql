-- Codes that put a buyer into a group of customers. In capitals: they are compared without case.
create table group_code (
    code           text    not null primary key,
    customer_group text    not null,
    ends_at_ms     bigint,
    active         boolean not null
);
create index group_code_of_group on group_code (customer_group, code);
