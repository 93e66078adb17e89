-- One operator: an organization, all of whose keys see what concerns everybody.

drop function app.key_operates(text);
alter table app.api_keys drop column operates;
