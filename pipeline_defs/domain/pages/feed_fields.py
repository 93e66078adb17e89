"""What the headings of a product feed stand for: Google Merchant's names, and plain ones.

What we do not know becomes a named attribute of the product, which pages may state. Fields that
are for Google, for advertising or for the shop alone are known so that they never get there.
Source: Google's product data specification, https://support.google.com/merchants/answer/7052112
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "sku": ("id", "sku", "itemnumber", "articlenumber", "productid"),
    "name": ("title", "name", "productname"),
    "description": ("description", "desc"),
    "url": ("link", "url", "producturl"),
    "images": ("imagelink", "image", "imageurl", "images", "additionalimagelink"),
    "availability": ("availability", "stock"),
    "price": ("price",),
    "sale_price": ("saleprice",),
    "sale_dates": ("salepriceeffectivedate",),
    "currency": ("currency",),
    "brand": ("brand", "manufacturer"),
    "gtin": ("gtin", "ean", "upc", "barcode"),
    "mpn": ("mpn",),
    "condition": ("condition",),
    "category": ("producttype", "category", "categories"),
    "google_category": ("googleproductcategory",),
    "highlights": ("producthighlight", "highlights", "highlight"),
    "rating": ("rating", "averagerating"),
    "review_count": ("reviewcount", "reviews"),
    "detail": ("productdetail",),
}
FIELD_OF = {alias: field for field, aliases in NAMES.items() for alias in aliases}
LISTS = frozenset({"images", "highlights", "detail", "category"})
LEFT_OUT = frozenset(
    """
    adult additionalvariantattribute autopricingminprice availabilitydate buyonlink
    canonicallink carriershipping certification channel cloudexportadditionalproperties
    consumernotice consumerdatatype contentlanguage costofgoodssold disclosuredate
    excludeddestination expirationdate externalsellerid feedlabel freeshippingthreshold
    identifierexists includeddestination installment isbundle itemgroupid itemgrouptitle
    lifestyleimagelink linktemplate localshippinglabel loyaltypoints loyaltyprogram
    maximumretailprice maxhandlingtime minhandlingtime maximumhandlingtime minimumhandlingtime
    memberprice mobilelink mobilelinktemplate modellink virtualmodellink pause pickupmethod
    pickupsla promotionid questionandanswer documentlink itemtype relatedproduct returnpolicylabel
    returnaddresslabel returnrulelabel selloncommerce selloninquantity sellongooglequantity
    shipsfromcountry shortlink shorttitle source storecode structureddescription structuredtitle
    subscriptioncost targetcountry transittimelabel videolink quantity purchaseprice
    costprice cost margin supplier supplierid suppliersku wholesaleprice buyingprice
    """.lower().split()
)
LEFT_OUT_FROM = (
    "ads", "adwords", "displayads", "customlabel", "shipping", "shoppingads", "tax",
    "handlingcutoff", "promotion", "loyalty",
)  # fmt: skip


def field_of(heading: str) -> str | None:
    """The field a heading stands for; None for an attribute of its own."""
    return FIELD_OF.get(plain(heading))


def is_public(heading: str) -> bool:
    """Whether what stands under a heading we do not know may be told to everybody."""
    name = plain(heading)
    return name not in LEFT_OUT and not name.startswith(LEFT_OUT_FROM)


def words(heading: str) -> str:
    """A heading for people: `packed_size` is `Packed size`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading).replace("_", " ").replace("-", " ")
    text = " ".join(spaced.split())
    return text[:1].upper() + text[1:]


def plain(heading: str) -> str:
    """A heading by its letters alone, without the prefix of a namespace."""
    return re.sub("[^a-z]", "", heading.lower().rpartition(":")[2])
