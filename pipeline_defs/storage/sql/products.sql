-- name: put
insert into app.products (
    org_id, sku, product, brand, categories, url, words, position, version)
select app.current_org(), n.sku, n.product, lower(n.product ->> 'brand'),
       array(select lower(c) from jsonb_array_elements_text(n.product -> 'category') c),
       n.product ->> 'url',
       to_tsvector('english', (n.product ->> 'name') || ' ' || (n.product ->> 'brand') || ' '
           || coalesce((select string_agg(c, ' ')
                        from jsonb_array_elements_text(n.product -> 'category') c), '')),
       n.position, n.version
from unnest(%(skus)s::text[], %(products)s::jsonb[], %(positions)s::integer[], %(versions)s::text[])
    as n (sku, product, position, version)
on conflict (org_id, sku) do update
set product = excluded.product, brand = excluded.brand, categories = excluded.categories,
    url = excluded.url, words = excluded.words, position = excluded.position,
    version = excluded.version, imported_at = now()

-- name: remove_others
-- What a feed that replaces the one before does not name any more.
delete from app.products where not (sku = any(%(skus)s))

-- name: of_page
-- The products a page is about: those it names, else those of its category or brand, else the one
-- whose address it is, else those its keywords fit.
with named as (
    select product, imported_at, array_position(%(skus)s::text[], sku) as rank from app.products
    where sku = any(%(skus)s::text[])),
of_group as (
    select product, imported_at, position as rank from app.products
    where (%(category)s::text is not null or %(brand)s::text is not null)
      and (%(category)s::text is null or categories @> array[lower(%(category)s::text)])
      and (%(brand)s::text is null or brand = lower(%(brand)s::text))),
of_address as (
    select product, imported_at, 0 as rank from app.products where url = %(url)s),
of_words as (
    select product, imported_at, 1000000 - (1000000 * ts_rank(words, query))::integer as rank
    from app.products, (
        select string_agg(plainto_tsquery('english', w)::text, ' | ')::tsquery as query
        from unnest(%(keywords)s::text[]) w where plainto_tsquery('english', w)::text <> '') q
    where words @@ query)
select product, imported_at from (
    select *, 1 as way from named
    union all select *, 2 from of_group where %(skus)s::text[] = '{}'
    union all select *, 3 from of_address where %(open)s
    union all select *, 4 from of_words
        where %(open)s and not exists (select 1 from of_address)) found
order by way, rank limit %(most)s

-- name: known
-- Which of these SKUs there are.
select sku from app.products where sku = any(%(skus)s)

-- name: list
select sku, product, imported_at from app.products
where sku > %(after)s order by sku limit %(most)s

-- name: count
select count(*) as products, max(imported_at) as imported_at from app.products

-- name: put_figures
insert into app.keyword_figures (org_id, language, keyword, figures)
select app.current_org(), %(language)s, n.keyword, n.figures
from unnest(%(keywords)s::text[], %(figures)s::jsonb[]) as n (keyword, figures)
on conflict (org_id, language, keyword) do update
set figures = excluded.figures, imported_at = now()

-- name: figures
select figures from app.keyword_figures
where language = %(language)s and keyword = any(%(keywords)s)
order by array_position(%(keywords)s::text[], keyword)

-- name: count_figures
select count(*) as keywords from app.keyword_figures
