from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.gateways.chain import derived_key, first_served
from pipeline_defs.gateways.failures import InvalidAnswer, spent
from pipeline_defs.gateways.usage import Usage

PAID = Usage("text", "openai", "m", 1, 1, Decimal(2), "tokens", Decimal("0.01"), "computed")


def transient(code: str) -> Transient:
    return Transient(code, "words")


def permanent(code: str) -> Permanent:
    return Permanent(code, "words")


async def asked_until_served(
    models: tuple[Model, ...], errors: list[PipelineError], *, final_try: bool = False
) -> tuple[list[str], str | PipelineError]:
    """Which models were asked when the first ones fail with `errors`, and what came of it."""
    asked: list[str] = []

    async def ask(model: Model) -> str:
        asked.append(model.key)
        if len(asked) <= len(errors):
            raise errors[len(asked) - 1]
        return model.key

    try:
        answer, _ = await first_served(models, ask, final_try=final_try)
    except PipelineError as error:
        return asked, error
    return asked, answer


@pytest.mark.parametrize("code", ["MODEL_GONE", "QUOTA", "RATE_LIMITED", "OVERLOADED"])
async def test_the_next_model_is_asked_when_the_first_certainly_did_nothing(
    code: str, catalog: Catalog
) -> None:
    models = catalog.chain("writing")
    asked, served = await asked_until_served(models, [permanent(code)])
    assert served == models[1].key
    assert len(asked) == 2


@pytest.mark.parametrize("code", ["TIMEOUT", "CONNECTION_LOST", "PROVIDER_ERROR", "CONFLICT"])
async def test_after_a_lost_answer_no_other_model_is_paid_until_the_last_try(
    code: str, catalog: Catalog
) -> None:
    models = catalog.chain("writing")
    asked, error = await asked_until_served(models, [transient(code)])
    assert len(asked) == 1
    assert isinstance(error, Transient)
    asked, served = await asked_until_served(models, [transient(code)], final_try=True)
    assert served == models[1].key


@pytest.mark.parametrize("code", ["REFUSED", "UNAUTHORIZED", "BAD_REQUEST", "TOO_LARGE"])
async def test_what_a_person_must_mend_is_not_hidden_by_a_fallback(
    code: str, catalog: Catalog
) -> None:
    asked, error = await asked_until_served(
        catalog.chain("writing"), [permanent(code)], final_try=True
    )
    assert len(asked) == 1
    assert isinstance(error, Permanent)


async def test_when_all_fail_a_failure_worth_retrying_is_the_one_raised(catalog: Catalog) -> None:
    models = catalog.chain("writing")[:2]
    errors: list[PipelineError] = [transient("RATE_LIMITED"), permanent("MODEL_GONE")]
    _, error = await asked_until_served(models, errors)
    assert isinstance(error, Transient)
    _, error = await asked_until_served(models, [permanent("QUOTA"), permanent("MODEL_GONE")])
    assert isinstance(error, Permanent)


async def test_a_failed_call_that_was_paid_is_on_the_bill_of_the_answer(catalog: Catalog) -> None:
    models = catalog.chain("writing")

    async def ask(model: Model) -> str:
        if model is models[0]:
            raise InvalidAnswer("garbage", (PAID,))
        return "served"

    assert await first_served(models, ask, final_try=True) == ("served", (PAID,))


async def test_when_all_fail_the_error_carries_what_every_call_cost(catalog: Catalog) -> None:
    errors: list[PipelineError] = [InvalidAnswer("garbage", (PAID,)), transient("TIMEOUT")]
    _, error = await asked_until_served(catalog.chain("writing")[:2], errors, final_try=True)
    assert isinstance(error, PipelineError)
    assert spent(error) == (PAID,)
    _, error = await asked_until_served(
        catalog.chain("writing")[:2],
        [InvalidAnswer("garbage", (PAID,)), permanent("REFUSED")],
        final_try=True,
    )
    assert isinstance(error, Permanent)
    assert spent(error) == (PAID,)


def test_each_model_has_its_own_idempotency_key_that_fits_a_header(catalog: Catalog) -> None:
    first, second = catalog.chain("writing")[:2]
    assert derived_key("unit-1", first) == f"unit-1:{first.key}"
    assert derived_key("unit-1", first) != derived_key("unit-1", second)
    for awkward in ("x" * 500, "straße\n", "ключ"):
        derived = derived_key(awkward, first)
        assert derived.isascii()
        assert len(derived) == 64
