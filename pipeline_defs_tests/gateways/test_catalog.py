from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Catalog, load_catalog, parse_catalog
from pipeline_defs.gateways.endpoints import LOCAL_PATHS
from pipeline_defs.gateways.purposes import APIS_OF_PURPOSE
from pipeline_defs.settings import PROJECT_ROOT
from pipeline_defs_tests.gateways.conftest import PROVIDERS_FILE


def raw() -> dict[str, Any]:
    return tomllib.loads(PROVIDERS_FILE.read_text())


def test_every_chain_of_the_shipped_catalogue_names_a_primary_and_text_has_fallbacks(
    catalog: Catalog,
) -> None:
    assert set(catalog.chains) == set(APIS_OF_PURPOSE)
    assert len(catalog.chain("writing")) > 1
    assert catalog.chain("writing")[0].provider == "openai"


def test_no_model_asked_first_is_shut_down_soon_after_the_day_it_was_chosen(
    catalog: Catalog,
) -> None:
    aging = {model.key for model in catalog.aging_models(date(2026, 11, 23))}
    assert aging.isdisjoint(keys[0] for keys in catalog.chains.values())
    assert aging == {"openai:tts-1-hd"}  # all its provider offers, until the day it ends


def test_a_model_past_or_near_its_shutdown_is_reported_soonest_first() -> None:
    changed = raw()
    changed["models"]["openai:gpt-5.6-terra"]["shutdown"] = date(2027, 1, 1)
    changed["models"]["perplexity:search"]["shutdown"] = date(2026, 11, 1)
    changed["models"]["openai:gpt-5.6-luna"]["shutdown"] = date(2027, 12, 1)
    aging = parse_catalog(changed).aging_models(date(2026, 11, 23))
    assert [(model.key, model.days_left) for model in aging] == [
        ("perplexity:search", -22),
        ("openai:gpt-5.6-terra", 39),
        ("openai:tts-1-hd", 44),
    ]
    assert aging[1].purposes == ("outline", "writing", "extraction")


def test_a_date_the_provider_announces_wins_over_the_files(catalog: Catalog) -> None:
    aging = catalog.aging_models(
        date(2026, 11, 23), live={"openai:gpt-5.6-terra": date(2026, 12, 1)}
    )
    assert (aging[0].key, aging[0].days_left) == ("openai:gpt-5.6-terra", 8)


def test_the_price_of_a_call_counts_cached_tokens_at_their_own_price(catalog: Catalog) -> None:
    model = catalog.models["openai:gpt-5.6-terra"]
    assert model.token_cost(1_000_000, 0) == Decimal("2.00")
    assert model.token_cost(1_000_000, 1_000_000, cached_tokens=500_000) == Decimal("13.10")
    assert model.token_cost(10, 0, cached_tokens=99) == model.token_cost(10, 0, cached_tokens=10)


def test_the_price_of_media_counts_images_characters_or_seconds(catalog: Catalog) -> None:
    assert catalog.models["openai:gpt-image-2"].unit_cost(Decimal(2), "images") == Decimal("0.10")
    speech = catalog.models["openai:tts-1-hd"]
    assert speech.unit_cost(Decimal(1_000_000), "characters") == Decimal("30.00")
    assert catalog.models["elevenlabs:music_v2"].unit_cost(Decimal(60), "seconds") == Decimal("0.3")


def test_a_speech_server_of_ones_own_is_added_as_the_documentation_says() -> None:
    text = (PROJECT_ROOT / "docs" / "providers.md").read_text()
    example = tomllib.loads(text.split("```toml\n", 1)[1].split("```", 1)[0])
    changed = raw()
    changed["models"] |= example["models"]
    changed["chains"] |= example["chains"]
    (model,) = parse_catalog(changed).chain("speech")
    assert (model.provider, model.voices["deep"]) == ("compatible", "am_onyx")


def test_every_chain_of_media_begins_with_what_the_embedded_stack_serves(catalog: Catalog) -> None:
    served = {provider for provider in LOCAL_PATHS if provider != "compatible"}
    media = ("image", "speech", "video", "music", "transcription")
    assert {catalog.chain(purpose)[0].provider for purpose in media} <= served


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r["chains"].update(writing=[]), "chains.writing: empty; name at least one"),
        (lambda r: r["chains"].update(writing=["openai:x"]), "'openai:x' is not under [models]"),
        (lambda r: r["chains"].update(research=["wordpress:posts"]), "has api 'wordpress'"),
        (lambda r: r["chains"].update(nonsense=[]), "chains.nonsense"),
        (
            lambda r: r["chains"].update(telephony=["twilio:voice", "twilio:voice"]),
            "chains.telephony: only one model can serve it",
        ),
        (lambda r: r["providers"].pop("openai"), "providers.openai: missing; add the table"),
        (lambda r: r["models"]["perplexity:fast"].update(prise=1), "prise: unknown key"),
        (
            lambda r: r["models"]["openai:gpt-5.6-terra"].update(input_usd="-1"),
            "models.openai:gpt-5.6-terra.input_usd",
        ),
        (
            lambda r: r["models"]["openai:gpt-5.6-terra"].pop("input_usd"),
            "input_usd and output_usd (USD per million tokens)",
        ),
        (
            lambda r: r["models"]["elevenlabs:music_v2"].pop("second_usd"),
            "models.elevenlabs:music_v2: its price is missing; give second_usd (USD per second)",
        ),
        (
            lambda r: (
                r["models"]["openai:gpt-image-2"].update(input_usd=1)
                or [
                    r["models"]["openai:gpt-image-2"].pop(key)
                    for key in ("output_usd", "image_usd")
                ]
            ),
            "give input_usd and output_usd (USD per million tokens) or image_usd (USD per image)",
        ),
        (
            lambda r: r["models"]["openai:tts-1-hd"]["voices"].pop("deep"),
            "models.openai:tts-1-hd.voices: deep missing",
        ),
        (lambda r: r["chains"].update(speech=["openai:whisper-1"]), "has api 'openai-transcr"),
        (
            lambda r: r["models"].update({"nowhere:m": {"api": "chat"}}),
            "models.nowhere:m: name it '<provider>:<model id>'",
        ),
        (lambda r: r["providers"]["openai"].update(base_url="ftp://x"), "base_url"),
        (lambda r: r.pop("chains"), "chains: missing; add it"),
        (lambda r: r.update(models=3), "models"),
    ],
)
def test_a_mistake_in_the_catalogue_is_named_with_its_key(change: Any, words: str) -> None:
    changed = raw()
    change(changed)
    with pytest.raises(Permanent) as caught:
        parse_catalog(changed)
    assert caught.value.code == "BAD_CATALOG"
    assert words in caught.value.message
    assert caught.value.user_action_required


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="PROVIDERS_FILE"):
        load_catalog(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("a = = 1")
    with pytest.raises(Permanent, match="not valid TOML"):
        load_catalog(broken)


def test_an_unknown_purpose_says_what_to_add(catalog: Catalog) -> None:
    with pytest.raises(Permanent, match="purpose 'poetry'"):
        catalog.chain("poetry")
