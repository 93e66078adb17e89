"""A real Chromium on a real gateway. Without Chromium the tests are skipped, in CI they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import AsyncGenerator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright  # noqa: TID253 (browser tests only)

from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.gateways import World, running_world, settings_for

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium: `PIPELINE_CHROMIUM`, else one on the PATH."""
    found = os.environ.get("PIPELINE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    if not found:
        reason = "no Chromium here: `make test` gets one, or set PIPELINE_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
async def world(database: TestDatabase, redis_url: str, tmp_path: Path) -> AsyncGenerator[World]:
    """A running gateway with two organizations."""
    async with running_world(settings_for(database, redis_url, tmp_path), database) as running:
        yield running


@pytest.fixture
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    """A headless browser."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            yield running
        finally:
            await running.close()


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The source of axe-core, from a Python package or from npm; skipped where neither is there."""
    if find_spec("axe_playwright_python") is not None:
        import axe_playwright_python

        folder = Path(str(axe_playwright_python.__file__)).parent
        return next(folder.rglob("axe.min.js")).read_text()
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("axe-core")
    script = folder / "package" / "axe.min.js"
    npm = shutil.which("npm")
    if not script.is_file() and npm is not None:
        subprocess.run([npm, "pack", "axe-core@4.14.1"], cwd=folder, check=False, timeout=60,
                       capture_output=True)  # fmt: skip
        for archive in folder.glob("axe-core-*.tgz"):
            with tarfile.open(archive) as packed:
                member = packed.extractfile("package/axe.min.js")
                assert member is not None
                script.parent.mkdir(exist_ok=True)
                script.write_bytes(member.read())
    if not script.is_file():
        pytest.skip("axe-core is neither installed nor obtainable with npm")
    return script.read_text()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: `PIPELINE_SCREENSHOTS`, else a temporary folder."""
    wanted = os.environ.get("PIPELINE_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
