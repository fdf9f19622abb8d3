-- Numbers that people read: a row each, so that orders placed at once don't wait for each other as they would for a
-- counter. A purchase that fails in between leaves a gap. What orders show is 1000 more.
create table order_number (
    id {{identity}}
);
insert into order_number (id) select value - 1000 from counter where name = 'order_number' and value > 1000;
