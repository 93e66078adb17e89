drop policy system_access on app.pages;
revoke select on app.pages from pipeline_system;
