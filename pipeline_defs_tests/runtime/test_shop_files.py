"""Product feeds and search figures as shops export them, and as nobody should."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from pipeline_defs import policies
from pipeline_defs.runtime.shop_files import read_keywords, read_products

CSV = "text/csv"
XML = "application/xml"
RSS = b"""<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>
<item><g:id>T-1</g:id><g:title>Tent &amp; Tarp</g:title>
<g:description>&lt;p&gt;Two &lt;b&gt;people&lt;/b&gt;
fit.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</g:description>
<g:link>https://shop.example/t1</g:link>
<g:image_link>https://shop.example/1.jpg</g:image_link>
<g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>
<g:availability>in stock</g:availability><g:price>349.00 EUR</g:price>
<g:sale_price>299,50 EUR</g:sale_price><g:brand>Norhal</g:brand><g:gtin>4000006200073</g:gtin>
<g:product_type>Camping &gt; Tents</g:product_type>
<g:product_highlight>Freestanding</g:product_highlight>
<g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Weight</g:attribute_name>
<g:attribute_value>1.9 kg</g:attribute_value></g:product_detail>
<g:shipping><g:country>DE</g:country></g:shipping><g:colour>green</g:colour></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><entry>
<g:id>A-1</g:id><title>Stove</title><link href="https://shop.example/a1"/><g:price>49 EUR</g:price>
</entry></feed>"""


def test_google_merchant_rss_is_read_in_full() -> None:
    feed = read_products(RSS, XML)
    assert feed.errors == ()
    (tent,) = feed.products
    assert (tent.sku, tent.name, tent.brand) == ("T-1", "Tent & Tarp", "Norhal")
    assert tent.description == "Two people fit."
    assert (tent.price, tent.sale_price, tent.currency) == (
        Decimal("349.00"),
        Decimal("299.50"),
        "EUR",
    )
    assert (tent.category, tent.availability) == (("Camping", "Tents"), "in_stock")
    assert tent.images == ("https://shop.example/1.jpg", "https://shop.example/2.jpg")
    assert [(a.name, a.value) for a in tent.attributes] == [
        ("Weight", "1.9 kg"),
        ("Colour", "green"),
    ]


def test_atom_is_read_with_its_links() -> None:
    (stove,) = read_products(ATOM, XML).products
    assert (stove.sku, stove.url, stove.offer) == ("A-1", "https://shop.example/a1", Decimal("49"))


@pytest.mark.parametrize(
    "attack",
    [
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item>&x;</item></rss>',
        b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><item>&b;</item></rss>',
        b'<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd"><rss><item/></rss>',
    ],
)
def test_xml_that_defines_or_fetches_anything_is_refused(attack: bytes) -> None:
    (error,) = read_products(attack, XML).errors
    assert "entities or a document type" in error.message


@pytest.mark.parametrize("broken", [b"<rss><item>", b"<rss></rss>", b"<" + b"a" * 1000])
def test_broken_xml_is_one_fault_of_the_file(broken: bytes) -> None:
    (error,) = read_products(broken, XML).errors
    assert (error.row, error.column) == (0, "file")


def test_columns_we_do_not_know_become_attributes() -> None:
    rows = "SKU;Name;Price;Currency;Packed size;frame_material\nX1;Pole;59,00;EUR;65 cm;carbon\n"
    feed = read_products(rows.encode("cp1252"), CSV)
    (pole,) = feed.products
    assert pole.price == Decimal("59.00")
    assert [(a.name, a.value) for a in pole.attributes] == [
        ("Packed size", "65 cm"),
        ("Frame material", "carbon"),
    ]


def test_every_faulty_row_is_named_with_its_column() -> None:
    rows = (
        "id,title,price,availability,gtin,link\n"
        "A,Tent,349 EUR,in stock,4000006200073,https://x.example/a\n"
        ",No id,1 EUR,in stock,,https://x.example/b\n"
        "C,Cheap,free,in stock,,https://x.example/c\n"
        "D,No currency,12.50,in stock,,https://x.example/d\n"
        "E,Odd,1 EUR,maybe,12,javascript:alert(1)\n"
        "A,Twice,2 EUR,in stock,,https://x.example/f\n"
    )
    errors = read_products(rows.encode(), CSV).errors
    assert sorted((error.row, error.column) for error in errors) == [
        (3, "sku"),
        (4, "price"),
        (5, "price"),
        (6, "availability"),
        (6, "gtin"),
        (6, "url"),
        (7, "sku"),
    ]
    assert "row 2" in errors[-1].message


def test_our_own_json_and_googles_are_both_read() -> None:
    entries = [
        {"sku": "A", "name": "Lamp", "price": "19.90", "currency": "EUR",
         "category": ["Hiking", "Lamps"], "attributes": [{"name": "Range", "value": "60 m"}]},
        {"id": "B", "title": "Boot", "price": "99 EUR", "attributes": {"Sole": "rubber"}},
    ]  # fmt: skip
    feed = read_products(json.dumps({"products": entries}).encode(), "application/json")
    assert feed.errors == ()
    lamp, boot = feed.products
    assert (lamp.category, lamp.attributes[0].value) == (("Hiking", "Lamps"), "60 m")
    assert (boot.offer, boot.attributes[0].name) == (Decimal("99"), "Sole")


def test_a_feed_beyond_its_bounds_is_refused() -> None:
    rows = "id,title\n" + "".join(f"S{n},Name\n" for n in range(policies.FEED_ROWS + 1))
    (error,) = read_products(rows.encode(), CSV).errors
    assert "10,000" in error.message
    large = b"<rss>" + b" " * policies.FEED_BYTES + b"</rss>"
    assert read_products(large, XML).errors[0].column == "file"


def test_search_figures_are_read_under_their_usual_names() -> None:
    rows = 'Keyword,Search volume,KD\ntents,"12,100",48\nstoves,,\n'
    found = read_keywords(rows.encode(), CSV)
    assert found.errors == ()
    assert [(f.keyword, f.monthly_searches, f.difficulty) for f in found.figures] == [
        ("tents", 12_100, 48),
        ("stoves", None, None),
    ]
    (error,) = read_keywords(b"keyword,volume\n,5\n", CSV).errors
    assert (error.row, error.column) == (2, "keyword")


def test_columns_that_are_repeated_lose_nothing() -> None:
    rows = (
        "id,title,additional_image_link,product_detail,additional_image_link,product_detail\n"
        "A,Tent,https://x.example/1.jpg,Weight:1 kg,https://x.example/2.jpg,Poles:two\n"
    )
    (tent,) = read_products(rows.encode(), CSV).products
    assert tent.images == ("https://x.example/1.jpg", "https://x.example/2.jpg")
    assert [(a.name, a.value) for a in tent.attributes] == [("Weight", "1 kg"), ("Poles", "two")]


def test_details_of_json_and_xml_keep_their_colons() -> None:
    entry = {"id": "A", "title": "Screen", "attributes": {"Ratio: wide": "16:9; 4:3"}}
    (screen,) = read_products(json.dumps([entry]).encode(), "application/json").products
    assert [(a.name, a.value) for a in screen.attributes] == [("Ratio: wide", "16:9; 4:3")]
    (tent,) = read_products(RSS.replace(b"1.9 kg", b"1:9; 2|3"), XML).products
    assert tent.attributes[0].value == "1:9; 2|3"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_feeds_are_read_in_usual_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    rows = "id,title,color\nA,Zelt für zwei,grün\n".replace(",", delimiter)
    (tent,) = read_products(rows.encode(encoding), CSV).products
    assert (tent.name, tent.attributes[0].value) == ("Zelt für zwei", "grün")


def test_xml_in_utf16_is_read_and_its_entities_are_refused() -> None:
    text = RSS.decode().replace('version="1.0"?>', 'version="1.0" encoding="UTF-16"?>', 1)
    (tent,) = read_products(text.encode("utf-16"), XML).products
    assert tent.sku == "T-1"
    attack = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item>&x;</item></rss>'
    (error,) = read_products(attack.encode("utf-16"), XML).errors
    assert error.fix == "Remove its DOCTYPE."


def test_a_feed_with_nul_bytes_is_refused_in_words() -> None:
    (error,) = read_products(b"id,title\nA,Te\0nt\n", CSV).errors
    assert "NUL" in error.message


def test_figures_that_cannot_be_read_are_named_by_row_and_column() -> None:
    found = read_keywords(b"keyword,volume\ntents,about 3k\nstoves,n/a\n", CSV)
    assert [(e.row, e.column) for e in found.errors] == [(2, "monthly_searches")]


@pytest.mark.parametrize(
    "feed",
    [
        b"id,title,price\n", b"[]", b'{"products": []}', b'{"products": [], "items": null}',
        b"<rss><channel/></rss>",
    ],
)  # fmt: skip
def test_a_feed_without_products_is_refused(feed: bytes) -> None:
    reading = read_products(feed, XML if feed.startswith(b"<") else "")
    (error,) = reading.errors
    assert (error.row, error.column) == (0, "file")
    assert error.message.startswith("has no ")
    assert error.fix


@pytest.mark.parametrize("empty", [b"keyword,volume\n", b"[]", b'{"keywords": []}'])
def test_a_file_without_search_terms_is_refused(empty: bytes) -> None:
    (error,) = read_keywords(empty, "").errors
    assert (error.column, error.message) == ("file", "has no keywords")


@pytest.mark.parametrize("name", ["products", "items", "entries"])
def test_the_list_of_a_json_object_is_found_by_its_name(name: str) -> None:
    entry = {"sku": "A", "name": "Lamp"}
    feed = read_products(json.dumps({"deleted": [], "error": None, name: [entry]}).encode(), "")
    assert [found.sku for found in feed.products] == ["A"]
    figures = read_keywords(b'{"took": 5, "keywords": [{"keyword": "tents"}]}', "")
    assert [found.keyword for found in figures.figures] == ["tents"]


@pytest.mark.parametrize("answer", [b'{"error": []}', b"{}", b'{"products": {}}'])
def test_a_json_object_without_a_list_of_a_known_name_is_refused(answer: bytes) -> None:
    (error,) = read_products(answer, "").errors
    assert error.message == 'has no list under "products", "items" or "entries"'
    assert error.fix == 'Send [...] or {"products": [...]}.'
    assert read_keywords(answer, "").errors
