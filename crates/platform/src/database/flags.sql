-- What operators said of feature flags; those that are not here are as the release has them.
create table flag (
    key     text   not null primary key,
    percent bigint not null check (percent between 0 and 100),
    markets text   not null -- ISO 3166-1, with commas between; empty: all
);
