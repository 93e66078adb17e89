"""What the local writer says of entries: of one product, of several, of the ends of a ranking."""

from __future__ import annotations

from typing import Any

from pipeline_defs.domain.pages.measures import End
from pipeline_defs.local.providers.writer.pages.entries import Entry
from pipeline_defs.local.providers.writer.pages.material import Material
from pipeline_defs.local.providers.writer.pages.wording import (
    capitalized,
    closed,
    filled,
    sentence,
    texts,
)

ENDS: tuple[End, ...] = ("least", "most")


def frames() -> dict[str, Any]:
    """The sentences that hold a page together."""
    return texts("frames", "en")


def head(material: Material) -> dict[str, Any]:
    """The sentences of a page's head, by what there is to speak of."""
    if not material.entries:
        return texts("general", "en")["hero"]
    return frames()["clause" if material.clause else material.facts.page_type]


def fact(material: Material, entry: Entry) -> str:
    """The value of one product, as a clause."""
    called = material.name(entry.product)
    template = material.choice.one(f"state {entry.name}", entry.topic["state"])
    return filled(template, several=called.several, p=called.the, v=entry.value, name=entry.name)


def plainly(material: Material, entry: Entry) -> str:
    """The value of one product, as the plainest clause there is."""
    called = material.name(entry.product)
    slots = {"p": called.the, "v": entry.value, "name": entry.name}
    return filled(entry.topic["state"][0], several=called.several, **slots)


def stated(material: Material, entry: Entry) -> str:
    """The value of one product, as a sentence."""
    return closed(fact(material, entry))


def meaning(material: Material, entry: Entry) -> str:
    """What the attribute is about."""
    template = material.choice.one(f"means {entry.name}", entry.topic["means"])
    return sentence(template, name=entry.name)


def gain(material: Material, entry: Entry) -> str:
    """What an owner has of knowing or having it."""
    template = material.choice.one(f"gains {entry.name}", entry.topic["gains"])
    return sentence(template, name=entry.name)


def title(material: Material, kind: str, entry: Entry) -> str:
    """A title of an item on an attribute."""
    template = material.choice.one(f"{kind} {entry.name}", entry.topic[kind])
    return capitalized(filled(template, name=entry.name))


def spread(material: Material, group: list[Entry]) -> str:
    """How products differ in one attribute: from where to where, or by two examples."""
    span = material.span(group)
    if span is None:
        return examples(material, group)
    label = group[0].label
    template = material.choice.one("ranges", frames()["compare"]["ranges"])
    slots = {"low": span[0], "high": span[1], "kw": material.kind_of(group)}
    return sentence(template, several=False, label=label, name=label, **slots)


def examples(material: Material, group: list[Entry]) -> str:
    """Two products with different values, or the value that all have."""
    ordered = material.choice.order(f"examples {group[0].name}", group)
    one = ordered[0]
    other = next((e for e in ordered if e.value != one.value and e.product != one.product), None)
    called = material.name(one.product)
    slots = {"name": one.name if one.topic.get("phrase") else one.label, "v": one.value}
    if other is None:
        if len({entry.product for entry in group}) < len(material.products):
            return stated(material, one)
        same = material.choice.one("same", frames()["compare"]["same"])
        return sentence(same, several=called.several, **slots)
    kind = {"count": "counts", "people": "rooms"}.get(one.topic["key"], "examples")
    kind = "phrases" if one.topic.get("phrase") else kind
    template = material.choice.one(kind, frames()["compare"][kind])
    slots |= {"p": called.the, "w": other.value, "q": material.name(other.product).the}
    return sentence(template, several=called.several, **slots)


def highest(material: Material, entry: Entry) -> str:
    """That a product has the highest value of an attribute, and whom that suits."""
    called = material.name(entry.product)
    template = material.choice.one(f"highest {entry.name}", frames()["compare"]["highest"])
    suits = material.choice.one(f"suits {entry.name}", entry.topic["highest"])
    slots = {"p": called.the, "v": entry.value, "name": entry.name}
    return closed(f"{filled(template, several=called.several, **slots)}, {suits}")


def ends(material: Material, group: list[Entry]) -> list[tuple[Entry, str]]:
    """The products at the ends of a ranking, and what there is to say of them."""
    ranks: list[tuple[Entry | None, End]] = [(material.ends(group, end), end) for end in ENDS]
    found = [(entry, ranked(material, entry, end)) for entry, end in ranks if entry]
    top = material.highest(group)
    return [*found, (top, highest(material, top))] if top else found


def ranked(material: Material, entry: Entry, end: End) -> str:
    """That a product is at the end of a ranking, and whom that suits."""
    called = material.name(entry.product)
    claim = filled(
        material.choice.one(f"rank {end} {entry.name}", frames()["compare"]["rank"]),
        several=called.several,
        p=called.the,
        v=entry.value,
        superlative=entry.topic["superlative"][end],
    )
    suits = entry.topic.get(end)
    if not suits:
        return closed(claim)
    return closed(f"{claim}, {material.choice.one(f'{end} {entry.name}', suits)}")


def highlight(material: Material, place: int, turn: int = 0) -> str:
    """One of a product's highlights, or nothing."""
    found = material.choice.order(f"highlights {place}", material.highlights(place))
    if turn >= len(found):
        return ""
    template = material.choice.one(f"highlight {place} {turn}", frames()["compare"]["highlights"])
    return sentence(template, h=found[turn])
