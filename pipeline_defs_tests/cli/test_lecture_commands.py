"""Creating lectures and acting on them, against a real gateway without Dagster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from pipeline_defs.cli import lectures
from pipeline_defs.cli.minutes import Minutes
from pipeline_defs.domain.kinds import KINDS, LECTURES
from pipeline_defs.domain.lectures.models import LectureRebuild, NarratorVoice
from pipeline_defs_tests import small_media
from pipeline_defs_tests.cli import worker
from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline
from pipeline_defs_tests.web.filming import REFUSED, TEXTS, Studio

ARTICLE = "article-20260101-zzzzzzzz"
LECTURE = "lecture-20260101-zzzzzzzz"


@pytest.fixture
def studio(served: GatewayThread) -> Studio:
    """Makes lectures as a worker does."""
    return Studio(served.world)


@pytest.fixture
def finished(served: GatewayThread, studio: Studio) -> str:
    """A finished lecture of three segments."""
    return served.do(studio.made())


def read(pipeline: Pipeline, lecture_id: str) -> dict[str, Any]:
    """The lecture as `show --json` prints it."""
    return json.loads(pipeline("show", lecture_id, "--json").stdout)


def test_choices_of_options_are_those_of_the_product() -> None:
    assert get_args(NarratorVoice) == lectures.VOICES
    for asset in LECTURES.assets:
        LectureRebuild.model_validate({"assets": [asset]})
    assert set(KINDS) == {"articles", "lectures", "campaigns", "pages"}


def test_a_new_lecture_is_answered_with_its_id_and_listed(pipeline: Pipeline) -> None:
    created = pipeline("lecture", "new", "Tides", "--minutes", "0.5", "--voice", "deep",
                       "--music", "2", "--images", "3", "--json")  # fmt: skip
    assert created.exit_code == 0, created.output
    lecture_id = json.loads(created.stdout)["id"]
    lecture = read(pipeline, lecture_id)
    wishes = (lecture["voice"], lecture["music_tracks"], lecture["images_per_segment"])
    assert (lecture["seconds"], *wishes) == (30, "deep", 2, 3)
    assert lecture_id in pipeline("list", "--kind", "lectures").stdout
    assert lecture_id in pipeline("list").stdout
    assert lecture_id not in pipeline("list", "--kind", "articles").stdout
    assert pipeline("cancel", lecture_id, "--wait").exit_code == 0


def test_a_script_is_read_from_a_file_or_input(pipeline: Pipeline, tmp_path: Path) -> None:
    script = tmp_path / "bees.txt"
    script.write_text("\n\n".join(TEXTS[:4]))
    arguments = ("lecture", "new", "--title", "Bees", "--script")
    accepted = json.loads(pipeline(*arguments, str(script), "--json").stdout)
    lecture = read(pipeline, accepted["id"])
    assert (lecture["title"], lecture["seconds"]) == ("Bees", 40)
    shared_out = pipeline(*arguments, "-", "--minutes", "0.5", "--json", input=" ".join(TEXTS[:3]))
    assert shared_out.exit_code == 0, shared_out.output
    for unit in (accepted["id"], json.loads(shared_out.stdout)["id"]):
        pipeline("cancel", unit)


def test_waiting_shows_progress_and_ends_with_the_video(
    pipeline: Pipeline, served: GatewayThread, studio: Studio
) -> None:
    async def make() -> str:
        lecture_id = await worker.next_queued(served.world, kind="lectures")
        await studio.remade(lecture_id)
        return lecture_id

    making = served.begin(make())
    result = pipeline("lecture", "new", "How honey bees dance", "--minutes", "0.5", "--wait")
    assert result.exit_code == 0, result.output
    lecture_id = making.result()
    for message in ("The script stands", "Segment 2: clip is ready", "Completed"):
        assert result.stdout.count(message) == 1, message
    assert "30 s of video · -16.2 LUFS · 3 ms drift" in result.stdout
    assert f"/v1/lectures/{lecture_id}/video" in result.stdout
    assert f"pipeline download {lecture_id}" in result.stdout


def test_show_tells_of_every_segment_what_it_is_and_what_went_wrong(
    pipeline: Pipeline, served: GatewayThread, studio: Studio
) -> None:
    lecture_id = served.do(studio.queued())
    served.do(studio.scripted(lecture_id))
    served.do(studio.segment(lecture_id, 1))
    served.do(studio.fails(lecture_id, 2, "segment_image", REFUSED))
    shown = pipeline("show", lecture_id).stdout
    assert "The waggle run" in shown
    assert "9.62" in shown
    assert "FAILED" in shown
    assert "Segment 2, image: the image model refused this description" in shown
    assert REFUSED.advice in shown
    assert "\n\n\n" not in shown  # there is no video to tell of
    (row,) = (line for line in shown.splitlines() if "The waggle run" in line)
    assert TEXTS[1][:59] in row  # a row is a line
    assert REFUSED.message in row
    pipeline("cancel", lecture_id)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1/6", 10), ("0.5", 30), (".5", 30), ("1", 60), ("1.667", 100), ("5/3", 100), ("30", 1800)],
)
def test_a_length_is_a_number_or_a_fraction(text: str, seconds: int) -> None:
    assert Minutes().convert(text, None, None) == seconds / 60


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "0.1", "0.25", "30.1", "1/0", "1/", "1e1", "nan", "inf", "1,5", "9" * 99],
)
def test_no_other_length_is_taken(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"such as 0\.5, 1, 1\.5 or 1/6"):
        Minutes().convert(text, None, None)


def test_help_says_which_lengths_there_are(pipeline: Pipeline) -> None:
    shown = " ".join(pipeline("lecture", "new", "--help").stdout.split())
    assert "--minutes MINUTES Length: 10 seconds to 30 minutes, in steps of 10 seconds" in shown
    assert "0.1666" not in shown


def test_a_segment_that_does_not_exist_is_wrong_usage(
    pipeline: Pipeline, served: GatewayThread, studio: Studio, finished: str
) -> None:
    for arguments in (("edit", "--text", "x"), ("rebuild",), ("plan",)):
        result = pipeline(arguments[0], f"{finished}/9", *arguments[1:], "--json")
        error = json.loads(result.stdout)["error"]
        assert (result.exit_code, error["code"]) == (2, "NOT_FOUND"), result.output
        assert "numbered 1 to 3" in error["message"]
        assert pipeline(arguments[0], f"{LECTURE}/9", *arguments[1:]).exit_code == 1
    unwritten = served.do(studio.queued())
    assert pipeline("edit", f"{unwritten}/1", "--text", "x").exit_code == 1  # it may come
    pipeline("cancel", unwritten)


def test_where_nothing_is_to_be_cancelled_that_is_said(pipeline: Pipeline, finished: str) -> None:
    for options in ((), ("--wait",)):
        result = pipeline("cancel", finished, *options)
        said = "Already completed: there is nothing to cancel.\n"
        assert (result.exit_code, result.stdout) == (0, said)
    assert json.loads(pipeline("cancel", finished, "--json").stdout)["status"] == "completed"


def test_an_edited_segment_is_planned_rebuilt_and_up_to_date_again(
    pipeline: Pipeline, served: GatewayThread, studio: Studio, finished: str
) -> None:
    nothing = pipeline("rebuild", finished, "--wait")
    assert (nothing.exit_code, "Nothing to do." in nothing.stdout) == (0, True)
    assert "`--fresh`" in nothing.stdout
    assert "Nothing to do." in pipeline("plan", finished).stdout
    edited = pipeline("edit", f"{finished}/002", "--text", "Straight up is towards the sun.")
    assert edited.exit_code == 0, edited.output
    assert edited.stdout.count("stale") >= 4
    plan = pipeline("plan", finished)
    assert "Will make 1 image, 1 narration, 1 start frame, 1 clip and the video." in plan.stdout
    assert "Stage 1: 1 image, 1 narration" in plan.stdout
    assert json.loads(pipeline("plan", f"{finished}/3", "--json").stdout)["total"] == 0

    async def remake() -> None:
        await studio.remade(await worker.next_queued(served.world, kind="lectures"), pitch=440)

    making = served.begin(remake())
    rebuilt = pipeline("rebuild", finished, "--wait", "--json")
    making.result()
    assert rebuilt.exit_code == 0, rebuilt.output
    assert "Making 1 image, 1 narration" in rebuilt.stderr
    assert not any(segment["stale"] for segment in json.loads(rebuilt.stdout)["segments"])


def test_one_asset_is_made_anew_and_resume_goes_on(pipeline: Pipeline, finished: str) -> None:
    arguments = ("rebuild", f"{finished}/3", "--asset", "segment_image", "--fresh", "--json")
    made = json.loads(pipeline(*arguments).stdout)
    assert made["making"]["summary"] == "1 image, 1 start frame, 1 clip and the video"
    assert pipeline("rebuild", finished).exit_code == 1  # it is queued
    pipeline("cancel", finished)
    resumed = pipeline("resume", finished, "--json")
    assert json.loads(resumed.stdout)["status"] == "queued"
    pipeline("cancel", finished)


def test_a_check_finds_a_broken_file(
    pipeline: Pipeline, served: GatewayThread, finished: str
) -> None:
    whole = pipeline("check", finished)
    assert (whole.exit_code, "all there and unchanged" in whole.stdout) == (0, True)
    url = read(pipeline, finished)["video"]["manifest"]
    sha = url.rsplit("/", 1)[-1]
    blobs = served.world.gateway.settings.pipeline_state / "blobs"
    blob = blobs / sha[:2] / sha[2:4] / sha
    content = blob.read_bytes()
    blob.write_bytes(b"?" * len(content))
    broken = pipeline("check", finished)
    blob.write_bytes(content)
    assert broken.exit_code == 1
    assert "lecture_video" in broken.stdout
    assert f"pipeline rebuild {finished} --wait" in broken.stdout
    assert pipeline("check", finished, "--json").exit_code == 0


def test_a_download_saves_the_video_and_what_goes_with_it(
    pipeline: Pipeline,
    served: GatewayThread,
    studio: Studio,
    finished: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = pipeline("download", finished, "--to", str(tmp_path / "new"), "--json")
    assert result.exit_code == 0, result.output
    files = {name: Path(path) for name, path in json.loads(result.stdout)["files"].items()}
    assert set(files) == {"video", "captions", "chapters", "poster", "manifest"}
    assert files["video"].name == "How-honey-bees-dance-video.webm"
    assert files["video"].read_bytes() == small_media.film(2.0, small_media.SIZE)
    assert files["captions"].read_text().startswith("WEBVTT")
    assert len(list((tmp_path / "new").iterdir())) == 5  # nothing half is left behind
    monkeypatch.chdir(tmp_path)
    assert pipeline("download", finished).exit_code == 0
    assert len(list((tmp_path / finished).iterdir())) == 5
    unfinished = served.do(studio.queued())
    refused = pipeline("download", unfinished)
    assert not (tmp_path / unfinished).exists()
    assert (refused.exit_code, "has no video yet" in refused.stderr) == (1, True)
    (tmp_path / "file").write_text("")
    blocked = pipeline("download", finished, "--to", str(tmp_path / "file" / "below"))
    assert (blocked.exit_code, "Cannot write" in blocked.stderr) == (1, True)
    pipeline("cancel", unfinished)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lecture", "new", "--minutes", "1"), "Give either a TOPIC or --script"),
        (("lecture", "new", "Tides", "--script", "-"), "Give either a TOPIC or --script"),
        (("lecture", "new", "Tides"), "--minutes is missing"),
        (("lecture", "new", " ", "--minutes", "1"), "TOPIC"),
        (("lecture", "new", "Tides", "--minutes", "0.2"), "in steps of 10 seconds, up to 30"),
        (("lecture", "new", "Tides", "--minutes", "abc"), "'abc' is no possible length"),
        (("lecture", "new", "Tides", "--minutes", "1", "--title", "x"), "belongs to --script"),
        (("lecture", "new", "Tides", "--minutes", "1", "--voice", "robot"), "--voice"),
        (("lecture", "new", "Tides", "--minutes", "1", "--music", "9"), "--music"),
        (("lecture", "new", "--script", "/does/not/exist"), "--script"),
        (("show", LECTURE, "--markdown"), f"--markdown is for articles: {LECTURE} is a lecture."),
        (("approve", LECTURE), "approve is for articles"),
        (("edit", f"{LECTURE}/1", "--title", "x"), "--title is for articles"),
        (("edit", f"{ARTICLE}/1", "--picture", "x"), "--picture is for lectures"),
        (("edit", f"{LECTURE}/1"), "--heading, --text or --picture"),
        (("edit", LECTURE, "--text", "x"), "names no segment"),
        (
            ("rebuild", LECTURE, "--asset", "section_draft"),
            "is no asset of a lecture",
        ),
        (("rebuild", ARTICLE, "--asset", "segment_clip"), "is no asset of an article"),
        (("rebuild", f"{LECTURE}/two"), "is not a number of a segment"),
        (("check", ARTICLE), "check is for lectures"),
        (("download", ARTICLE), "download is for lectures"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(
    pipeline: Pipeline, arguments: tuple[str, ...], message: str
) -> None:
    result = pipeline(*arguments, input="")
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.stderr.split()), result.stderr


@pytest.mark.parametrize("action", ["show", "cancel", "resume", "rebuild", "plan", "check", "cost"])
def test_an_unknown_lecture_ends_with_1(pipeline: Pipeline, action: str) -> None:
    result = pipeline(action, LECTURE, "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (1, "NOT_FOUND")
