"""Files of lectures: only those that results refer to, whole or in ranges, never broken ones."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from pipeline_defs.web.byte_ranges import NotSatisfiable, asked_bytes
from pipeline_defs_tests import small_media
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World


@pytest.fixture
async def lecture(world: World, client: httpx.AsyncClient) -> dict[str, str]:
    """The addresses of a finished lecture's files."""
    lecture_id = await Studio(world).made()
    found = (await client.get(f"/v1/lectures/{lecture_id}")).json()
    first = found["segments"][0]["assets"]
    return {
        "id": lecture_id,
        "video": found["video"]["url"],
        "captions": found["video"]["captions"],
        "manifest": found["video"]["manifest"],
        "image": first["segment_image"]["url"],
        "narration": first["segment_narration"]["url"],
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", (0, 10)),
        ("bytes=2-4", (2, 5)),
        ("bytes=2-99", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=9-9", (9, 10)),
        ("bytes=0-1,3-4", None),
        ("bytes=4-2", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=x-y", None),
    ],
)
def test_ranges_are_read_as_the_rfc_says(
    header: str | None, expected: tuple[int, int] | None
) -> None:
    assert asked_bytes(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        asked_bytes(header, 10)


async def test_a_file_is_served_whole_and_may_be_kept_for_ever(
    lecture: dict[str, str], client: httpx.AsyncClient
) -> None:
    answer = await client.get(lecture["video"])
    assert answer.status_code == 200
    assert answer.content == small_media.film(2.0, small_media.SIZE)
    headers = answer.headers
    assert headers["content-type"] == "video/webm"
    assert headers["accept-ranges"] == "bytes"
    assert headers["etag"] == f'"{lecture["video"].rsplit("/", 1)[-1]}"'
    assert headers["cache-control"] == "private, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert "script-src" not in headers["content-security-policy"]
    known = await client.get(lecture["video"], headers={"If-None-Match": headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = await client.head(lecture["video"])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(answer.content)))


async def test_ranges_of_a_file_are_answered(
    lecture: dict[str, str], client: httpx.AsyncClient
) -> None:
    whole = small_media.film(2.0, small_media.SIZE)
    middle = await client.get(lecture["video"], headers={"Range": "bytes=100-199"})
    assert (middle.status_code, middle.content) == (206, whole[100:200])
    assert middle.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    end = await client.get(lecture["video"], headers={"Range": "bytes=-50"})
    assert end.content == whole[-50:]
    beyond = await client.get(lecture["video"], headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "RANGE_NOT_SATISFIABLE")
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"
    other = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert (await client.get(lecture["video"], headers=other)).status_code == 200


async def test_files_have_readable_names_and_their_own_types(
    lecture: dict[str, str], client: httpx.AsyncClient
) -> None:
    image = await client.get(lecture["image"], params={"download": "1"})
    assert image.headers["content-disposition"].startswith(
        'attachment; filename="How-honey-bees-dance-segment-001-image.png"'
    )
    captions = await client.get(lecture["captions"])
    assert captions.headers["content-type"] == "text/vtt; charset=utf-8"
    assert captions.headers["content-disposition"].startswith("inline; ")
    assert "How-honey-bees-dance-captions.vtt" in captions.headers["content-disposition"]
    assert (await client.get(lecture["manifest"])).json() == {"version": "1"}


async def test_only_files_of_current_results_are_served(
    world: World, lecture: dict[str, str], client: httpx.AsyncClient
) -> None:
    studio = Studio(world)
    stray = await studio.blobs.put(b"belongs to nobody", "text/plain")
    other_id = await Studio(world, "other").made("How volcanoes erupt")
    theirs = await world.client("other").get(f"/v1/lectures/{other_id}")
    their_image = theirs.json()["segments"][0]["assets"]["segment_image"]["url"]
    sha = lecture["narration"].rsplit("/", 1)[-1]
    refused = [
        f"/v1/lectures/{lecture['id']}/files/{stray.sha256}",
        f"/v1/lectures/{lecture['id']}/files/{'0' * 64}",
        f"/v1/lectures/{lecture['id']}/files/{sha[:40]}",
        f"/v1/lectures/{lecture['id']}/files/%25",
        their_image,
        f"/v1/lectures/{other_id}/files/{sha}",
    ]
    for url in refused:
        assert (await client.get(url)).status_code == 404, url
    assert (await world.client("other").get(lecture["video"])).status_code == 404
    assert (await world.client(None).get(lecture["video"])).status_code == 401


async def test_a_lost_or_broken_file_is_gone_with_advice(
    world: World, lecture: dict[str, str], client: httpx.AsyncClient
) -> None:
    sha = lecture["narration"].rsplit("/", 1)[-1]
    folder: Path = world.gateway.settings.pipeline_state / "blobs"
    path = folder / sha[:2] / sha[2:4] / sha
    size = path.stat().st_size
    path.write_bytes(b"x" * size)
    broken = await client.get(lecture["narration"])
    assert (broken.status_code, broken.json()["code"]) == (410, "BLOB_CORRUPT")
    path.unlink()
    lost = await client.get(lecture["narration"])
    assert (lost.status_code, lost.json()["code"]) == (410, "BLOB_MISSING")
    assert "Rebuild" in lost.json()["advice"]
