"""The WordPress adapter against a server that keeps posts as WordPress does."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pipeline_defs.domain.errors import Permanent, PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.publishing.port import Publication, PublishRequest
from pipeline_defs.gateways.publishing.wordpress import ConfiguredPublishing
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.scripted_server import Answer, Request, ScriptedServer

PASSWORD = "abcd EFGH 1234 ijkl"
POSTS = "/blog/wp-json/wp/v2/posts"
REQUEST = PublishRequest(
    slug="how-tides-work",
    title="How tides work",
    html="<p>The moon.</p>",
    excerpt="The moon.",
    timeout=10.0,
    idempotency_key="unit-1",
)


@dataclass
class Site:
    """Posts by id; `lose` drops that many answers after the work is done."""

    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    lose: int = 0

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != expected_authorization():
            error = {"code": "incorrect_password", "message": "wrong", "data": {"status": 401}}
            return Answer(error, 401)
        if request.method == "GET" and request.path == POSTS:
            slug = request.query["slug"]
            assert request.query["status"] == "any"
            assert request.query["context"] == "edit"
            return Answer([post for post in self.posts.values() if post["slug"] == slug])
        return self._of_one_post(request)

    def _of_one_post(self, request: Request) -> Answer:
        post_id = int(request.path.removeprefix(POSTS).strip("/") or 0)
        if request.method == "GET":
            found = self.posts.get(post_id)
            return Answer(found) if found else Answer({"code": "rest_post_invalid_id"}, 404)
        if not post_id:
            post_id = 1 + max(self.posts, default=0)
            self.posts[post_id] = {"id": post_id, "link": f"https://blog.example.org/?p={post_id}"}
        self.posts[post_id].update(request.json)
        if self.lose:
            self.lose -= 1
            return Answer(lost=True)
        return Answer(self.posts[post_id], 201)


def expected_authorization() -> str:
    return "Basic " + b64encode(f"ann:{PASSWORD}".encode()).decode()


@pytest.fixture
def site(server: ScriptedServer) -> Site:
    site = Site()
    server.default = site.answer
    return site


@pytest.fixture
def publishing(
    server: ScriptedServer, settings_with: Callable[..., Settings], catalog: Catalog
) -> ConfiguredPublishing:
    settings = settings_with(
        wordpress_url=f"{server.url}/blog/", wordpress_user="ann", wordpress_app_password=PASSWORD
    )
    return ConfiguredPublishing(settings, catalog)


async def published(
    publishing: ConfiguredPublishing, request: PublishRequest = REQUEST
) -> Publication:
    async with publishing:
        return await publishing.publish(request)


async def test_a_new_post_is_a_draft_and_publishing_again_updates_it(
    site: Site, publishing: ConfiguredPublishing, server: ScriptedServer
) -> None:
    first = await published(publishing)
    assert (first.created, first.status, first.id) == (True, "draft", 1)
    second = await published(publishing, replace(REQUEST, title="Tides", meta={"line": "a"}))
    assert (second.created, second.id, second.link) == (False, 1, first.link)
    assert site.posts[1]["title"] == "Tides"
    assert site.posts[1]["meta"] == {"line": "a"}
    assert server.requests[1].headers["idempotency-key"] == "unit-1"


async def test_a_post_whose_answer_was_lost_is_found_again_and_not_made_twice(
    site: Site, publishing: ConfiguredPublishing
) -> None:
    site.lose = 1
    with pytest.raises(PipelineError, match="CONNECTION_LOST") as caught:
        await published(publishing)
    assert caught.value.retryable
    healed = await published(publishing)
    assert (healed.created, len(site.posts)) == (False, 1)


@pytest.mark.parametrize(
    ("current", "asked"),
    [("publish", "publish"), ("future", "publish"), ("draft", "publish"), ("pending", "draft")],
)
async def test_a_post_that_is_there_gets_the_status_that_is_asked_for(
    current: str, asked: Any, site: Site, publishing: ConfiguredPublishing
) -> None:
    site.posts[7] = {"id": 7, "slug": REQUEST.slug, "status": current, "link": ""}
    done = await published(publishing, replace(REQUEST, status=asked))
    assert (done.id, done.status) == (7, asked)


@pytest.mark.parametrize("current", ["publish", "future"])
async def test_a_draft_is_never_written_over_a_public_post(
    current: str, site: Site, publishing: ConfiguredPublishing
) -> None:
    post = {"id": 7, "slug": REQUEST.slug, "status": current, "link": "", "content": "seen"}
    site.posts[7] = dict(post)
    with pytest.raises(Permanent, match="PUBLIC_ALREADY"):
        await published(publishing)
    assert site.posts == {7: post}


async def test_of_several_posts_with_the_slug_the_public_one_is_updated(
    site: Site, publishing: ConfiguredPublishing
) -> None:
    for post_id, status in ((3, "draft"), (5, "publish"), (9, "publish")):
        site.posts[post_id] = {"id": post_id, "slug": REQUEST.slug, "status": status}
    assert (await published(publishing, replace(REQUEST, status="publish"))).id == 5


async def test_a_post_known_by_its_id_is_found_when_its_slug_was_changed(
    site: Site, publishing: ConfiguredPublishing
) -> None:
    site.posts[4] = {"id": 4, "slug": "renamed", "status": "draft"}
    assert (await published(publishing, replace(REQUEST, post_id=4))).id == 4
    gone = await published(publishing, replace(REQUEST, slug="another", post_id=99))
    assert gone.created


@pytest.mark.parametrize("slug", ["", "Upper", "a b", "a--b", "-a", "ä", "a/b", "a" * 201])
async def test_a_slug_that_the_site_would_change_is_refused_before_anything_is_sent(
    slug: str, publishing: ConfiguredPublishing, server: ScriptedServer
) -> None:
    with pytest.raises(Permanent, match="BAD_SLUG"):
        await published(publishing, replace(REQUEST, slug=slug))
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer({"code": "rest_cannot_create", "data": {"status": 403}}, 403), "UNAUTHORIZED"),
        (Answer({"code": "rest_invalid_param", "message": "status"}, 400), "BAD_REQUEST"),
        (Answer({"code": "rest_no_route", "message": "No route"}, 404), "NOT_FOUND"),
        (Answer(b"Error establishing a database connection", 500), "PROVIDER_ERROR"),
        (Answer(b"<html>maintenance</html>", 503), "OVERLOADED"),
        (Answer(b"<html>login</html>"), "INVALID_ANSWER"),
        (Answer({"code": "odd"}), "INVALID_ANSWER"),
        (Answer([{"id": "x"}]), "INVALID_ANSWER"),
        (Answer(b"", 301, {"location": "https://www.example.org"}), "REDIRECTED"),
    ],
)
async def test_what_wordpress_answers_is_classified(
    answer: Answer, code: str, publishing: ConfiguredPublishing, server: ScriptedServer
) -> None:
    server.script(answer)
    with pytest.raises(PipelineError) as caught:
        await published(publishing)
    assert caught.value.code == code
    assert PASSWORD not in f"{caught.value} {caught.value.advice}"


async def test_a_wrong_password_names_its_variable(
    site: Site,
    server: ScriptedServer,
    settings_with: Callable[..., Settings],
    catalog: Catalog,
) -> None:
    settings = settings_with(
        wordpress_url=f"{server.url}/blog", wordpress_user="ann", wordpress_app_password="wrong"
    )
    with pytest.raises(Permanent) as caught:
        await published(ConfiguredPublishing(settings, catalog))
    assert "WORDPRESS_APP_PASSWORD" in caught.value.advice
