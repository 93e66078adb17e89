"""Media that are costly to make, made once."""

from __future__ import annotations

import asyncio

import pytest

from pipeline_defs import policies
from pipeline_defs.media.clips import moving_still
from pipeline_defs_tests.media.specimens import encoded, scene


@pytest.fixture(scope="session")
def segment_clip() -> bytes:
    """A clip of a whole segment in our shape."""
    return asyncio.run(moving_still(encoded(scene()), seconds=policies.SEGMENT_SECONDS, seed=1))
