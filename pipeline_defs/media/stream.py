"""The one shape of video here: how it is encoded, and the header by which a clip of it is known.

Clips in this shape are joined without encoding them again: their pictures follow each other in one
stream under the header of the first.
"""

from __future__ import annotations

import io
import subprocess
from functools import cache

from pipeline_defs import policies
from pipeline_defs.media.ffmpeg import executable

SIZE = f"{policies.VIDEO_WIDTH}x{policies.VIDEO_HEIGHT}"
TICKS_PER_FRAME = 512
TIMESCALE = policies.VIDEO_FPS * TICKS_PER_FRAME
COLOURS = "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

# `stitchable` keeps what is in the pictures out of the header; no B-frames: decoding order is the
# order in time, so nothing overlaps where clips meet.
ENCODING = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", str(policies.VIDEO_CRF)),
    *("-profile:v", "high", "-level:v", "3.1", "-pix_fmt", "yuv420p", "-bf", "0"),
    *("-g", str(policies.VIDEO_KEYFRAMES), "-flags:v", "+cgop+bitexact"),
    *("-color_range", "tv", "-colorspace", "bt709"),
    *("-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-x264-params", "stitchable=1", "-threads", "1"),
)
CONTAINER = (
    *("-map_metadata", "-1", "-fflags", "+bitexact", "-f", "mp4"),
    *("-video_track_timescale", str(TIMESCALE)),
)


@cache
def header() -> bytes:
    """The decoder configuration (avcC) of our clips, as this machine's encoder writes it.

    It is encoded once per process, which takes about a tenth of a second.
    """
    import av

    source = ("-f", "lavfi", "-i", f"color=c=gray:s={SIZE}:r={policies.VIDEO_FPS},{COLOURS}")
    written = ("-movflags", "frag_keyframe+empty_moov", "pipe:1")
    command = [executable(), "-nostdin", *source, "-frames:v", "1", *ENCODING, *CONTAINER, *written]
    clip = subprocess.run(
        command, capture_output=True, check=True, timeout=policies.FFMPEG_DEADLINE, env={}
    ).stdout
    with av.open(io.BytesIO(clip), format="mp4") as container:
        return container.streams.video[0].codec_context.extradata or b""
