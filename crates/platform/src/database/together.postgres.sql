-- Ends a statement that found too little to do, so that nothing of it lasts; see `database/together.rs`.
create function enough(touched bigint, needed bigint) returns boolean
    language plpgsql volatile
as $$
begin
    if touched < needed then
        raise exception 'somebody was faster: nothing of this lasts' using errcode = 'AG001';
    end if;
    return true;
end
$$;
