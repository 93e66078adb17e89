drop function app.organization_of, app.pages_to_rank, app.take_page_turns, app.admit_pages, app.page_order;
drop trigger job_follows on app.units;
delete from app.units where kind = 'pages';
drop table app.workers, app.page_signatures, app.page_queues, app.generation_queue, app.page_stages,
    app.pages, app.generation_batches, app.keyword_figures, app.products;
drop function app.count_batches, app.job_of_page;
