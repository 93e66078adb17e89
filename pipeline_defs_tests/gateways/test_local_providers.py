"""Every adapter against the project's own local provider server, run as the stack runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pipeline_defs.domain.articles.drafts import OutlineDraft, OutlineTask
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.opening import open_gateways
from pipeline_defs.gateways.publishing.port import PublishRequest
from pipeline_defs.gateways.research.port import ResearchRequest
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.local_server import LOCAL_KEY
from pipeline_defs_tests.gateways.media_cases import only

Make = Callable[..., Settings]


@pytest.fixture
def settings(local_url: str, settings_with: Make) -> Settings:
    return settings_with(local_providers_url=local_url, local_providers_key=LOCAL_KEY)


@pytest.mark.parametrize(
    "key",
    ["openai:gpt-5.6-terra", "openrouter:anthropic/claude-sonnet-5", "compatible:default"],
)
async def test_each_text_adapter_gets_a_valid_outline(
    key: str, settings: Settings, catalog: Catalog
) -> None:
    task = OutlineTask(topic="Photosynthesis", sections=3).model_dump_json()
    request = TextRequest(
        instructions="Plan an article.",
        prompt=f"Plan it.\n\n```json\n{task}\n```\n",
        answer=OutlineDraft,
        purpose="outline",
        max_output_tokens=2000,
        timeout=20,
        idempotency_key=f"outline-{key}",
    )
    async with open_gateways(settings, only(catalog, "outline", key)) as gateways:
        answer = await gateways.text.generate(request)
    assert len(answer.value.sections) == 3
    assert answer.provider.startswith("local:")
    assert answer.usage[0].output_tokens > 0


@pytest.mark.parametrize(
    "key", ["perplexity:fast", "perplexity:search", "perplexity:sonar", "search:web"]
)
async def test_each_research_adapter_finds_sources_with_text(
    key: str, settings: Settings, catalog: Catalog
) -> None:
    request = ResearchRequest("How does photosynthesis work?", 5, 20, f"research-{key}")
    async with open_gateways(settings, only(catalog, "research", key)) as gateways:
        answer = await gateways.research.search(request)
    assert 0 < len(answer.sources) <= 5
    assert all(source.text and source.url for source in answer.sources)


async def test_a_post_is_made_once_and_then_updated(settings: Settings, catalog: Catalog) -> None:
    request = PublishRequest(
        "how-light-feeds-plants", "How light feeds plants", "<p>Light.</p>", "Light."
    )
    async with open_gateways(settings, catalog) as gateways:
        first = await gateways.publishing.publish(request)
        second = await gateways.publishing.publish(request)
    assert (first.created, second.created) == (True, False)
    assert (first.id, first.status) == (second.id, "draft")


async def test_another_key_is_not_accepted(
    local_url: str, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(local_providers_url=local_url, local_providers_key="another")
    request = ResearchRequest("tides", 5, 20, "research-without-key")
    async with open_gateways(settings, catalog) as gateways:
        with pytest.raises(Permanent) as caught:
            await asyncio.wait_for(gateways.research.search(request), 20)
    assert caught.value.code == "UNAUTHORIZED"
