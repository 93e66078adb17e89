drop function app.lectures_to_check(integer, integer);
drop table app.lecture_assets, app.lecture_segments, app.lectures;
