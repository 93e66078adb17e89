"""The kinds of units, and where Studio shows what belongs to them."""

import pytest

from pipeline_defs.domain.kinds import studio_path


@pytest.mark.parametrize(
    ("asset", "partition", "path"),
    [
        ("article", "article-1", "/studio/articles/article-1"),
        ("section_draft", "article-1/02", "/studio/articles/article-1#part-2"),
        ("segment_clip", "lecture-1/012", "/studio/lectures/lecture-1#segment-12"),
        ("transcript", "campaign-1/003", "/studio/campaigns/campaign-1#call-3"),
        ("hypothesis_verdict", "campaign-1/03", "/studio/campaigns/campaign-1#hypothesis-3"),
        ("page", "page-1", "/studio/pages/page-1"),
        ("page", "something/else", None),
    ],
)
def test_a_partition_is_shown_on_its_units_page_at_its_part(
    asset: str, partition: str, path: str | None
) -> None:
    assert studio_path(asset, partition) == path
