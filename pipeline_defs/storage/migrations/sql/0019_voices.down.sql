alter table app.utterances drop column voice;
