"""What the Dagster UI shows at once of a result of each line: pictures, texts and tables."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from pipeline_defs.defs.articles import previews as of_articles
from pipeline_defs.defs.calls import previews as of_calls
from pipeline_defs.defs.lectures import previews as of_lectures
from pipeline_defs.defs.pages import previews as of_pages
from pipeline_defs.domain.articles.drafts import OutlineDraft, SectionPlan
from pipeline_defs.domain.articles.rendering import Edition
from pipeline_defs.runtime.metadata import as_metadata
from pipeline_defs_tests import small_media
from pipeline_defs_tests.domain.calls.samples import call, campaign, claim
from pipeline_defs_tests.domain.pages.test_approval import DOCUMENT, page

AT_ONCE = 1000  # characters of Markdown that Dagster shows without a click
PICTURE = re.compile(r"!\[[^\]]*\]\(data:image/(webp|jpeg);base64,[A-Za-z0-9+/=]+\)")
DRAWN = small_media.picture("Bees", 1, small_media.SIZE)
SEGMENTS = [SimpleNamespace(order=n, heading=f"Part {n}", key=f"l/{n:03d}") for n in (1, 2)]


class Making:
    """A lecture whose pictures are all the same one."""

    lecture = SimpleNamespace(title="Bees", topic="bees", segments=SEGMENTS)
    thumbnails: dict[str, bytes] = {}

    def result(self, asset: str, partition: str) -> dict[str, Any]:
        return {"blob": {"sha256": "a"}}

    async def read(self, asset: str, partition: str, blob: dict[str, Any]) -> bytes:
        return DRAWN


def markdown(told: Any) -> str:
    assert isinstance(told, dg.MarkdownMetadataValue)
    return told.md_str


def rows(told: Any) -> list[dict[str, Any]]:
    assert isinstance(told, dg.TableMetadataValue)
    return [dict(record.data) for record in told.records]


def test_an_article_is_shown_as_it_reads_and_its_outline_as_a_table() -> None:
    plan = SectionPlan(title="Light", focus="How it is caught")
    shown = as_metadata(of_articles.outline(OutlineDraft(title="Leaves", sections=(plan,)), "m"))
    expected = {"section": 1, "title": "Light", "focus": "How it is caught"}
    assert rows(shown["outline"]) == [expected]
    text = "# Leaves\n\nLeaves are green."
    shown = as_metadata(of_articles.article(Edition("Leaves", text, "", (), 4), 1))
    assert (markdown(shown["article"]), shown["begins"]) == (text, "Leaves are green.")


async def test_an_image_is_shown_tiny_at_once_and_larger_behind_it() -> None:
    images = [{"blob": {"sha256": "a"}, "kind": "drawn", "served_by": "m", "prompt": "A bee"}]
    result = {"images": images * 2, "fallback": None, "refusal": None}
    shown = as_metadata(await of_lectures.image(Making(), SEGMENTS[0], result))  # pyright: ignore
    tiny, larger = markdown(shown["image"]), markdown(shown["larger"])
    assert PICTURE.fullmatch(tiny)
    assert len(tiny) < AT_ONCE
    assert len(PICTURE.findall(larger)) == 2


async def test_a_film_is_shown_as_a_strip_a_contact_sheet_and_its_chapters() -> None:
    result = {
        "seconds": 20.0, "loudness": -16.0, "true_peak": -1.5, "drift": 0.0,
        "still_segments": [], "blob": {"size": 1_500_000}, "marks": [[0.0, "Part 1"]],
    }  # fmt: skip
    making: Any = Making()
    pictures = await of_lectures.film_pictures(making)
    shown = as_metadata(of_lectures.film(making, result, pictures))
    strip = markdown(shown["pictures"])
    assert PICTURE.fullmatch(strip)
    assert len(strip) < AT_ONCE
    assert PICTURE.fullmatch(markdown(shown["contact_sheet"]))
    assert rows(shown["chapters"]) == [{"start": 0.0, "title": "Part 1"}]


def test_a_page_is_shown_as_it_reads_with_its_structured_data() -> None:
    changes = {"text": "Tents for two.", "json_ld": {"@type": "CollectionPage"}}
    document = DOCUMENT.model_copy(update=changes)
    shown = as_metadata(of_pages.page(page(), document, None, None))
    assert markdown(shown["text"]) == "Tents for two."
    assert '"@type": "CollectionPage"' in markdown(shown["json_ld"])


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_call_tells_how_it_went_without_the_number_that_was_called(status: str) -> None:
    one = replace(call(), status=status)
    shown = as_metadata(of_calls.call(campaign(one), one))
    assert shown["outcome"] == status
    assert one.phone not in str(shown)


def test_a_verdict_is_shown_with_the_quotes_it_rests_on() -> None:
    of = campaign(call(), claims={1: (claim(1, "supports"),)})
    passed = {"status": "VALIDATED", "conclusion": "They do.", "confidence": 0.91234,
              "stability": None, "supporting": 3, "opposing": 1}  # fmt: skip
    shown = as_metadata(of_calls.verdict(of, of.hypotheses[0], passed))
    assert (shown["verdict"], shown["confidence"]) == ("VALIDATED", 0.912)
    assert "stability" not in shown
    assert [row["quote"] for row in rows(shown["evidence"])] == ["I would."]
