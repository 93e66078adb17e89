drop table app.article_publications, app.article_editions, app.article_sections, app.articles;
