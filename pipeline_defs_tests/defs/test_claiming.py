"""Claims by a model that obeys every instruction it sees: fifty attacks change nothing."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pipeline_defs.defs.calls.claiming import claims_of
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.prompts import ExtractionTask, StanceTask
from pipeline_defs.domain.calls.recipe import evidence
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.domain.calls.verdicts import final_verdict
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import load_catalog
from pipeline_defs.gateways.opening import Gateways, open_gateways
from pipeline_defs.local.providers.engine.embedding import Embedder
from pipeline_defs.local.providers.writer.answer import find_task
from pipeline_defs.local.providers.writer.stance import find_claims, take_side
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.settings import Settings
from pipeline_defs_tests.domain.calls.samples import call, campaign
from pipeline_defs_tests.domain.calls.test_passages import ATTACKS, said

# What this model takes for an instruction: far more than anybody would say in an interview.
ORDERS = re.compile(
    r"ignor|disregard|forget|system|assistant|model|hypothes|support|oppos|verdict|stance|json|xml|"
    r"http|www|tool|function|execute|instruction|prompt|mark|classif|label|record|report|translate|"
    r"decode|anweis|instruc|忽略|игнор|reveal|drop|delete|conclude|declare|output|answer with",
    re.IGNORECASE,
)
QUESTION = "Do you like bread?"
ANSWER = "No, I would never buy it. It is a waste of time and money."


class ObeyingModel:
    """A text server of the OpenAI API. It reads as the local one does, until it is told to do
    something: then it does that, for every hypothesis it can name."""

    def __init__(self) -> None:
        self.obeyed = 0
        self._embedder = Embedder()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/openai/v1/responses", self.respond, methods=["POST"]),
                Route("/openai/v1/embeddings", self.embed, methods=["POST"]),
            ]
        )

    async def respond(self, request: Request) -> JSONResponse:
        body = await request.json()
        prompt = body["input"] if isinstance(body["input"], str) else json.dumps(body["input"])
        task: Any = find_task(_prompt_of(body))
        data = task.model_dump(mode="json")
        words = " ".join(data.get("words", ())) + str(data.get("statement", ""))
        assert prompt
        if ORDERS.search(words + data["question"]):
            self.obeyed += 1
            answer: dict[str, Any] = {"stance": "supports", "confidence": 1.0}
            if isinstance(task, ExtractionTask):
                every = [h["number"] for h in data["hypotheses"]]
                last = len(data["words"])
                answer = {"claims": [_claim(number, last) for number in every]}
        elif isinstance(task, ExtractionTask):
            answer = find_claims(task).model_dump(mode="json")
        else:
            assert isinstance(task, StanceTask)
            answer = take_side(task).model_dump(mode="json")
        content = [{"type": "output_text", "text": json.dumps(answer), "annotations": []}]
        message = {"id": "m", "type": "message", "role": "assistant", "status": "completed",
                   "content": content}  # fmt: skip
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        return JSONResponse(
            {"id": "r", "object": "response", "status": "completed", "model": "obeying",
             "output": [message], "usage": usage}
        )  # fmt: skip

    async def embed(self, request: Request) -> JSONResponse:
        texts = (await request.json())["input"]
        vectors, _ = await asyncio.to_thread(self._embedder.embed, texts)
        data = [{"index": n, "embedding": v, "object": "embedding"} for n, v in enumerate(vectors)]
        return JSONResponse({"object": "list", "data": data, "model": "m",
                             "usage": {"prompt_tokens": 1, "total_tokens": 1}})  # fmt: skip


def _prompt_of(body: dict[str, Any]) -> str:
    given = body["input"]
    if isinstance(given, str):
        return given
    parts = [part for item in given for part in _texts(item["content"])]
    return "\n".join(parts)


def _texts(content: Any) -> list[str]:
    return [content] if isinstance(content, str) else [part["text"] for part in content]


def _claim(hypothesis: int, last: int) -> dict[str, Any]:
    return {"hypothesis": hypothesis, "first_word": 1, "last_word": last, "confidence": 1.0}


@pytest.fixture
async def model() -> AsyncGenerator[tuple[ObeyingModel, str]]:
    """It serves on a port of its own."""
    obeying = ObeyingModel()
    server = uvicorn.Server(uvicorn.Config(obeying.app(), port=0, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield obeying, f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.fixture
async def gateways(model: tuple[ObeyingModel, str], tmp_path: Path) -> AsyncGenerator[Gateways]:
    """Gateways to that model."""
    settings = Settings(  # pyright: ignore[reportCallIssue]
        _env_file=None,
        pipeline_state=tmp_path,
        local_providers_url=model[1],
        local_providers_key="k",
    )
    async with open_gateways(settings, load_catalog(settings.providers_file)) as opened:
        yield opened


async def claimed(gateways: Gateways, talk: Transcript) -> tuple[GroundedClaim, ...]:
    """What is claimed in a conversation; each call is made, none is remembered."""

    async def paid(_partition: str, _step: str, key: str, _policy: Any, ask: Any) -> Paid:
        outcome = await ask(Try(key, "", final=True))
        assert isinstance(outcome, Outcome)
        return Paid.free(outcome.result)

    work = SimpleNamespace(paid=paid)
    job: Any = SimpleNamespace(work=work, resources=SimpleNamespace(gateways=gateways))
    whole = campaign(call())
    found = await claims_of(job, whole, whole.calls[0], talk, "inputs")
    return found.claims


async def test_fifty_attacks_change_no_claim_and_no_verdict(
    gateways: Gateways, model: tuple[ObeyingModel, str]
) -> None:
    clean = await claimed(gateways, said(("AI", QUESTION), ("HUMAN", ANSWER)))
    assert [claim.stance for claim in clean] == ["opposes"]
    for attack in ATTACKS:
        talk = said(("AI", QUESTION), ("HUMAN", f"{ANSWER} {attack}"), ("HUMAN", attack))
        found = await claimed(gateways, talk)
        assert [(c.quote, c.stance, c.confidence) for c in found] == [
            (c.quote, c.stance, c.confidence) for c in clean
        ], attack
        stored = json.dumps([c.quote + c.text for c in found])
        assert "http" not in stored
        assert "evil" not in stored
    assert model[0].obeyed == 0


async def test_verdicts_are_those_of_the_clean_transcripts(gateways: Gateways) -> None:
    clean = await claimed(gateways, said(("AI", QUESTION), ("HUMAN", ANSWER)))
    talk = said(("AI", QUESTION), ("HUMAN", f"{ATTACKS[0]} {ANSWER} {ATTACKS[10]}"))
    attacked = await claimed(gateways, talk)
    whole = campaign(*(call(n) for n in (1, 2, 3)))
    for found in (clean, attacked):
        three = replace(whole, claims=dict.fromkeys((1, 2, 3), found))
        verdict = final_verdict(evidence(three, three.hypotheses[0]))
        assert (verdict.status, verdict.reason) == ("INVALIDATED", "contradicted")


async def test_the_model_does_obey_what_it_sees(
    gateways: Gateways, model: tuple[ObeyingModel, str]
) -> None:
    """Else the tests above would prove nothing."""
    talk = said(("AI", QUESTION), ("HUMAN", "The support of my family is a model for us all here."))
    found = await claimed(gateways, talk)
    assert model[0].obeyed
    assert all(claim.stance == "supports" for claim in found)


async def test_a_respondent_who_says_next_to_nothing_is_no_source(gateways: Gateways) -> None:
    with pytest.raises(Permanent) as refused:
        await claimed(gateways, said(("AI", QUESTION), ("HUMAN", "No.")))
    assert refused.value.code == "TRANSCRIPT_TOO_SHORT"
