"""The video port as the runtime uses it: the chain for video, model by model."""

from __future__ import annotations

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.video.capabilities import Capabilities
from pipeline_defs.gateways.video.openrouter import OpenRouterVideo
from pipeline_defs.gateways.video.port import VideoAnswer, VideoJob, VideoRequest
from pipeline_defs.policies import PROVIDER_MEDIA_LIMIT_BYTES
from pipeline_defs.settings import Settings


class ChainedVideo(Chained):
    """Implements `VideoPort`. A job is collected where it was started."""

    limit = PROVIDER_MEDIA_LIMIT_BYTES

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        super().__init__(settings, catalog)
        self._capabilities: dict[str, Capabilities] = {}

    async def aclose(self) -> None:
        """Close all clients, and forget what they said of the models."""
        self._capabilities = {}
        await super().aclose()

    async def start(self, request: VideoRequest) -> VideoJob:
        """See `VideoPort.start`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: VideoRequest) -> VideoJob:
            return await self._adapter(model).start(timed)

        job, _ = await self._first_served("video", request, ask)  # a failed start costs nothing
        return job

    async def collect(self, job: VideoJob, timeout: float) -> VideoAnswer | None:
        """See `VideoPort.collect`."""
        model = self._catalog.models.get(job.model_key)
        if model is None:
            raise Permanent(
                "NOT_CONFIGURED",
                f"the model '{job.model_key}', which has a job at work, is not in the catalogue",
                advice="Put it back under [models] in providers.toml until its jobs are done.",
                user_action_required=True,
            )
        return await self._adapter(model).collect(job, timeout)

    def _adapter(self, model: Model) -> OpenRouterVideo:
        http = self._http(model)
        if model.provider not in self._capabilities:
            self._capabilities[model.provider] = Capabilities(http)
        return OpenRouterVideo(http, model, self._capabilities[model.provider])
