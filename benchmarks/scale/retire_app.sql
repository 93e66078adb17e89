-- What `housekeeping` does night by night with units that are finished for long, at once.
update app.units set dagster_presence = 'left'
where id like 'page-20260101-%' and id > current_setting('scale.last_kept');
