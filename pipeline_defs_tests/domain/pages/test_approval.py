"""When a page waits for approval, when its publication is due, and what an edit changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.approval import approval_state, publication_is_due
from pipeline_defs.domain.pages.decisions import Decision
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.edits import PageEdit, edited
from pipeline_defs.domain.pages.models import PAGE, PAGE_PUBLICATION, Page
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.publications import Published
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.domain.voice import Voice

ID = "page-20261126-k7m2qx9c"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
REQUEST = PageRequest.model_validate(
    {
        "page_type": "category",
        "target_url": "https://shop.example/tents",
        "keywords": ["light tents"],
        "metadata": {"category": "Tents", "monthly_searches": 1200},
        "options": {"publish": "draft"},
    }
)
DOCUMENT = PageDocument(
    language="en",
    title="Tents",
    description="",
    headline="Tents",
    canonical=None,
    body_html="",
    html="",
    json_ld={},
    meta=(),
    text="",
    words=0,
)


def page(version: str = "v1", status: str = "completed", publish: str = "draft") -> Page:
    """A page whose assets are up to date, with this version of its document."""
    request = edited(REQUEST, PageEdit.model_validate({"options": {"publish": publish}}))
    made = Page(id=ID, status=status, request=request, voice=Voice(), document=DOCUMENT)
    for asset in recipe.ASSETS:
        data_version = version if asset == PAGE else asset
        known = AssetVersion(data_version, "1", recipe.inputs_of(made, asset), {})
        made = replace(made, versions={**made.versions, (asset, ID): known})
    return made


def decided(of: Page, version: str = "v1", publish: Published | None = "draft") -> Page:
    """The page with a decision about a version of its document."""
    decision = Decision(
        version=version,
        decision="approved" if publish else "rejected",
        publish=publish,
        decided_by="somebody",
        decided_at=NOW,
    )
    return replace(of, decision=decision)


def published(of: Page, version: str = "v1", status: Published = "draft") -> Page:
    """The page with a version of its document out."""
    out = AssetVersion("post", "1", "", {PAGE: version})
    versions = {**of.versions, (PAGE_PUBLICATION, ID): out}
    return replace(of, versions=versions, published_as=status)


@pytest.mark.parametrize(
    ("made", "state", "due"),
    [
        (page(), "waiting", False),
        (page(publish="none"), "none", False),
        (page(status="failed"), "none", False),
        (replace(page(), document=None), "none", False),
        (decided(page()), "approved", True),
        (decided(page(publish="none")), "approved", True),
        (decided(page(status="failed")), "approved", True),
        (decided(page(), publish=None), "rejected", False),
        (decided(page("v2")), "waiting", False),  # made anew since
        (published(decided(page())), "approved", False),
        (published(decided(page(), publish="publish")), "approved", True),  # for everyone now
        (published(decided(page("v2"), "v2")), "approved", True),
        (published(decided(page("v2"), "v1")), "waiting", False),
    ],
)
def test_approval_belongs_to_a_version_of_the_document(made: Page, state: str, due: bool) -> None:
    assert (approval_state(made), publication_is_due(made)) == (state, due)
    work = recipe.next_work(made)
    assert (work is not None and work.assets == (PAGE_PUBLICATION,)) is due


def test_what_is_stale_is_made_before_anything_is_published() -> None:
    stale = replace(decided(page()), request=edited(REQUEST, PageEdit(keywords=["winter"])))
    work = recipe.next_work(stale)
    assert work is not None
    assert PAGE_PUBLICATION not in work.assets


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"keywords": []}, "keywords", []),
        ({"priority": "high"}, "priority", "HIGH"),
        ({"deadline": "2030-01-01T00:00"}, "deadline", datetime(2030, 1, 1, tzinfo=UTC)),
        ({"language": "DE"}, "language", "de"),
    ],
)
def test_an_edit_changes_what_it_names_and_nothing_else(
    change: dict[str, Any], field: str, value: Any
) -> None:
    after = edited(REQUEST, PageEdit.model_validate(change))
    assert getattr(after, field) == value
    assert after.model_copy(update={field: getattr(REQUEST, field)}) == REQUEST


def test_single_fields_of_metadata_and_options_are_changed_and_taken_out() -> None:
    change = {"metadata": {"topic": "Rain", "category": None}, "options": {"skip_quality": True}}
    after = edited(REQUEST, PageEdit.model_validate(change))
    about = after.metadata
    assert (about.topic, about.category, about.monthly_searches) == ("Rain", None, 1200)
    assert (after.options.skip_quality, after.options.publish) == (True, "draft")


@pytest.mark.parametrize("name", ["page_type", "target_url", "keywords", "language", "metadata"])
def test_what_a_page_cannot_be_without_is_not_taken_out(name: str) -> None:
    with pytest.raises(ValidationError):
        PageEdit.model_validate({name: None})


def test_a_description_of_edits_names_no_defaults() -> None:
    fields = PageEdit.model_json_schema()["properties"]
    assert set(fields) == set(PageRequest.model_fields)
    assert not any("default" in field for field in fields.values())
