"""The local WordPress: posts as its REST API makes them, and the page of a post."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_defs_tests.local.providers.client import POSTS, Providers

ARTICLE = {"title": "How bees dance", "content": "<p>They waggle.</p>", "slug": "how-bees-dance"}


async def create(providers: Providers, **more: Any) -> dict[str, Any]:
    response = await providers.wordpress("POST", body={**ARTICLE, **more})
    assert response.status_code == 201
    return response.json()


async def test_a_post_is_created_as_a_draft_and_found_by_its_slug(providers: Providers) -> None:
    made = await create(providers)
    assert (made["status"], made["slug"]) == ("draft", "how-bees-dance")
    query = {"slug": "how-bees-dance", "status": "any", "context": "edit"}
    found = (await providers.wordpress("GET", **query)).json()
    assert [post["id"] for post in found] == [made["id"]]
    assert found[0]["content"]["raw"] == "<p>They waggle.</p>"


async def test_a_draft_is_not_found_among_the_published(providers: Providers) -> None:
    await create(providers)
    assert (await providers.wordpress("GET", slug="how-bees-dance")).json() == []


async def test_an_update_changes_what_is_given(providers: Providers) -> None:
    made = await create(providers)
    path = f"/{made['id']}"
    changed = (await providers.wordpress("POST", path, {"status": "publish"})).json()
    assert changed["status"] == "publish"
    assert changed["title"]["raw"] == "How bees dance"
    assert (await providers.wordpress("GET", path)).json()["status"] == "publish"


async def test_fields_can_be_cut_to_those_wanted(providers: Providers) -> None:
    made = await create(providers)
    found = await providers.wordpress("GET", f"/{made['id']}", _fields="id,slug")
    assert found.json() == {"id": made["id"], "slug": "how-bees-dance"}


async def test_creating_twice_without_a_key_makes_two_posts_as_wordpress_does(
    providers: Providers,
) -> None:
    first = await create(providers, status="publish")
    second = await create(providers, status="publish")
    assert (first["slug"], second["slug"]) == ("how-bees-dance", "how-bees-dance-2")


async def test_scripts_are_cleaned_away_and_article_markup_stays(providers: Providers) -> None:
    content = (
        '<h2 id="one">One</h2><p onclick="x()">Text<sup><a href="#s1" id="r1">1</a></sup></p>'
        '<script>alert(1)</script><iframe src="//x"></iframe><a href="javascript:x">y</a>'
    )
    made = await create(providers, content=content)
    assert made["content"]["rendered"] == (
        '<h2 id="one">One</h2><p>Text<sup><a href="#s1" id="r1">1</a></sup></p><a>y</a>'
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": "x", "status": "online"}, "rest_invalid_param"),
        ({"status": "draft"}, "empty_content"),
    ],
)
async def test_errors_come_in_wordpress_shape(
    body: dict[str, str], code: str, providers: Providers
) -> None:
    response = await providers.wordpress("POST", body=body)
    error = response.json()
    assert (response.status_code, error["code"], error["data"]["status"]) == (400, code, 400)


async def test_an_unknown_post_is_404(providers: Providers) -> None:
    response = await providers.wordpress("GET", "/99")
    assert (response.status_code, response.json()["code"]) == (404, "rest_post_invalid_id")


async def test_a_post_can_be_trashed_and_its_slug_is_free_again(providers: Providers) -> None:
    made = await create(providers)
    trashed = await providers.wordpress("DELETE", f"/{made['id']}")
    assert trashed.json()["status"] == "trash"
    found = await providers.wordpress("GET", slug="how-bees-dance", status="any")
    assert found.json() == []


async def test_a_bearer_key_is_no_application_password(providers: Providers) -> None:
    response = await providers.post(POSTS, ARTICLE)
    assert (response.status_code, response.json()["code"]) == (401, "incorrect_password")


async def test_the_page_of_a_draft_carries_a_banner_and_no_script(providers: Providers) -> None:
    made = await create(providers, title="Bees & <em>dances</em>")
    page = await providers.http.get(made["link"])
    assert "this post is not public" in page.text
    assert "Bees &amp; <em>dances</em>" in page.text
    assert "<script" not in page.text
    await providers.wordpress("POST", f"/{made['id']}", {"status": "publish"})
    assert "not public" not in (await providers.http.get(made["link"])).text
    assert "Bees &amp; dances" in (await providers.http.get("/wordpress/")).text
