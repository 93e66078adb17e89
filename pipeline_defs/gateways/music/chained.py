"""The music port as the runtime uses it: the chain for music, model by model."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.music.elevenlabs import ElevenLabsMusic
from pipeline_defs.gateways.music.port import MusicAnswer, MusicRequest
from pipeline_defs.policies import PROVIDER_MEDIA_LIMIT_BYTES


class ChainedMusic(Chained):
    """Implements `MusicPort`."""

    limit = PROVIDER_MEDIA_LIMIT_BYTES

    async def compose(self, request: MusicRequest) -> MusicAnswer:
        """See `MusicPort.compose`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: MusicRequest) -> MusicAnswer:
            return await ElevenLabsMusic(self._http(model), model).compose(timed)

        answer, wasted = await self._first_served("music", request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))
