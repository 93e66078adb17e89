"""Pictures of the demo shop's products: a drawing of what it is, in colours of its own."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from pipeline_defs.local.shop.catalogue import products
from pipeline_defs.media.typesetting import render_svg

SIDE = 800
# Background above and below, main colour, shade, accent.
COLOURS = (
    ("#eef4ee", "#cfe0d0", "#2f6b4f", "#1f4a37", "#e0a43c"),
    ("#eef2f7", "#cfdcea", "#2c5a86", "#1d3f60", "#e58a4e"),
    ("#f8f1ea", "#ecd9c6", "#a5532c", "#74391e", "#3f7f86"),
    ("#f3f0f7", "#dcd3e8", "#5d4a86", "#40325f", "#d9b341"),
    ("#f0f5f5", "#cfe3e3", "#23747a", "#165156", "#d96c4f"),
    ("#f7f3ea", "#e8ddc0", "#7d6a22", "#574a16", "#4a6fa5"),
)
DRAWINGS = {
    "TNT": '<path d="M90 560 400 180 710 560Z" fill="{main}"/>'
    '<path d="M400 180 710 560H560Z" fill="{shade}"/>'
    '<path d="M330 560 400 300 470 560Z" fill="{accent}"/>'
    '<path d="M400 180V140" stroke="{shade}" stroke-width="12" stroke-linecap="round"/>'
    '<path d="M60 590H740" stroke="{shade}" stroke-width="14" stroke-linecap="round"/>',
    "SLP": '<path d="M250 200q150-110 300 0l60 330q-210 140-420 0Z" fill="{main}"/>'
    '<path d="M290 240q110-80 220 0l-20 90q-90 50-180 0Z" fill="{accent}"/>'
    '<path d="M245 400q155 60 310 0M225 480q175 70 350 0" stroke="{shade}" stroke-width="12" '
    'fill="none" stroke-linecap="round"/>',
    "PCK": '<path d="M300 190q100-80 200 0" stroke="{shade}" stroke-width="26" fill="none"/>'
    '<rect x="240" y="200" width="320" height="400" rx="90" fill="{main}"/>'
    '<rect x="285" y="400" width="230" height="150" rx="36" fill="{shade}"/>'
    '<path d="M285 300h230" stroke="{accent}" stroke-width="22" stroke-linecap="round"/>'
    '<rect x="370" y="280" width="60" height="60" rx="14" fill="{accent}"/>',
    "POL": '<path d="M270 170 200 600" stroke="{main}" stroke-width="26" stroke-linecap="round"/>'
    '<path d="M530 170 600 600" stroke="{shade}" stroke-width="26" stroke-linecap="round"/>'
    '<path d="M284 130 272 250M516 130 528 250" stroke="{accent}" stroke-width="46" '
    'stroke-linecap="round"/><circle cx="210" cy="540" r="30" fill="{main}"/>'
    '<circle cx="590" cy="540" r="30" fill="{shade}"/>',
    "BOT": '<path d="M260 180h160v190q120 30 190 90 30 30 20 80H240V280Z" fill="{main}"/>'
    '<path d="M230 540h410v40q0 20-30 20H250q-20 0-20-20Z" fill="{shade}"/>'
    '<path d="M430 300h-90M440 350h-90M470 400h-90" stroke="{accent}" stroke-width="16" '
    'stroke-linecap="round"/>',
    "STV": '<rect x="320" y="420" width="160" height="180" rx="30" fill="{shade}"/>'
    '<rect x="370" y="340" width="60" height="90" fill="{main}"/>'
    '<path d="M250 330h300M270 330v-40M530 330v-40" stroke="{main}" stroke-width="26" '
    'stroke-linecap="round"/><path d="M400 140q70 70 30 130 40 0 40-50 40 70-10 100H340'
    'q-60-60 10-120 10 40 40 40-20-50 10-100Z" fill="{accent}"/>',
    "LMP": '<path d="M160 330q240-150 480 0" stroke="{shade}" stroke-width="50" fill="none"/>'
    '<rect x="300" y="270" width="200" height="170" rx="50" fill="{main}"/>'
    '<circle cx="400" cy="355" r="58" fill="{accent}"/>'
    '<path d="M400 450v120M310 440l-60 100M490 440l60 100" stroke="{accent}" '
    'stroke-width="18" stroke-linecap="round"/>',
    "JCK": '<path d="M310 190h180l120 60 50 230-90 24-30-110v200H260V394l-30 110-90-24 50-230Z" '
    'fill="{main}"/><path d="M340 190q60 70 120 0l-20-50h-80Z" fill="{shade}"/>'
    '<path d="M400 240v354" stroke="{accent}" stroke-width="14"/>'
    '<path d="M300 440h60M440 440h60" stroke="{shade}" stroke-width="14" '
    'stroke-linecap="round"/>',
}


@lru_cache(maxsize=64)
def picture(sku: str) -> bytes | None:
    """The PNG of a product; None where the shop has none of that SKU."""
    if sku not in products():
        return None
    number = int.from_bytes(hashlib.sha256(sku.encode()).digest()[:4], "big")
    above, below, main, shade, accent = COLOURS[number % len(COLOURS)]
    drawing = DRAWINGS[sku[:3]].format(main=main, shade=shade, accent=accent)
    turn = (number >> 8) % 9 - 4
    scale = 0.92 + (number >> 16) % 9 / 100
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" '
        f'viewBox="0 0 {SIDE} {SIDE}"><rect width="800" height="800" fill="{above}"/>'
        f'<path d="M0 620q200-70 400-20t400-30v230H0Z" fill="{below}"/>'
        f'<ellipse cx="400" cy="640" rx="290" ry="34" fill="{shade}" opacity=".18"/>'
        f'<g transform="translate(400 400) rotate({turn}) scale({scale}) translate(-400 -370)">'
        f"{drawing}</g></svg>"
    )
    return render_svg(svg)
