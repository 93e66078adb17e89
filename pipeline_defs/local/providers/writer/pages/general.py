"""What the local writer says where there are no data: advice on the subject, without figures."""

from __future__ import annotations

from pipeline_defs.domain.pages.drafts import ComponentName, Item
from pipeline_defs.local.providers.writer.pages.material import Material
from pipeline_defs.local.providers.writer.pages.wording import capitalized, filled, sentence, texts

THEN = 2  # sentences after the first


def advice(material: Material, component: ComponentName, count: int) -> list[Item]:
    """So many items of general advice, as far as there are."""
    entries = texts("general", "en")[component]
    order = material.choice.order(f"advice {component}", range(len(entries)))
    others = material.choice.one("others", texts("general", "en")["hero"]["others"])
    return [
        _item(material, entries[number], number, others if turn else material.many)
        for turn, number in enumerate(order[:count])
    ]


def _item(material: Material, entry: dict[str, list[str]], number: int, kw: str) -> Item:
    choice = material.choice
    after = choice.order(f"then {number}", entry["then"])[:THEN]
    ordered = [text for text in entry["then"] if text in after]
    first = choice.one(f"first {number}", entry["first"])
    title = filled(choice.one(f"title {number}", entry["title"]), kw=kw)
    said = [sentence(text, kw=kw) for text in (first, *ordered)]
    return Item(title=capitalized(title), text=" ".join(said))


def opening(material: Material) -> tuple[str, ...]:
    """The first paragraphs of a page without products."""
    said = texts("general", "en")["hero"]
    lines = [
        sentence(material.choice.one(part, said[part]), kw=material.many)
        for part in ("first", "middle", "last")
    ]
    return tuple(lines)


def lead(material: Material, component: ComponentName) -> str:
    """What stands before the items of a part."""
    return sentence(material.choice.one("lead", texts("general", "en")["lead"][component]))


def labels(material: Material) -> str:
    """What a page without products speaks of."""
    return material.choice.one("labels", texts("general", "en")["hero"]["labels"])
