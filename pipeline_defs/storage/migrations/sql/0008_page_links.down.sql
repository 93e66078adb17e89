alter table app.pages drop column site, drop column language, drop column created_at;
