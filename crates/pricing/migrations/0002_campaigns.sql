-- Promotions that need no code. All of them are held in memory, so what they are is one JSON document.
create table campaign (
    name     text not null primary key,
    document text not null
);
