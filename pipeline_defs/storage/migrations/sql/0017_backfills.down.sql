drop table app.backfills;
