"""Phone numbers: E.164, as Twilio takes them."""

from __future__ import annotations

import phonenumbers

SHOWN_DIGITS = 4


def e164(text: str) -> str:
    """`text` as `+<country><number>`; ValueError where it is no number that can be called."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise ValueError(
            "is not a phone number: write it with its country code, like +49 30 901820"
        ) from error
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise ValueError("is not a number that can be called: check its digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """A number for logs and messages: its country's digits and the last four."""
    return f"{number[:3]}…{number[-SHOWN_DIGITS:]}"
