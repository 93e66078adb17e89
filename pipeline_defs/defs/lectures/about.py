"""What the Dagster UI says of the assets of a lecture."""

from collections.abc import Mapping

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import About, AboutBridge

PART_FAILS = (
    "the others go on, what needs it is skipped, and the run fails so that Dagster shows which "
    "partitions are missing."
)
ABOUT: Mapping[str, About | AboutBridge] = {
    "lecture_request": AboutBridge(
        "What was asked for, and how the organization sounds.",
        reported="by the run that writes the script, and after a change of the organization's "
        "voice.",
        leads_to="the script turns stale; it is written anew only when somebody names it, as that "
        "discards all edits.",
    ),
    "lecture_script": About(
        f"The script of a lecture: what is said and shown in each {policies.SEGMENT_SECONDS} "
        "seconds.",
        made_from="the topic and the length that was asked for; a script that the user gave is "
        "shared out over the segments as it is.",
        costs="one call of a text model; a given script is free.",
        if_it_fails="the lecture fails. Resume it; where the topic was refused, create a lecture "
        "with another one.",
        columns=(
            dg.TableColumn("segment", "int", "place in the lecture, from 1"),
            dg.TableColumn("heading", "string", "title of its chapter"),
            dg.TableColumn("said", "string", "the words of its narration"),
            dg.TableColumn("seen", "string", "what its picture is to show"),
        ),
    ),
    "segment_script": AboutBridge(
        "What a segment says: the words of its narration.",
        reported="by the run that writes the script, and by Studio, the API and the command line "
        "when somebody edits the segment's text.",
        leads_to="the narration of this segment turns stale, and no other.",
    ),
    "segment_prompt": AboutBridge(
        "What a segment shows: heading, text and description that its picture is drawn from.",
        reported="by the run that writes the script, and by Studio, the API and the command line "
        "when somebody edits the segment.",
        leads_to="the image of this segment turns stale, then its start frame and clip. A new "
        "description alone leaves the narration as it is.",
    ),
    "segment_image": About(
        "The picture of a segment, one or several to choose from.",
        made_from="what the segment shows, and the style of the lecture.",
        costs="an image for each picture; where one is refused, a rewritten description and "
        "another image. A title card that stands in is free.",
        if_it_fails=PART_FAILS + " A refusal is no failure: see `fallback`. Rebuild the segment, "
        "or describe another picture.",
    ),
    "segment_narration": About(
        f"The spoken segment: {policies.SEGMENT_SECONDS} seconds, measured on the sound and "
        "transcribed back.",
        made_from="the words of the segment, in the voice of the lecture.",
        costs="speech by the character and a transcription by the second; speech again where it "
        "has to be quicker or slower, a text model where words have to be changed.",
        if_it_fails=PART_FAILS + " `NARRATION_TOO_LONG`: shorten what the segment says, then "
        "rebuild.",
    ),
    "segment_start_frame": About(
        "The picture that a segment's clip begins with, in the size of the film.",
        made_from="the best image of the segment: as drawn, else rewritten, else the title card.",
        costs="nothing.",
        if_it_fails=PART_FAILS + " Rebuild the image of the segment.",
    ),
    "segment_clip": About(
        f"The moving picture of a segment: exactly {policies.SEGMENT_SECONDS} seconds, encoded "
        "once.",
        made_from="its start frame, which begins to move.",
        costs="the dearest part of a lecture: video by the second.",
        if_it_fails="the film shows the start frame in slow motion instead and the lecture ends "
        "`incomplete`. Materialize this partition again for a clip.",
    ),
    "lecture_music": About(
        "The background music of a lecture, one or several pieces that together are as long.",
        made_from="the topic, the length and the number of pieces that was asked for.",
        costs="music by the minute.",
        if_it_fails="the film is made without music and the lecture ends `incomplete`. "
        "Materialize this partition again for it.",
        columns=(
            dg.TableColumn("seconds", "float", "length of the piece"),
            dg.TableColumn("prompt", "string", "what was asked for"),
        ),
    ),
    "lecture_media": AboutBridge(
        "All narrations and clips of a lecture in order, and its music.",
        reported="by the run that assembles the film.",
        leads_to="the video turns stale.",
    ),
    "lecture_video": About(
        "The finished lecture: clips, narration and ducked music, with captions, chapters and "
        "poster.",
        made_from="all media of the lecture; clips are joined without being encoded again.",
        costs="nothing but time of the encoder.",
        if_it_fails="a file that was lost is made again first, by itself. Otherwise materialize "
        "this partition again; narrations and clips stay.",
        columns=(
            dg.TableColumn("start", "float", "second at which the chapter begins"),
            dg.TableColumn("title", "string", "its title"),
        ),
    ),
}
