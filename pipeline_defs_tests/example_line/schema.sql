-- The tables of the example line; a line of the product has them in a migration.
create table app.haikus (
    org_id text not null,
    id text not null,
    text text,
    primary key (org_id, id),
    foreign key (org_id, id) references app.units on delete cascade
);
create table app.haiku_verses (
    org_id text not null,
    haiku_id text not null,
    verse_order integer not null check (verse_order between 1 and 3),
    theme text not null,
    status text not null default 'pending',
    text text,
    primary key (org_id, haiku_id, verse_order),
    foreign key (org_id, haiku_id) references app.haikus on delete cascade
);
create trigger verse_transition before insert or update of status on app.haiku_verses
for each row execute function app.check_transition('haiku_verses');
call app.isolate('haikus');
call app.isolate('haiku_verses');
grant select, insert, update, delete on app.haikus, app.haiku_verses to pipeline_app;
