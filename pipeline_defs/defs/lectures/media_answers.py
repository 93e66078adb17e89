"""What a provider sent as an image, a sound or a clip is judged before it is kept."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.usage import Usage


@contextmanager
def judged(usage: tuple[Usage, ...]) -> Generator[None]:
    """Within the block, media that cannot be used mean a paid answer to be asked for again."""
    try:
        yield
    except Permanent as error:
        if error.code != "BAD_MEDIA":
            raise
        raise InvalidAnswer(error.message, usage) from error
