-- A fact's position is its transaction's number and its place therein: transactions end in another order than they
-- begin, so a counter would let a reader pass over what is told later. `shift` keeps positions growing after the
-- database was restored into a cluster that counts anew.
create table fact_clock (
    name  text   not null primary key,
    shift bigint not null
);
insert into fact_clock (name, shift) values ('transactions', 0);

create function fact_position(place bigint) returns bigint
    language sql volatile
    return ((pg_current_xact_id()::text::bigint + (select shift from fact_clock)) << 20) + place;

-- All facts before it are there, and none will come to be before it. `stable`: of the very moment of the statement that
-- asks, else it could pass over what was committed in between.
create function fact_horizon() returns bigint
    language sql stable
    return ((pg_snapshot_xmin(pg_current_snapshot())::text::bigint + (select shift from fact_clock)) << 20);

-- The newest migration that took something away: an earlier release cannot work with these tables.
create table schema_floor (
    name    text   not null primary key,
    version bigint not null
);
insert into schema_floor (name, version) values ('contracted', 0);
