-- Who bought, by e-mail address, and the key of what is kept of them elsewhere. A person who is forgotten has neither:
-- what was sealed with the key opens no more, and their orders name a person whom nobody knows.
create table person (
    id              text   not null primary key,
    email           text   unique,
    seal_key        text,
    forgotten_at_ms bigint
);

-- Where to write and to deliver: plain while the buyer may change it, and gone when the checkout is over.
alter table checkout add column email text;
alter table checkout add column contact text;
create index checkout_by_email on checkout (email);

-- The same as it was when the buyer agreed: sealed with the person's key.
alter table attempt add column person_id text references person (id);
alter table attempt add column contact text;
create index attempt_by_person on attempt (person_id);
alter table orders add column person_id text references person (id);
alter table orders add column contact text;
create index orders_by_person on orders (person_id);
