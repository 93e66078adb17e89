-- What a contact is known to say, word for word, where a call is a rehearsal: transcripts are then
-- measured against it.
alter table app.calls add column script text;
