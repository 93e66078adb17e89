from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.endpoints import LOCAL_PATHS, resolve, serving
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET

LOCAL = {"local_providers_url": "http://127.0.0.1:9/", "local_providers_key": "local-key"}
Make = Callable[..., Settings]


def test_a_key_in_the_environment_means_the_real_provider(
    settings_with: Make, catalog: Catalog
) -> None:
    endpoint = resolve("openai", settings_with(openai_api_key=SECRET, **LOCAL), catalog)
    assert endpoint.base_url == "https://api.openai.com/v1"
    assert endpoint.key is not None
    assert endpoint.key.get_secret_value() == SECRET
    assert endpoint.label == "openai"


def test_an_override_replaces_the_address(settings_with: Make, catalog: Catalog) -> None:
    settings = settings_with(openai_api_key=SECRET, openai_base_url="https://eu.example.com/v1/")
    assert resolve("openai", settings, catalog).base_url == "https://eu.example.com/v1"


@pytest.mark.parametrize("provider", sorted(LOCAL_PATHS))
def test_without_a_key_the_local_server_answers_and_only_its_own_key_goes_there(
    provider: str, settings_with: Make, catalog: Catalog
) -> None:
    endpoint = resolve(provider, settings_with(**LOCAL), catalog)
    assert endpoint.base_url == f"http://127.0.0.1:9{LOCAL_PATHS[provider]}"
    assert endpoint.key is not None
    assert endpoint.key.get_secret_value() == "local-key"
    assert endpoint.label == f"local:{provider}"


def test_an_override_without_a_key_never_sends_the_local_key_there(
    settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(openai_base_url="https://elsewhere.example.com", **LOCAL)
    assert resolve("openai", settings, catalog).base_url.startswith("http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("perplexity", "PERPLEXITY_API_KEY"),
        ("search", "SEARCH_API_KEY"),
        ("elevenlabs", "ELEVENLABS_API_KEY"),
        ("wordpress", "WORDPRESS_URL"),
        ("compatible", "COMPATIBLE_BASE_URL"),
    ],
)
def test_nothing_configured_names_the_variable_to_set(
    provider: str, variable: str, settings_with: Make, catalog: Catalog
) -> None:
    with pytest.raises(Permanent) as caught:
        resolve(provider, settings_with(), catalog)
    assert caught.value.code == "NOT_CONFIGURED"
    assert variable in caught.value.message
    assert variable in caught.value.advice


@pytest.mark.parametrize(
    ("values", "variable"),
    [
        ({"wordpress_user": "ann"}, "WORDPRESS_APP_PASSWORD"),
        ({"wordpress_app_password": SECRET}, "WORDPRESS_USER"),
    ],
)
def test_half_a_wordpress_names_the_missing_half(
    values: dict[str, str], variable: str, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(wordpress_url="https://blog.example.com", **values)
    with pytest.raises(Permanent, match=variable):
        resolve("wordpress", settings, catalog)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://api.example.com/v1", False),
        ("http://93.184.216.34/v1", False),
        ("https://api.example.com/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://10.1.2.3:8000/v1", True),
        ("http://vllm:8000/v1", True),
    ],
)
def test_a_key_travels_in_the_clear_only_inside_a_private_network(
    address: str, allowed: bool, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(compatible_base_url=address, compatible_api_key=SECRET)
    if allowed:
        assert resolve("compatible", settings, catalog).base_url == address
    else:
        with pytest.raises(Permanent, match="INSECURE_ADDRESS"):
            resolve("compatible", settings, catalog)


def test_the_key_shows_in_no_repr_and_is_cut_out_of_texts(
    settings_with: Make, catalog: Catalog
) -> None:
    endpoint = resolve("openai", settings_with(openai_api_key=SECRET), catalog)
    assert SECRET not in repr(endpoint)
    said = endpoint.redact(f"Incorrect API key {SECRET}, or sk-abc***xyz9, or sk_0123456789ab")
    assert "sk-" not in said
    assert "sk_" not in said


def test_elevenlabs_gets_its_key_in_a_header_of_its_own(
    settings_with: Make, catalog: Catalog
) -> None:
    endpoint = resolve("elevenlabs", settings_with(elevenlabs_api_key=SECRET), catalog)
    assert endpoint.base_url == "https://api.elevenlabs.io"
    assert endpoint.api_key_header == {"xi-api-key": SECRET}
    assert replace(endpoint, key=None).api_key_header == {}


def test_one_real_key_takes_the_local_stand_ins_out_of_the_chain(
    settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(openrouter_api_key=SECRET, **LOCAL)
    assert {model.provider for model in serving("writing", settings, catalog)} == {"openrouter"}
    assert {model.provider for model in serving("music", settings, catalog)} == {"elevenlabs"}
    local = serving("writing", settings_with(**LOCAL), catalog)
    assert local == catalog.chain("writing")
