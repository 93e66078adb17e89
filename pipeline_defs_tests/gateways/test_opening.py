from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date

import pytest

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.opening import open_gateways
from pipeline_defs.gateways.publishing.port import PublishRequest
from pipeline_defs.gateways.shutdowns import live_shutdown_dates
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]


async def test_what_is_not_configured_fails_when_used_and_not_when_opened(
    settings_with: Make, catalog: Catalog
) -> None:
    async with open_gateways(settings_with(), catalog) as gateways:
        ref = await gateways.blobs.put(b"works without any provider", "text/plain")
        assert await gateways.blobs.exists(ref)
        with pytest.raises(Permanent, match="WORDPRESS_URL"):
            await gateways.publishing.publish(PublishRequest("a-slug", "t", "<p>x</p>", ""))


def test_importing_the_gateways_loads_no_heavy_client() -> None:
    code = (
        "import sys, pipeline_defs.gateways.opening, pipeline_defs.gateways.shutdowns;"
        "sys.exit(bool({'openai', 'obstore', 'pandas', 'dagster'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_live_dates_are_read_where_the_provider_lists_its_models(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    listed = [
        {"id": "gpt-5.6-terra", "object": "model", "shutdown_date": "2027-06-30"},
        {"id": "other", "object": "model", "shutdown_date": None},
    ]
    server.script(Answer({"object": "list", "data": listed}))
    settings = settings_with(openai_api_key=SECRET, openai_base_url=server.url)
    live = await live_shutdown_dates(settings, catalog)
    assert live.dates == {"openai:gpt-5.6-terra": date(2027, 6, 30)}
    assert live.unlisted[0] == "openai:gpt-5.6-luna"
    assert set(live.unlisted) < {key for key in catalog.models if key.startswith("openai:")}
    assert live.errors == ()
    assert server.requests[0].path == "/models"


async def test_a_provider_that_cannot_be_asked_for_dates_is_reported_not_raised(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    server.script(Answer(b"", 401))
    settings = settings_with(openai_api_key=SECRET, openai_base_url=server.url)
    live = await live_shutdown_dates(settings, catalog)
    assert [error.code for error in live.errors] == ["UNAUTHORIZED"]
    nobody = await live_shutdown_dates(settings_with(), catalog)
    assert (nobody.dates, nobody.errors) == ({}, ())
