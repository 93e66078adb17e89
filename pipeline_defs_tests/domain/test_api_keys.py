"""API keys: their form, and that only a hash of the secret is compared."""

from __future__ import annotations

import hashlib

import pytest

from pipeline_defs.domain.api_keys import ApiKey

GOOD = "pk_0123abcd_" + "A" * 43


def test_a_new_key_reads_back_as_itself() -> None:
    key = ApiKey.new()
    assert ApiKey.parse(key.text) == key
    assert ApiKey.parse(key.text).matches(key.secret_hash)


def test_new_keys_are_distinct() -> None:
    assert len({ApiKey.new().text for _ in range(200)}) == 200


def test_only_a_hash_of_the_secret_is_stored() -> None:
    key = ApiKey.parse(GOOD)
    assert key.secret_hash == hashlib.sha256(b"A" * 43).digest()
    assert b"A" * 43 not in key.secret_hash


def test_the_secret_is_not_shown_by_accident() -> None:
    assert "A" * 43 not in repr(ApiKey.parse(GOOD))


def test_another_secret_under_the_same_id_does_not_match() -> None:
    assert not ApiKey.parse(GOOD[:-1] + "B").matches(ApiKey.parse(GOOD).secret_hash)
    assert not ApiKey.parse(GOOD).matches(b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pk_",
        GOOD[:-1],
        GOOD + "A",
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace("pk_", "sk_"),
        GOOD.replace("0123abcd", "0123ABCD"),
        GOOD.replace("0123abcd", "0123abc"),
        GOOD[:-1] + "ä",
        GOOD[:-1] + "\u0000",
        GOOD[:-1] + "=",
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="not an API key") as caught:
        ApiKey.parse(text)
    assert len(text) < 10 or text not in str(caught.value)
