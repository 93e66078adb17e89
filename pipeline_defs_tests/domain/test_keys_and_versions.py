"""Ids, partition keys and content hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline_defs.domain.articles import recipe as articles
from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.domain.calls import recipe as calls
from pipeline_defs.domain.keys import is_unit_id, new_unit_id, part_key, split_part
from pipeline_defs.domain.lectures import recipe as lectures
from pipeline_defs.domain.pages import recipe as pages
from pipeline_defs.domain.publications import slug
from pipeline_defs.domain.versions import source_version, version_of
from pipeline_defs.domain.voice import Voice

NOW = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_new_ids_are_readable_distinct_and_usable_as_partition_keys() -> None:
    ids = {new_unit_id("article", NOW) for _ in range(500)}
    assert len(ids) == 500
    for unit_id in ids:
        assert unit_id.startswith("article-20261123-")
        assert is_unit_id(unit_id)
        assert len(unit_id) <= 64


def test_ids_sort_by_day() -> None:
    earlier = new_unit_id("article", datetime(2026, 9, 30, tzinfo=UTC))
    assert earlier < new_unit_id("article", NOW)


@pytest.mark.parametrize(
    "text",
    ["", "A", "a b", "a/b", "a...b", "ä", "a\n", "../x", "a" * 65, "a\u0000", "a,b", "a'b", "%61"],
)
def test_text_that_is_no_id_is_refused(text: str) -> None:
    assert not is_unit_id(text)


@given(st.from_regex(r"\A[a-z0-9_-]{1,64}\Z"), st.integers(1, 999))
def test_a_part_key_gives_back_its_unit_and_order(unit_id: str, order: int) -> None:
    assert split_part(part_key(unit_id, order, 2)) == (unit_id, order)


def test_part_keys_of_a_unit_sort_in_order() -> None:
    keys = [part_key("article-x", order, 2) for order in range(1, 31)]
    assert keys == sorted(keys)
    assert keys[2] == "article-x/03"


@pytest.mark.parametrize(
    "key", ["", "a", "a/", "/1", "a/x", "a/1/2", "a/-1", "A/1", "a/²", "a/٣", "a/1\n", "a/ 1"]
)
def test_what_is_no_part_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a part's key"):
        split_part(key)


def test_versions_are_short_hashes_of_content() -> None:
    assert version_of("a", 1) == version_of("a", 1)
    assert len(version_of("a")) == 16
    assert version_of({"a": 1, "b": 2}) == version_of({"b": 2, "a": 1})
    assert version_of({"x", "y", "z"}) == version_of(frozenset({"z", "y", "x"}))
    assert version_of(SectionPlan(title="A")) == version_of(SectionPlan(title="A", focus=""))


@given(JSON, JSON)
def test_different_values_have_different_versions(one: Any, other: Any) -> None:
    same = repr(_plain(one)) == repr(_plain(other))
    assert (version_of(one) == version_of(other)) is same


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def test_parts_do_not_run_into_each_other() -> None:
    seen = [
        version_of("a", "b"),
        version_of("ab"),
        version_of(["a", "b"]),
        version_of("a,b"),
        version_of("a", "b", None),
        version_of("a", "b", ""),
        version_of("1"),
        version_of(1),
    ]
    assert len(set(seen)) == len(seen)


def test_a_value_without_a_stable_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no stable version of a object"):
        version_of(object())


def test_versions_agree_between_processes_whatever_their_hash_seed() -> None:
    code = (
        "from pipeline_defs.domain.versions import version_of\n"
        "from pipeline_defs.domain.voice import Voice\n"
        "from pipeline_defs.domain.articles.recipe import MAKERS\n"
        "print(version_of({'b': {'x', 'y', 'z'}, 'a': 'ü'}, Voice(), [1, 2.5, None]),"
        " *[maker.version({}) for maker in MAKERS.values()])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(answers) == 1
    here = version_of({"b": {"x", "y", "z"}, "a": "ü"}, Voice(), [1, 2.5, None])
    assert answers.pop().split()[0] == here


def test_models_nested_in_values_count() -> None:
    class Point(BaseModel):
        x: int

    assert version_of([Point(x=1)]) != version_of([Point(x=2)])
    assert version_of([Point(x=1)]) == version_of([{"x": 1}])


def test_slugs_are_readable() -> None:
    assert slug("article-20261123-k7m2qx9c", "Lärm, & Straße: ein Überblick") == (
        "larm-strae-ein-uberblick-k7m2qx9c"
    )
    assert slug("article-20261123-k7m2qx9c", "日本語") == "k7m2qx9c"


@given(st.text(max_size=300), st.from_regex(r"\A[a-z0-9]{8}\Z"))
def test_two_articles_of_one_title_never_share_a_slug(title: str, tail: str) -> None:
    """Eight long words once pushed the unique end out of the slug: one post replaced another."""
    made = slug(f"article-20261123-{tail}", title)
    assert made.endswith(tail)
    assert len(made) <= 80
    assert is_unit_id(made.replace("-", "")[:64])


def test_long_words_do_not_push_the_unique_end_out_of_a_slug() -> None:
    title = " ".join(["Donaudampfschifffahrtsgesellschaft"] * 8)
    assert slug("article-20261123-aaaaaaaa", title) != slug("article-20261123-bbbbbbbb", title)


def test_words_layout_and_imports_are_no_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    plain = "def add(a, b):\n    return a + b\n\nLIMIT = 3\n"
    dressed = (
        '"""Sums."""\nimport os\n\ndef add(a, b):\n    """The sum."""\n'
        "    return (a +\n            b)  # of both\n\n\nLIMIT = 3\n"
    )
    (tmp_path / "plain_sums.py").write_text(plain)
    (tmp_path / "dressed_sums.py").write_text(dressed)
    (tmp_path / "other_sums.py").write_text(plain.replace("a + b", "b + a"))
    (tmp_path / "other_limit.py").write_text(plain.replace("3", "4"))
    assert source_version("plain_sums") == source_version("dressed_sums")
    assert source_version("plain_sums") != source_version("other_sums")
    assert source_version("plain_sums") != source_version("other_limit")
    assert source_version("plain_sums:add") == source_version("other_limit:add")
    with pytest.raises(LookupError, match="plain_sums defines no less"):
        source_version("plain_sums:less")


def test_every_maker_names_code_and_templates_that_are_there() -> None:
    for recipe in (articles, lectures, pages, calls):
        for asset, maker in recipe.MAKERS.items():
            assert maker.version({}), asset
            changed = [maker.version({purpose: "other"}) for purpose in maker.purposes]
            assert maker.version({}) not in changed, asset
