"""The settings that the embedded stack makes up for what the user has not named."""

from __future__ import annotations

from pathlib import Path

from pipeline_defs.local.record import PREFERRED_PORTS, StackRecord
from pipeline_defs.local.services import Embedded, stack_settings
from pipeline_defs.settings import Settings


def settings_of(record: StackRecord, *, local_providers: bool) -> dict[str, str]:
    embedded = Embedded(postgres=True, valkey=True, local_providers=local_providers)
    return stack_settings(embedded, record, PREFERRED_PORTS)


def test_the_local_providers_sign_callbacks_with_a_secret_the_product_knows() -> None:
    record = StackRecord()
    values = settings_of(record, local_providers=True)
    assert values["OPENROUTER_WEBHOOK_SECRET"] == record.openrouter_webhook_secret
    assert len(record.openrouter_webhook_secret) >= 32
    assert "openrouter_webhook_secret" in Settings.model_fields
    assert "OPENROUTER_WEBHOOK_SECRET" not in settings_of(record, local_providers=False)


def test_the_record_of_an_earlier_version_is_given_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    earlier = StackRecord()
    path.write_text(earlier.model_dump_json(exclude={"openrouter_webhook_secret"}))
    loaded = StackRecord.load(path)
    assert loaded is not None
    assert loaded.local_providers_key == earlier.local_providers_key
    assert loaded.openrouter_webhook_secret
