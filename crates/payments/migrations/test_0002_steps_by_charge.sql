-- How a charge stands is told with all its steps.
create index charge_step_by_charge on charge_step (charge);
