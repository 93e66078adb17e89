-- Our own rows stay; they say that Dagster knows nothing of them any more.
update app.units set dagster_presence = 'forgotten' where id like 'scale-%%' and id > %(last_kept)s
