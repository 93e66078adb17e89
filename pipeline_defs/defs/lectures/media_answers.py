"""What a provider sent as an image, a sound or a clip is judged before it is kept."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.failures import InvalidAnswer, charge, spent
from pipeline_defs.gateways.usage import Usage


@contextmanager
def judged(usage: tuple[Usage, ...]) -> Generator[None]:
    """Within the block, media that cannot be used mean a paid answer to be asked for again.

    Whatever else goes wrong there, the answer stays on the bill.
    """
    try:
        yield
    except PipelineError as error:
        if error.code == "BAD_MEDIA":
            raise InvalidAnswer(error.message, usage) from error
        if not spent(error):
            charge(error, usage)
        raise
