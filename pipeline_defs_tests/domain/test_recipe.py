"""Staleness and next work of an article, against a model that is written here and knows nothing of
hashes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs import policies
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.versions import maker
from pipeline_defs.domain.voice import Voice
from pipeline_defs.domain.work import Work
from pipeline_defs_tests.domain.builders import (
    ARTICLE_ID,
    article,
    assembled,
    key,
    published,
    version,
    with_section,
    with_version,
    written,
)

COUNT = 5
CONTEXT = ("strict", "ignore")


def finished(count: int = COUNT) -> Article:
    made = article(count)
    for order in range(1, count + 1):
        made = written(made, order)
    return assembled(made)


def edited(given_article: Article, order: int, focus: str) -> Article:
    plan = given_article.sections[order - 1].plan
    return with_section(given_article, order, plan=SectionPlan(title=plan.title, focus=focus))


def stale(given_article: Article) -> set[int]:
    return {
        s.order for s in given_article.sections if recipe.section_is_stale(given_article, s.order)
    }


@dataclass
class Model:
    """What each section was made from: its own edit, and the drafts that were before it."""

    context: str
    brief: dict[int, str] = field(default_factory=dict)
    drafted: dict[int, str] = field(default_factory=dict)
    made_from: dict[int, tuple[object, ...]] = field(default_factory=dict)

    def needs(self, order: int) -> tuple[object, ...]:
        before = tuple(self.drafted.get(n) for n in range(1, order))
        return (self.brief.get(order), before if self.context == "strict" else ())

    def write(self, order: int, serial: str) -> None:
        self.made_from[order] = self.needs(order)
        self.drafted[order] = serial

    def stale(self) -> set[int]:
        return {n for n, made in self.made_from.items() if made != self.needs(n)}


@pytest.mark.parametrize("context", CONTEXT)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["edit", "write", "write the same"]),
            st.integers(1, COUNT),
            st.sampled_from(["a", "b"]),
        ),
        max_size=12,
    )
)
def test_exactly_what_follows_from_an_edit_is_stale(
    context: str, actions: list[tuple[str, int, str]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policies, "CONTEXT_STALENESS", context)
        given_article, model = article(COUNT), Model(context)
        for order in range(1, COUNT + 1):
            given_article = written(given_article, order)
            model.write(order, "1")
        assert stale(given_article) == set()
        for serial, (action, order, focus) in enumerate(actions, start=2):
            if action == "edit":
                given_article = edited(given_article, order, focus)
                model.brief[order] = focus
            else:
                text = model.drafted[order] if action == "write the same" else str(serial)
                given_article = written(given_article, order, text)
                model.write(order, text)
            assert stale(given_article) == model.stale()


@pytest.mark.parametrize(("context", "after_drafting"), [("strict", {3, 4, 5}), ("ignore", set())])
def test_an_edit_makes_its_section_stale_and_drafting_it_those_after_it(
    monkeypatch: pytest.MonkeyPatch, context: str, after_drafting: set[int]
) -> None:
    monkeypatch.setattr(policies, "CONTEXT_STALENESS", context)
    given_article = edited(finished(), 2, "another")
    assert stale(given_article) == {2}
    assert recipe.research_is_stale(given_article, 2)
    assert recipe.draft_is_stale(given_article, 2)
    given_article = written(given_article, 2, "new")
    assert stale(given_article) == after_drafting
    assert recipe.article_is_stale(given_article)


def test_taking_an_edit_back_makes_nothing_stale() -> None:
    before = finished()
    focus = before.sections[1].plan.focus
    assert stale(edited(edited(before, 2, "other"), 2, focus)) == set()


def test_asking_for_research_anew_is_stale_for_that_section_only() -> None:
    given_article = replace(finished(), generations={("section_research", key(3)): 1})
    assert stale(given_article) == {3}
    assert not recipe.draft_is_stale(given_article, 3)  # until the research has another version


def test_asking_for_a_draft_anew_keeps_the_research() -> None:
    given_article = replace(finished(), generations={("section_draft", key(3)): 1})
    assert stale(given_article) == {3}
    assert not recipe.research_is_stale(given_article, 3)


def test_new_research_makes_its_own_draft_stale() -> None:
    given_article = finished()
    inputs = recipe.research_inputs(given_article, 4)
    given_article = with_version(
        given_article, "section_research", key(4), version("other research", inputs)
    )
    assert stale(given_article) == {4}
    assert recipe.draft_is_stale(given_article, 4)


def test_another_language_or_voice_makes_every_section_stale() -> None:
    everything = set(range(1, COUNT + 1))
    assert stale(replace(finished(), language="de")) == everything
    assert stale(replace(finished(), voice=Voice(voice="dry"))) == everything


def test_changed_code_makes_its_own_asset_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    given_article = finished()
    _change(monkeypatch, "section_draft")
    assert not any(recipe.research_is_stale(given_article, n) for n in range(1, COUNT + 1))
    assert all(recipe.draft_is_stale(given_article, n) for n in range(1, COUNT + 1))
    _change(monkeypatch, "article")
    assert recipe.article_is_stale(given_article)


def _change(monkeypatch: pytest.MonkeyPatch, asset: str) -> None:
    changed = {**recipe.MAKERS, asset: maker("changed")}
    monkeypatch.setattr(recipe, "MAKERS", changed)


def test_another_model_makes_exactly_what_it_is_asked_for_stale() -> None:
    given_article = finished()
    other = replace(given_article, models={"research": "another"})
    assert all(recipe.research_is_stale(other, n) for n in range(1, COUNT + 1))
    assert not any(recipe.draft_is_stale(other, n) for n in range(1, COUNT + 1))
    assert not recipe.article_is_stale(other)


def test_what_is_missing_is_not_stale() -> None:
    assert stale(article(3)) == set()
    assert recipe.article_is_stale(article(3))


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "Lamps"},
        {"sections_wanted": 4},
        {"outline_given": (SectionPlan(title="A"),)},
        {"language": "fr"},
        {"voice": Voice(dont=("jokes",))},
        {"generations": {("article_outline", ARTICLE_ID): 1}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_input_of_an_outline_counts(changes: dict[str, object]) -> None:
    before = article()
    assert recipe.outline_inputs(replace(before, **changes)) != recipe.outline_inputs(before)


def test_the_title_and_the_order_of_drafts_are_part_of_the_manuscript() -> None:
    given_article = finished()
    assert recipe.article_is_stale(replace(given_article, title="Other"))
    assert recipe.article_is_stale(replace(given_article, description="Other"))
    renamed = with_section(given_article, 1, plan=SectionPlan(title="Other"))
    assert recipe.article_is_stale(renamed)
    assert not recipe.article_is_stale(given_article)


ORDER = ["pending", "researching", "researched", "writing", "completed"]


def test_next_work_and_steps_over_a_whole_article() -> None:
    """From nothing to published, each stage after the other; progress never goes back."""
    given_article = replace(article(), publish="draft")
    seen: list[Work | None] = [recipe.next_work(given_article)]
    progress = [recipe.steps(given_article)]

    def note(now: Article) -> None:
        progress.append(recipe.steps(now))
        if (work := recipe.next_work(now)) != seen[-1]:
            seen.append(work)

    given_article = replace(article(3), publish="draft")
    note(given_article)
    for order in (1, 2, 3):
        for status in ORDER[1:-1]:
            note(with_section(given_article, order, status=status))
        given_article = written(given_article, order)
        note(given_article)
    given_article = assembled(given_article)
    note(given_article)
    given_article = published(given_article)
    note(given_article)

    def sections(*orders: int) -> Work:
        keys = tuple(key(order) for order in orders)
        assets = ("section_research", "section_draft")
        return Work("write_article_sections", assets, "sections", keys)

    assert seen == [
        Work("plan_article", ("article_outline",), "articles", (ARTICLE_ID,)),
        sections(1, 2, 3),
        sections(2, 3),
        sections(3),
        Work("assemble_article", ("article", "article_publication"), "articles", (ARTICLE_ID,)),
        Work("assemble_article", ("article_publication",), "articles", (ARTICLE_ID,)),
        None,
    ]
    assert progress == sorted(progress)
    assert progress[0] == (0, 9)
    assert progress[-1] == (9, 9)


def test_without_publication_the_article_is_the_end() -> None:
    given_article = finished(3)
    assert recipe.next_work(given_article) is None
    assert recipe.steps(given_article) == (8, 8)


def test_a_failed_section_in_the_middle_spans_one_contiguous_range() -> None:
    given_article = finished()
    for order, status in ((2, "failed"), (4, "pending")):
        given_article = with_section(given_article, order, status=status)
    work = recipe.next_work(given_article)
    assert work is not None
    assert work.partitions == (key(2), key(3), key(4))


def test_an_article_without_sections_is_planned_again() -> None:
    given_article = replace(finished(3), sections=())
    work = recipe.next_work(given_article)
    assert work is not None
    assert work.job == "plan_article"


def test_asking_for_another_way_of_publication_is_due_once() -> None:
    draft = published(replace(finished(3), publish="draft"))
    assert not recipe.publication_is_due(draft)
    public = replace(draft, publish="publish")
    assert recipe.publication_is_due(public)
    work = recipe.next_work(public)
    assert work == Work("assemble_article", ("article_publication",), "articles", (ARTICLE_ID,))
    assert not recipe.publication_is_due(published(public))
    assert not recipe.publication_is_due(replace(public, publish="none"))


def test_a_new_edition_is_published_again() -> None:
    given_article = published(replace(finished(3), publish="draft"))
    again = assembled(written(given_article, 3, "new"))
    assert recipe.publication_is_due(again)


@given(
    st.lists(st.sampled_from([*ORDER, "failed"]), min_size=1, max_size=6),
    st.sampled_from(["none", "draft", "publish"]),
)
def test_steps_are_bounded_and_complete_exactly_when_nothing_is_left(
    statuses: list[str], publish: str
) -> None:
    given_article = replace(article(len(statuses)), publish=publish)
    for order, status in enumerate(statuses, start=1):
        given_article = with_section(given_article, order, status=status)
    for now in (given_article, assembled(given_article), published(assembled(given_article))):
        done, total = recipe.steps(now)
        assert 0 <= done <= total
        assert (done == total) == (recipe.next_work(now) is None)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.data())
def test_a_section_that_moves_on_never_takes_progress_back(
    at: list[int], data: st.DataObject
) -> None:
    given_article = article(len(at))
    for order, position in enumerate(at, start=1):
        given_article = with_section(given_article, order, status=ORDER[position])
    order = data.draw(st.integers(1, len(at)))
    moved = with_section(given_article, order, status=ORDER[min(4, at[order - 1] + 1)])
    assert recipe.steps(moved) >= recipe.steps(given_article)
