"""A small shop: eight products of three categories, and the facts of pages made of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs.domain.pages.requests import PageType


def product(
    sku: str,
    name: str,
    category: str,
    price: str,
    attributes: dict[str, str],
    highlights: Sequence[str] = (),
    brand: str = "Norrvik",
    description: str = "",
) -> Product:
    """A product in few words."""
    return Product(
        sku=sku,
        name=name,
        brand=brand,
        category=("Outdoor", category),
        price=Decimal(price),
        currency="EUR",
        availability="in_stock",
        description=description,
        highlights=tuple(highlights),
        attributes=tuple(Attribute(name=n, value=v) for n, v in attributes.items()),
    )


TENTS = (
    product(
        "T-1", "Norrvik Ridgeline 2 Tent", "Tents", "289.00",
        {
            "Capacity (persons)": "2 people", "Weight": "1.9 kg", "Packed size": "42 x 15 cm",
            "Waterproof rating": "3,000 mm", "Flysheet material": "Ripstop nylon, silicone coated",
            "Poles": "Aluminium", "Seasons": "spring to autumn", "Entrances": "2",
            "Freestanding": "yes",
        },
        ("Two porches for boots and rucksacks", "Inner tent can be pitched alone"),
        description="A light tent for two people who walk from hut to hut. It stands without pegs "
        "on rock and sand. Pitching takes one person a few minutes.",
    ),
    product(
        "T-2", "Norrvik Basin 4 Family Tent", "Tents", "449.00",
        {
            "Capacity (persons)": "4 people", "Weight": "8.4 kg", "Packed size": "65 x 28 cm",
            "Waterproof rating": "4,000 mm", "Flysheet material": "Recycled polyester",
            "Poles": "Steel", "Seasons": "spring to autumn", "Entrances": "3",
            "Standing height": "195 cm",
        },
        ("Living area with windows", "Sleeping cabin divides in two"),
    ),
    product(
        "T-3", "Skarven Solo Bivy Tent", "Tents", "199.00",
        {
            "Capacity (persons)": "1 person", "Weight": "1.1 kg", "Packed size": "34 x 11 cm",
            "Waterproof rating": "2,000 mm", "Flysheet material": "Ripstop polyester",
            "Poles": "Aluminium", "Seasons": "summer", "Entrances": "1",
        },
        ("Fits into a bottle holder",), brand="Skarven",
    ),
)  # fmt: skip
JACKETS = (
    product(
        "J-1", "Skarven Drizzle Rain Jacket", "Rain jackets", "129.00",
        {
            "Outer material": "Recycled nylon", "Waterproof rating": "10,000 mm", "Weight": "310 g",
            "Colour": "moss green", "Pockets": "3", "Fit": "regular",
            "Care": "machine wash at 30 °C", "PFC-free": "yes", "Hood": "adjustable, fixed",
        },
        ("Packs into its own chest pocket", "Zips under the arms"), brand="Skarven",
        description="A rain jacket for every day, made of recycled nylon. The hood turns with "
        "the head.",
    ),
    product(
        "J-2", "Norrvik Fjell Pro Rain Jacket", "Rain jackets", "259.00",
        {
            "Outer material": "Three-layer polyamide", "Waterproof rating": "20,000 mm",
            "Weight": "480 g", "Colour": "black, rust red", "Pockets": "5", "Fit": "roomy",
            "Care": "machine wash at 40 °C", "PFC-free": "yes", "Hood": "fits over a helmet",
        },
        ("Taped seams", "Two-way front zip"),
    ),
    product(
        "J-3", "Skarven Mist Windbreaker", "Rain jackets", "89.00",
        {
            "Outer material": "Polyester", "Waterproof rating": "5,000 mm", "Weight": "190 g",
            "Colour": "sky blue", "Pockets": "2", "Fit": "slim", "Care": "hand wash",
            "PFC-free": "no", "Hood": "rolls into the collar",
        },
        ("Elastic cuffs",), brand="Skarven",
    ),
)  # fmt: skip
STOVES = (
    product(
        "S-1", "Brennar Spark Gas Stove", "Camping stoves", "59.90",
        {
            "Fuel": "gas cartridge with thread", "Power": "2,600 W", "Weight": "95 g",
            "Packed size": "9 x 6 cm", "Burn time": "60 minutes", "Piezo ignition": "yes",
            "Material": "Titanium",
        },
        ("Folding pot supports",), brand="Brennar",
    ),
    product(
        "S-2", "Brennar Hearth Wood Stove", "Camping stoves", "84.50",
        {
            "Fuel": "twigs and pellets", "Power": "1,800 W", "Weight": "760 g",
            "Packed size": "21 x 14 cm", "Piezo ignition": "no", "Material": "Stainless steel",
        },
        ("Ash pan that lifts out",), brand="Brennar",
    ),
)  # fmt: skip
PRODUCTS = TENTS + JACKETS + STOVES


def facts(
    page_type: PageType,
    subject: str,
    products: Sequence[Product] = (),
    keyword: str = "",
    **changes: object,
) -> PageFacts:
    """The facts of a page."""
    slug = subject.lower().replace(" ", "-")[:80]
    return PageFacts(
        page_type=page_type,
        target_url=f"https://shop.example/{page_type}/{slug}",
        language="en",
        site_name="Northern Trails",
        subject=subject,
        keywords=(keyword or subject.lower(),),
        products=tuple(products),
    ).model_copy(update=changes)


def pages() -> list[PageFacts]:
    """The facts of all pages of the shop, and of some without any product."""
    made = [facts("product", p.name, [p]) for p in PRODUCTS]
    made += [
        facts("category", "Tents", TENTS),
        facts("category", "Rain jackets", JACKETS),
        facts("category", "Camping stoves", STOVES),
        facts("brand", "Norrvik", [p for p in PRODUCTS if p.brand == "Norrvik"]),
        facts("brand", "Skarven", [p for p in PRODUCTS if p.brand == "Skarven"], "skarven gear"),
        facts("guide", "How to choose a tent", TENTS, "how to choose a tent"),
        facts("guide", "Rain jackets", JACKETS, "rain jackets for hiking"),
        facts("guide", "Sleeping bags"),
        facts("guide", "Trekking poles"),
        facts("category", "Bike lights"),
        facts("brand", "Fernhill"),
        facts("product", "Fernhill Camp Lantern"),
    ]
    return made
