"""Forms as they are read, large bodies as they are kept, state of earlier versions."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from pipeline_defs.local.providers.server import bodies as bodies_module
from pipeline_defs.local.providers.server.bodies import Bodies
from pipeline_defs.local.providers.server.multipart import read_form
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.store import FILE, KeptAnswer, LoggedCall, Store

TYPE = "multipart/form-data; boundary=abc"


def form(*parts: bytes) -> bytes:
    return b"".join(b"--abc\r\n" + part + b"\r\n" for part in parts) + b"--abc--\r\n"


def test_a_form_has_fields_lists_and_files_of_any_bytes() -> None:
    raw = form(
        b'Content-Disposition: form-data; name="model"\r\n\r\nwhisper-1',
        b'Content-Disposition: form-data; name="g[]"\r\n\r\nword',
        b'Content-Disposition: form-data; name="g[]"\r\n\r\nsegment',
        b'Content-Disposition: form-data; name="file"; filename="a b.wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n\r\n\r\n--ab\0\xff\r\n",
    )
    found = read_form(raw, TYPE)
    assert found.fields == {"model": "whisper-1", "g": ["word", "segment"]}
    upload = found.files["file"]
    assert (upload.name, upload.media_type) == ("a b.wav", "audio/wav")
    assert upload.data == b"\r\n\r\n--ab\0\xff\r\n"


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"", TYPE),
        (b"--abc--", "multipart/form-data"),
        (b"--abc\r\nno end", TYPE),
        (form(b"no headers"), TYPE),
        (form(b"Content-Disposition: form-data\r\n\r\nx"), TYPE),
        (form(b'Content-Disposition: form-data; name="a"\r\n\r\nx')[:-6], TYPE),
        (form(*[b'Content-Disposition: form-data; name="a"\r\n\r\nx'] * 200), TYPE),
        (form(b"X: " + b"y" * 9000 + b"\r\n\r\nx"), TYPE),
        (form(b'Content-Disposition: form-data; name="a"\r\n\r\nx'), TYPE.replace("abc", "a" * 80)),
    ],
)
def test_a_form_that_is_none_is_a_bad_request(raw: bytes, content_type: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_form(raw, content_type)
    assert (caught.value.status, caught.value.code) == (400, "invalid_form")


def test_equal_bodies_are_kept_once(tmp_path: Path) -> None:
    bodies = Bodies(tmp_path / "bodies")
    name = bodies.put(b"sound")
    assert bodies.put(b"sound") == name
    assert bodies.get(name) == b"sound"
    assert bodies.get("0" * 64) is None
    assert bodies.get("../../etc/passwd") is None


def test_the_bodies_longest_unused_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies_module, "MOST_BYTES", 1000)
    bodies = Bodies(tmp_path)
    names = [bodies.put(bytes([number]) * 300) for number in range(3)]
    for age, name in zip((300, 100, 200), names, strict=True):
        path = tmp_path / name[:2] / name
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
    newest = bodies.put(b"x" * 300)
    assert [bodies.get(name) is not None for name in (*names, newest)] == [False, True, False, True]


def test_an_answer_whose_file_is_gone_counts_as_never_given(tmp_path: Path) -> None:
    store = Store(tmp_path)
    large = KeptAnswer("openai", "k", "f", 200, b"x" * 100_000, "m", media_type="audio/wav")
    store.log(LoggedCall("/p", "speech"), large)
    assert store.kept("openai", "k") == large
    for path in (tmp_path / "bodies").rglob("*"):
        if path.is_file():
            path.unlink()
    assert store.kept("openai", "k") is None
    store.log(LoggedCall("/p", "speech"), large)
    assert store.kept("openai", "k") == large
    store.close()


def test_the_state_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    tables = (
        "create table calls (n integer primary key autoincrement, at text not null,"
        " path text not null, capability text not null, model text not null,"
        " idempotency_key text not null, billed integer not null, replayed integer not null,"
        " cost_usd text not null, input_tokens integer not null, output_tokens integer not null,"
        " status integer not null)",
        "create table answers (n integer primary key autoincrement, scope text not null,"
        " key text not null, fingerprint text not null, status integer not null,"
        " body text not null, model text not null, unique (scope, key))",
        "insert into answers (scope, key, fingerprint, status, body, model)"
        " values ('openai', 'k', 'f', 200, '{}', 'm')",
    )
    old = sqlite3.connect(tmp_path / FILE)
    with old:
        for statement in tables:
            old.execute(statement)
    old.close()
    store = Store(tmp_path)
    kept = store.kept("openai", "k")
    assert kept is not None
    assert (kept.body, kept.media_type) == (b"{}", "application/json; charset=utf-8")
    store.log(LoggedCall("/p", "speech", quantity=3, unit="seconds"))
    assert store.calls()[0]["unit"] == "seconds"
    store.close()
