-- Voices on one channel are told apart, also where it is not known whose they are.

alter table app.utterances add column voice integer not null default 1 check (voice > 0);
update app.utterances set voice = channel + 1;
alter table app.utterances alter column voice drop default;
