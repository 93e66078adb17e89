"""The parts of a page by the local writer: benefits, comparison, buying guide, questions."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_defs.domain.pages.drafts import ComponentDraft, ComponentTask, Item
from pipeline_defs.local.providers.writer.pages.entries import Entry, is_adjective
from pipeline_defs.local.providers.writer.pages.general import advice
from pipeline_defs.local.providers.writer.pages.general import lead as general_lead
from pipeline_defs.local.providers.writer.pages.material import Material
from pipeline_defs.local.providers.writer.pages.speech import (
    ends,
    examples,
    fact,
    frames,
    gain,
    highlight,
    meaning,
    plainly,
    spread,
    stated,
    title,
)
from pipeline_defs.local.providers.writer.pages.wording import (
    capitalized,
    cut,
    filled,
    sentence,
)

AIM = 5  # items, where the task leaves the choice
TITLE_CHARS = 160


def write_part(task: ComponentTask) -> ComponentDraft:
    """One part of a page."""
    material = Material.of(task.facts, task.component)
    least, most = task.items
    aim = max(least, min(most, AIM))
    items: dict[str, Item] = {}
    for item in _items(material, task):
        if len(items) < aim and item.text:
            items.setdefault(item.title.casefold(), item)
    enough = aim if not material.products else max(least, min(aim, 3))
    for item in advice(material, task.component, max(0, enough - len(items))):
        items.setdefault(item.title.casefold(), item)
    choice = material.choice
    headings = frames()["clause" if material.clause else "page"]["headings"]
    heading = choice.one("heading", headings[task.component])
    lead = choice.one("lead", frames()["lead"][task.component])
    opening = sentence(lead) if material.entries else general_lead(material, task.component)
    kw = material.again if task.component == "faq" else material.kw
    said = filled(heading, several=material.kw_several, kw=kw, clause=material.clause)
    return ComponentDraft(
        heading=cut(capitalized(said), 120),
        opening=opening,
        items=tuple(items.values())[:most],
    )


def _items(material: Material, task: ComponentTask) -> Iterator[Item]:
    match task.component:
        case "benefits":
            return _benefits(material)
        case "comparison":
            return _comparison(material, task.items[1])
        case "buying_guide":
            return _guide(material)
        case "faq":
            return _questions(material)


def _item(material: Material, about: str, *sentences: str) -> Item:
    about = cut(about, TITLE_CHARS)
    text = "" if material.faults(about) else material.kept(*sentences, about=about)
    return Item.model_construct(title=about, text=text)


def _benefits(material: Material) -> Iterator[Item]:
    if material.single:
        for turn, entry in enumerate(_halves(material)[0]):
            yield _item(
                material,
                title(material, "benefit", entry),
                stated(material, entry),
                gain(material, entry),
                highlight(material, 0, turn + 1) if turn < 2 else "",
            )
        return
    for group in material.choice.order("benefits", material.shared[:8]):
        yield _item(
            material,
            title(material, "benefit", group[0]),
            examples(material, group),
            gain(material, group[0]),
        )
    for entry in _alone(material):
        said = stated(material, entry), gain(material, entry)
        yield _item(material, title(material, "benefit", entry), *said)


def _guide(material: Material) -> Iterator[Item]:
    for group in material.choice.order("guide", material.shared[:8]):
        tops = [said for _, said in ends(material, group)][:1]
        yield _item(
            material,
            title(material, "guide", group[0]),
            meaning(material, group[0]),
            *(tops or [gain(material, group[0])]),
            spread(material, group),
        )
    for entry in _alone(material):
        said = meaning(material, entry), stated(material, entry)
        yield _item(material, title(material, "guide", entry), *said)


def _alone(material: Material) -> list[Entry]:
    """Entries that no other product shares, in turn of the products."""
    shared = {entry.name for group in material.shared for entry in group}
    own = [entry for entry in material.entries if entry.answer is None and entry.name not in shared]
    seen: dict[int, int] = {}
    turns: list[tuple[int, int]] = []
    for entry in own:
        seen[entry.product] = seen.get(entry.product, 0) + 1
        turns.append((seen[entry.product], material.choice.number(f"alone {entry.name}")))
    return [entry for _, entry in sorted(zip(turns, own, strict=True), key=lambda pair: pair[0])]


def _comparison(material: Material, most: int) -> Iterator[Item]:
    if len(material.products) < 2:
        return
    first = [entry.product for group in material.shared for entry, _ in ends(material, group)]
    others = material.choice.order("compared", range(len(material.products)))
    for place in list(dict.fromkeys([*first, *others]))[:most]:
        yield _compared(material, place)


def _compared(material: Material, place: int) -> Item:
    """What sets a product apart."""
    say, choice = frames()["compare"], material.choice
    said: list[str] = []
    spoken: set[str] = set()
    for group in material.shared:
        for entry, top in ends(material, group):
            if entry.product == place and not said:
                said.append(top)
                spoken.add(entry.name)
    own = [e for e in _distinctive(material, place) if e.name not in spoken]
    if not said and own:
        entry = own.pop(0)
        said += [stated(material, entry), _reason(material, entry)]
    if own:
        also = choice.one(f"also {place}", say["also"])
        said.append(sentence(also, fact=fact(material, own[0])))
    said.append(highlight(material, place))
    return _item(material, capitalized(material.products[place].bare), *said)


def _reason(material: Material, entry: Entry) -> str:
    say, choice = frames()["compare"], material.choice
    if any(character.isdigit() for character in entry.value):
        return sentence(choice.one(f"figure {entry.product}", say["figures"]), label=entry.label)
    if entry.topic.get("phrase"):
        return choice.one(f"need {entry.product}", say["needs"])
    reason = filled(choice.one(f"reason {entry.product}", say["reasons"]), v=entry.value)
    return sentence(choice.one(f"suits {entry.product}", say["suits"]), reason=reason)


def _distinctive(material: Material, place: int) -> list[Entry]:
    """A product's entries, those first whose value no other product has; words before figures."""
    values = [(entry.name, entry.value) for entry in material.entries]
    own = [entry for entry in material.of_product(place) if entry.answer is None]
    ordered = material.choice.order(f"own {place}", own)

    def common(entry: Entry) -> tuple[int, bool]:
        figure = any(character.isdigit() for character in entry.value)
        return values.count((entry.name, entry.value)), figure

    return sorted(ordered, key=common)


def _questions(material: Material) -> Iterator[Item]:
    if material.single:
        yield from (_answered(material, entry) for entry in _halves(material)[1])
        return
    groups = material.choice.order("asked", material.shared[:8])
    for number, group in enumerate(groups):
        template = material.choice.one(f"asks {group[0].name}", group[0].topic["asks_many"])
        asked = filled(template, kw=material.kind_of(group), name=group[0].name)
        answer = spread(material, group) if number % 2 else examples(material, group)
        yield _item(material, capitalized(asked), answer, meaning(material, group[0]))
    yield from (_answered(material, entry) for entry in _alone(material))


def _answered(material: Material, entry: Entry) -> Item:
    return _asked(material, entry) if entry.answer is None else _decided(material, entry)


def _asked(material: Material, entry: Entry) -> Item:
    called, choice = material.name(entry.product), material.choice
    template = choice.one(f"asks {entry.name}", entry.topic["asks"])
    asked = filled(template, p=called.the, name=entry.name)
    if called.several:
        asked = asked.replace("does the", "do the", 1).replace(" is the", " are the", 1)
    answer = choice.one(f"answer {entry.name}", frames()["compare"]["answers"])
    return _item(
        material,
        capitalized(asked),
        sentence(answer, fact=plainly(material, entry)),
        meaning(material, entry),
    )


def _decided(material: Material, entry: Entry) -> Item:
    """A question that the data answer with yes or no."""
    called, say, choice = material.name(entry.product), frames()["compare"], material.choice
    if is_adjective(entry.name):
        asked = f"{'are' if called.several else 'is'} {called.the} {entry.name}?"
    else:
        asked = f"{'do' if called.several else 'does'} {called.the} come with {entry.name}?"
    kind = "yes" if entry.answer else "no"
    return _item(
        material,
        capitalized(asked),
        choice.one(f"decided {entry.name}", say[kind]),
        choice.one(f"decided more {entry.name}", say[f"{kind}_more"]),
    )


def _halves(material: Material) -> tuple[list[Entry], list[Entry]]:
    """A product's entries: those told as benefits, and those asked for; few are told in both."""
    ordered = material.choice.order("halves", material.of_product(0))
    spoken = [entry for entry in ordered if entry.answer is None]
    benefits = spoken[: max(3, len(spoken) // 2)][:AIM]
    rest = [entry for entry in ordered if entry not in benefits]
    return benefits, rest + benefits
