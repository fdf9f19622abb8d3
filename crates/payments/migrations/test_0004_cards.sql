-- Cards that the pretended provider keeps for its customers, by what they do, and how the keeping of one stands.
create table card (
    key         text   not null primary key,
    customer    text   not null,
    token       text   not null,
    state       text   not null,
    expiry_year bigint not null
);
create index card_by_customer on card (customer);
