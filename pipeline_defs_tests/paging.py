"""Products and pages for tests: as many as wanted, no two alike."""

from __future__ import annotations

import random
from typing import Any

NAMES = ("Alder", "Birch", "Cedar", "Dune", "Elm", "Fjord", "Grove", "Heath", "Isle", "Juniper")
PLACES = ("Ridge", "Lake", "Pass", "Peak", "Creek", "Meadow", "Harbour", "Canyon")
FIGURES = (
    ("Weight", "kg"), ("Length", "m"), ("Height", "cm"), ("Volume", "l"), ("Power", "W"),
    ("Range", "km"), ("Run time", "h"), ("Width", "cm"), ("Depth", "mm"),
)  # fmt: skip


def product(number: int) -> dict[str, Any]:
    """A product as a feed describes it; the same number is the same product."""
    chance = random.Random(number)
    name = f"{chance.choice(NAMES)} {chance.choice(PLACES)} {number}"
    return {
        "sku": f"SKU-{number:05d}",
        "name": name,
        "description": f"The {name} is described by its figures.",
        "brand": "Fernhill",
        "category": ["Outdoor", chance.choice(("Tents", "Lamps", "Stoves"))],
        "price": f"{chance.randint(900, 90_000) / 100:.2f}",
        "currency": "EUR",
        "availability": "in_stock",
        "attributes": [
            {"name": figure, "value": f"{chance.randint(6, 95) / 10} {unit}"}
            for figure, unit in chance.sample(FIGURES, 5)
        ],
    }


def product_page(number: int, **more: Any) -> dict[str, Any]:
    """The request of a product's page."""
    made = product(number)
    return {
        "page_type": "product",
        "target_url": f"https://shop.example/products/{number}",
        "keywords": [made["name"].lower()],
        "metadata": {"product": made},
        **more,
    }
