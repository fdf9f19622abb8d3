-- The keys of what is kept of persons here; gone when they are forgotten.
create table person_key (
    person_id text not null primary key,
    seal_key  text not null
);

-- Who gets a message and what it says, sealed with the person's key. Earlier messages have it in plain columns.
alter table message add column person_id text;
alter table message add column letter text;
create index message_by_person on message (person_id);
