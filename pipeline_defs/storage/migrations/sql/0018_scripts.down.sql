alter table app.calls drop column script;
