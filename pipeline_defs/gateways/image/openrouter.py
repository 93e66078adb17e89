"""Pictures by OpenRouter's images API, which reports what each cost."""

from __future__ import annotations

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.image.answers import read_image, size_of
from pipeline_defs.gateways.image.port import ImageAnswer, ImageRequest
from pipeline_defs.gateways.wire import expect_no_error


class OpenRouterImages:
    """One model behind `POST /images`."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def draw(self, request: ImageRequest) -> ImageAnswer:
        """See `ImagePort.draw`."""
        endpoint = self._http.endpoint
        body = await self._http.json(
            Call(
                "POST",
                "/images",
                request.timeout,
                json={
                    "model": self._model.id,
                    "prompt": request.prompt,
                    "size": size_of(request),
                    **self._model.options,
                },
                headers=endpoint.bearer,
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=self._model.id,
            )
        )
        expect_no_error(body, endpoint, self._model.id)
        return read_image(body, endpoint, self._model)
