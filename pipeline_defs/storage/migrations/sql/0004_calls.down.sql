drop table app.claims, app.utterances, app.call_attempts, app.calls, app.checklist_questions,
    app.verdicts, app.hypotheses, app.campaigns;
