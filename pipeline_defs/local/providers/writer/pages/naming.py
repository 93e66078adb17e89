"""What products and subjects are called, in English: with an article, by their kind, in lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline_defs.domain.lectures.sentences import sentences
from pipeline_defs.domain.pages.evidence import untagged, without_kind
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.local.providers.writer.pages.wording import is_several, leading

NAME_CHARS = 48
MARKS = re.compile(r"[`{}\[\]|\\^~]")
_SYMBOL = re.compile(r"[A-Z][a-z]?-\w")  # Li-ion, T-shirt
_HOW_TO = re.compile(
    r"^how to (?:choose|buy|find|pick|select|compare|use|clean|care for|look after|store)"
    r"(?: the right| the best| the)?(?P<one> an?)? (?P<thing>.+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Called:
    """A name: bare, with its article, and whether it stands for several things."""

    bare: str
    the: str
    several: bool


def called(product: Product) -> Called:
    """The name of a product without its brand, cut to what can be said."""
    name = _first_sentence(MARKS.sub("", untagged(product.name)))
    brand = untagged(product.brand)
    begins = name.casefold().startswith(f"{brand.casefold()} ")
    if brand and begins and len(name.split()) > len(brand.split()) + 1:
        name = name[len(brand) + 1 :]
    bare = leading(name.strip(" .!?,;:-"), NAME_CHARS).strip(" .!?,;:-") or "product"
    the = bare if bare.casefold().startswith("the ") else f"the {bare}"
    return Called(bare, the, is_several(bare))


def shortened(name: Called, product: Product) -> Called:
    """A name without the words that only say the kind."""
    bare = without_kind(name.bare, product)
    the = bare if bare.casefold().startswith("the ") else f"the {bare}"
    return Called(bare, the, is_several(bare) or (bare != name.bare and name.several))


def this_one(product: Product, called: Called) -> str:
    """`this tent`, or `this product` where the data do not tell the kind."""
    kind = small(untagged("".join(product.category[-1:])))
    simple = re.fullmatch(r"[^\W\d_]+(?: [^\W\d_]+)?", kind)
    if called.several:
        return f"these {kind}" if simple and is_several(kind) else "these products"
    return f"this {singular(kind) if is_several(kind) else kind}" if simple else "this product"


def _first_sentence(name: str) -> str:
    """A name without what follows a full stop; that of an abbreviation is none."""
    first = sentences(name, "en")[:1]
    return "".join(first)


def small(words: str) -> str:
    """Words as within a sentence."""
    return " ".join(word if keeps_case(word) else word.lower() for word in words.split())


def singular(words: str) -> str:
    """One of several things, by the last word."""
    if words.endswith("ies"):
        return f"{words[:-3]}y"
    hissing = words.endswith(("ches", "shes", "xes", "sses"))
    return words[:-2] if hissing else words.removesuffix("s")


def keeps_case(word: str) -> bool:
    """Names and abbreviations: `Gore-Tex`, `PU`, `R-value`, `X-Pac`."""
    letters = [character for character in word if character.isalpha()]
    return (
        any(character.isupper() for character in letters[1:])
        or len(letters) < 2
        or _SYMBOL.match(word) is not None
        or any(character.isdigit() for character in word)
    )


def lowered(text: str, product: Product) -> str:
    """A text within a sentence: its first letter small, unless a name begins it."""
    first = text.split()[0]
    own = {word.casefold() for word in untagged(f"{product.name} {product.brand}").split()}
    return text if keeps_case(first) or first.casefold() in own else text[0].lower() + text[1:]


def thing_of(clause: str) -> str:
    """What `how to choose a tent` is about: tents."""
    found = _HOW_TO.match(clause)
    if found is None:
        return ""
    thing = found["thing"]
    if not found["one"]:
        return thing
    if re.search(r"[^aeiou]y$", thing):
        return f"{thing[:-1]}ies"
    return f"{thing}es" if thing.endswith(("s", "x", "ch", "sh")) else f"{thing}s"
