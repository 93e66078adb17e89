"""A tent shop: facts and written parts of one page of each type, and the worst a feed can bring."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.drafts import ComponentDraft, ComponentName, HeroDraft, Item
from pipeline_defs.domain.pages.facts import Link, PageFacts
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs.domain.pages.requests import PageType

SHOP = "https://trailhouse.example"
# sku, name, price, sale price, rating, reviews, persons, weight, water column, packed size
TENTS = (
    ("TH-200", "Larch 2 trekking tent", "289.00", None, "4.6", 128,
     "2", "1.9 kg", "3,000 mm", "41 × 15 cm"),
    ("TH-300", "Larch 3 trekking tent", "349.00", "299.00", "4.4", 87,
     "3", "2.4 kg", "3,000 mm", "44 × 17 cm"),
    ("TH-410", "Alder 4 family tent", "459.00", None, "4.7", 203,
     "4", "7.8 kg", "4,000 mm", "62 × 24 cm"),
    ("TH-610", "Alder 6 family tent", "1249.00", None, None, None,
     "6", "12.4 kg", "4,000 mm", None),
    ("TH-110", "Rowan 1 bivy tent", None, None, "4.1", 34,
     "1", "1.1 kg", None, "38 × 12 cm"),
)  # fmt: skip
XSS = (
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!--<script>",
    "{{ 7 * 7 }} {% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#x202e; &copy",
    "\x00\x01\x1b[31m\u202egnp.exe\u2066\ufeff\ufffe\U0001ffff",
    "שלום עולם مرحبا",
    "👩‍👩‍👧 🏕️ \U000e0041",
    "a" * 300,
)  # fmt: skip


def tent(number: int = 0, **changes: Any) -> Product:
    """One of the tents."""
    sku, name, price, sale, rating, reviews, persons, weight, water, packed = TENTS[number]
    attributes = {
        "Capacity": f"{persons} persons",
        "Weight": weight,
        "Water column": water,
        "Packed size": packed,
        "Material": "Polyester ripstop",
    }
    found: dict[str, Any] = {
        "sku": sku,
        "name": name,
        "brand": "Trailhouse",
        "category": ("Outdoor", "Tents"),
        "price": Decimal(price) if price else None,
        "sale_price": Decimal(sale) if sale else None,
        "currency": "EUR",
        "availability": ("in_stock", "in_stock", "preorder", "out_of_stock", None)[number],
        "gtin": ("4006381333931", "4006381333932", None, None, None)[number],
        "mpn": f"{sku}-26",
        "url": f"{SHOP}/tents/{sku.lower()}",
        "images": tuple(f"{SHOP}/img/{sku.lower()}-{n}.jpg" for n in (1, 2, 3, 4))[: 4 - number],
        "rating": Decimal(rating) if rating else None,
        "review_count": reviews,
        "highlights": (f"Weighs {weight} with all pegs", f"Room for {persons}", "Two vents"),
        "attributes": tuple(
            Attribute(name=key, value=value) for key, value in attributes.items() if value
        ),
    }
    return Product(**{**found, **changes})


def facts(page_type: PageType = "category", **changes: Any) -> PageFacts:
    """What is known for a page of this type."""
    subject = {
        "product": "Larch 2 trekking tent",
        "category": "Tents",
        "brand": "Trailhouse",
        "guide": "How to choose a tent",
    }[page_type]
    found: dict[str, Any] = {
        "page_type": page_type,
        "target_url": f"{SHOP}/{page_type}/tents",
        "language": "en",
        "site_name": "Trailhouse",
        "subject": subject,
        "keywords": ("trekking tent", "light tent"),
        "products": tuple(tent(n) for n in range(1 if page_type == "product" else len(TENTS))),
        "links": (
            Link(url=f"{SHOP}/tents", title="Tents"),
            Link(url=f"{SHOP}/sleeping-bags", title="Sleeping bags for three seasons"),
            Link(url=f"{SHOP}/guides/pitching", title="How to pitch a tent in the wind"),
        ),
    }
    return PageFacts(**{**found, **changes})


def components(page_type: PageType = "category", **changes: Any) -> PageComponents:
    """The written parts of a page of this type."""
    found: dict[str, Any] = {
        "hero": HERO,
        "parts": tuple((name, PARTS[name]) for name in WRITTEN[page_type]),
    }
    return PageComponents(**{**found, **changes})


def in_language(language: Language) -> PageFacts:
    """The category's facts, for readers of another language."""
    return facts(language=language)


WRITTEN: dict[PageType, tuple[ComponentName, ...]] = {
    "product": ("benefits", "faq"),
    "category": ("benefits", "comparison", "buying_guide", "faq"),
    "brand": ("benefits", "comparison", "faq"),
    "guide": ("buying_guide", "comparison", "faq"),
}
HERO = HeroDraft(
    title="Trekking tent buying made easy | Trailhouse",
    description="Compare each trekking tent by weight, room and water column, and see prices "
    "and ratings at a glance before you choose.",
    headline="Find the trekking tent that suits your trip",
    paragraphs=(
        "A good trekking tent keeps you dry and stays light on your back. Here you see the "
        "tents of our shop side by side, with the figures that matter on the trail.",
        "Start with the number of people. Then look at the weight, and last at the packed size.",
    ),
)
PARTS: dict[ComponentName, ComponentDraft] = {
    "benefits": ComponentDraft(
        heading="Why a trekking tent from us",
        opening="Each model is made for long days outside. These points are true for the range.",
        items=(
            Item(title="Light on your back", text="The Larch 2 weighs 1.9 kg with all pegs. You "
                 "carry less and walk further, and you still sleep with room to turn."),
            Item(title="Dry in heavy rain", text="A water column of 3,000 mm holds off a stormy "
                 "night. The seams are sealed, so no drop finds its way in."),
            Item(title="Easy to pitch", text="Colour marks show which pole goes where. Most people "
                 "put the tent up in a few minutes, even when the light is gone."),
        ),
    ),
    "comparison": ComponentDraft(
        heading="Which trekking tent is right for you",
        opening="The table shows where the tents differ. What it means for a trip stands below.",
        items=(
            Item(title="For two on a long tour", text="The Larch 2 weighs 1.9 kg. Take it when "
                 "each gram counts."),
            Item(title="For families", text="The Alder 4 family tent weighs 7.8 kg. It is "
                 "heavy, but it gives children room to play on a wet day."),
        ),
    ),
    "buying_guide": ComponentDraft(
        heading="How to choose in three steps",
        opening="Three questions are enough to find the right model.",
        items=(
            Item(title="Count the sleepers", text="Plan one place more than people if you bring "
                 "much gear. A tent for two is snug with two packs inside."),
            Item(title="Weigh what you carry", text="On foot, a light tent is the one you like. By "
                 "car, comfort counts more than weight, so look at the family tents."),
            Item(title="Check the water column", text="More is drier. A value of 3,000 mm is "
                 "enough for most nights, and 4,000 mm suits a wet season."),
        ),
    ),
    "faq": ComponentDraft(
        heading="Questions about our tents",
        items=(
            Item(title="How heavy is the Larch 2?", text="It weighs 1.9 kg with all pegs. That is "
                 "light for a tent with room for two."),
            Item(title="Is it light enough to carry?", text="Yes, it fits in a pack next to your "
                 "food and your warm clothes. Carry it by turns if you are two."),
            Item(title="What is a trekking tent?", text="It is a light tent that fits in a pack. "
                 "You can carry it all day and pitch it each night at a new place."),
        ),
    ),
}  # fmt: skip
