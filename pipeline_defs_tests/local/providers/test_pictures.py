"""The picture engine as its caller sees it: a prompt in, a PNG out."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from PIL import Image

from pipeline_defs import policies
from pipeline_defs.local.providers.pictures.draw import draw
from pipeline_defs.media.pictures import hash_distance, perceptual_hash
from pipeline_defs_tests.local.providers.picture_briefs import briefs, prompt, topics

PROMPT = """\
Lecture: The Water Cycle
Segment: 3 of 12
Heading: Where the Water Is Kept
Said: Earth holds about 1.39 billion cubic kilometers of water, and about 97 percent of it is salt.
Style: clear"""
HOSTILE = {
    "empty": "",
    "blank lines": "\n \n\t\n",
    "markup": "Said: </text><script>alert(1)</script> & \"quotes\" <svg onload='x'> &#0; %s {0}",
    "markup in every field": "\n".join(
        f"{label}: <image href='file:///etc/passwd'/>]]>&entity;"
        for label in ("Lecture", "Segment", "Heading", "Said", "Show", "Variation")
    ),
    "one huge word": "Said: " + "x" * 50_000,
    "very many words": "Said: " + "word and sentence. " * 20_000,
    "very many lines": "Heading: a\n" * 20_000,
    "emoji": "Said: \U0001f30b\U0001f30b is \U0001f525, \U0001f468‍\U0001f469‍\U0001f467 and ☕.",
    "right to left": "Said: الماء هو الحياة. ‮gnihtemos‬ מים הם חיים.",
    "chinese": "Heading: 水循環\nSaid: 水是生命之源，海洋佔地球的百分之七十一。",
    "control characters": "Said: a\x00b\x1b[31m\x07 \ufeff\ud800 is what \u0301\u0301 works.",
    "LaTeX": r"Said: \input{/etc/passwd} $x^2$ \frac{1}{0} = x^(y^2) + 1/0 = \end{a}",
    "numbers only": "Said: 1 2 3 4,5 6.7 8% 99999999999999999999999 percent 0 percent = 0 = 0.",
    "negative place": "Segment: 0 of 0\nVariation: 000\nSaid: A pump is what lifts water.",
    "place beyond the end": "Segment: 900 of 3\nVariation: 999\nSaid: A pump lifts water.",
}


def picture(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("width", "height"),
    [(1280, 720), (1536, 864), (1024, 1024), (1024, 1536), (1792, 1008), (16, 16)],
)
def test_a_picture_has_exactly_the_size_asked_for(width: int, height: int) -> None:
    image = picture(draw(PROMPT, width, height))
    assert image.format == "PNG"
    assert image.size == (width, height)
    assert image.convert("RGBA").getextrema()[3] == (255, 255)  # nothing shines through


@pytest.mark.parametrize(
    ("width", "height"), [(0, 720), (1280, -1), (15, 100), (9000, 100), (8000, 8000)]
)
def test_an_absurd_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="pixels"):
        draw(PROMPT, width, height)


def test_the_same_prompt_gives_the_same_bytes() -> None:
    assert draw(PROMPT, 640, 360) == draw(PROMPT, 640, 360)


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_the_prompt_holds_is_drawn_as_text_or_left_out(name: str) -> None:
    image = picture(draw(HOSTILE[name], 320, 180))
    assert image.size == (320, 180)
    assert len(image.convert("RGB").getcolors(320 * 180) or ()) > 8  # not an empty sheet


def test_a_prompt_without_labels_is_illustrated_as_it_is() -> None:
    plain = draw("Bees turn nectar into honey.", 320, 180)
    labelled = draw("Said: Bees turn nectar into honey.", 320, 180)
    assert plain == labelled


@pytest.mark.parametrize("topic", ["silk-road", "prime-numbers"])
def test_no_two_segments_of_a_lecture_look_alike(topic: str) -> None:
    hashes = [perceptual_hash(draw(prompt(brief), 320, 180)) for brief in briefs(topic, 18)]
    nearest = min(hash_distance(one, other) for one, other in combinations(hashes, 2))
    assert nearest > policies.NEAR_DUPLICATE_BITS


def test_the_pictures_of_one_segment_differ() -> None:
    hashes = [
        perceptual_hash(draw(f"{PROMPT}\nVariation: {number}", 320, 180))
        for number in range(1, policies.IMAGES_PER_SEGMENT_MAX + 1)
    ]
    nearest = min(hash_distance(one, other) for one, other in combinations(hashes, 2))
    assert nearest > policies.NEAR_DUPLICATE_BITS


def test_a_segment_said_anew_gets_another_picture() -> None:
    changed = PROMPT.replace("97 percent of it is salt", "2.5 percent of it is fresh")
    assert draw(PROMPT, 320, 180) != draw(changed, 320, 180)


@pytest.mark.parametrize("topic", topics())
def test_every_topic_is_drawn(topic: str) -> None:
    for brief in briefs(topic, 3):
        assert picture(draw(prompt(brief), 320, 180)).size == (320, 180)
