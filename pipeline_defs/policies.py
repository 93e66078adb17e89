"""Every limit, timeout, retry rule, pool and schedule of the product, each written once.

Numbers come from the contracts of the four lines; a comment says so where they do not.
Times are seconds unless the name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential back-off with full jitter: delay n is random in [0, min(cap, base * 2**n)]."""

    attempts: int
    base: float
    cap: float
    honour_retry_after_up_to: float = 60.0


@dataclass(frozen=True, slots=True)
class PageQuality:
    """What a page has to reach; checks named in `advisory` give advice and fail no page."""

    near_duplicate_jaccard: float
    flesch_least: float
    pisarek_most: float
    keyword_density: tuple[float, float]  # percent, least and most
    words_least: dict[str, int]  # by type of page
    internal_links_least: int
    advisory: frozenset[str]


@dataclass(frozen=True, slots=True)
class Automation:
    """When Dagster asks for something by itself.

    `on`: from the start; `AUTOMATIONS` in the environment switches each on or off. `standings`: of
    what is missing, or of what is stale. `kinds`: of which lines; `assets`: only these, if any.
    `reason`: why it is on or off.
    """

    on: bool
    standings: frozenset[Literal["missing", "stale"]]
    kinds: frozenset[str]
    reason: str
    assets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KeyLimit:
    """What calls of a capability one key may make: so many in work at once, so many per minute.

    `key`: each organization, or each unit (an article, a lecture, a page, a campaign) for itself.
    """

    key: Literal["org", "unit"]
    at_once: int | None = None
    per_minute: int | None = None

    def __post_init__(self) -> None:
        if self.key not in ("org", "unit"):
            raise ValueError(f"KeyLimit.key: {self.key!r} is neither org nor unit")
        if not any((self.at_once, self.per_minute)):
            raise ValueError("KeyLimit: name at_once or per_minute, at least 1")
        for name in ("at_once", "per_minute"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"KeyLimit.{name}: {value} is below 1")


@dataclass(frozen=True, slots=True)
class StepPolicy:
    """How one kind of provider call is made: capability permit, deadline of one try, retries.

    `limits` hold beside those of the capability.
    """

    capability: str
    timeout: float
    retry: Retry
    limits: tuple[KeyLimit, ...] = ()


# --- provider capabilities: calls in work at once, across all runs and hosts, and per minute ------
CAPABILITY_LIMITS: dict[str, int] = {
    "research": 5,
    "text": 5,
    "publishing": 2,
    "image": 5,
    "speech": 5,
    "video": 5,
    "music": 5,
    "transcription": 5,
    "telephony": 5,
    "extraction": 3,
    "embedding": 3,
    "keywords": 5,
    "competitors": 5,
}
CAPABILITY_RATES_PER_MINUTE: dict[str, int] = {
    "research": 600,
    "text": 600,
    "publishing": 60,
    "image": 600,
    "speech": 600,
    "video": 600,
    "music": 60,
    "transcription": 600,
    "telephony": 300,
    "extraction": 600,
    "embedding": 600,
    "keywords": 600,
    "competitors": 300,
}

# --- permits ----------------------------------------------------------------------------------
PERMIT_LEASE = 15.0  # a dead holder loses its permit after this long
PERMIT_POLL = 1.0  # how often a waiter asks again, in case a grant was not heard
REDIS_CALL_TIMEOUT = 3.0  # one that accepts connections and does not answer counts as away
REDIS_CALLS_AT_ONCE = 20  # each takes a connection, and many waiters ask in the same second
REDIS_OUTAGE_TOLERANCE = 60.0  # contract E: nothing fails for a Redis outage shorter than this
POSTGRES_OUTAGE_TOLERANCE = 60.0
JUDGEMENT_DEADLINE = 300.0  # of what a provider made: fetching it, decoding, measuring, storing
PAID_GRACE = 3.0  # s in which an answered call is still kept when its unit is stopped
FLUSH_GRACE = 3.0  # s in which Dagster is still told when a unit is stopped
GROUP_COMMIT_MOST = 200  # transactions of a unit that wait for its lock and are committed as one
CANCELLATION_REPEATED = 1.0  # s after which a task in the background is cancelled again
WITHDRAWAL_GRACE = 0.01  # s which whoever is cancelled has to say so before a commit
STATEMENTS_SENT_TOGETHER = 100  # of one transaction, when nobody asked for an answer in between

# --- flow of events (docs/flow-control.md) --------------------------------------------------------
FLOW_DELAY_MOST = 7 * 86_400.0  # for which an event may be made to wait, or be counted
FLOW_LIMIT_MOST = 10_000  # events of a key per period
FLOW_BATCH_MOST = 200  # events handed over together, under one lock
WAIT_MOST = 366 * 86_400.0  # for which a unit may wait for an event, or sleep
LOOK_BACK_MOST = 30 * 86_400.0  # for which an event may have come before it was waited for
LOOK_BACK_PAGE = 100  # events read at once, looking back
LOOK_AGAIN = 5.0  # after a wait began: for events that were being stored in that moment
HEARD_AT_ONCE = 200  # waiting units read at once for an event
LECTURE_EVENTS_PER_MINUTE = 30  # of one organization: a runaway sender can be stopped in time

# --- claims (fencing) ---------------------------------------------------------------------------
CLAIM_LEASE = 7.0  # with DISPATCH_POLL below the 10 s in which a cancelled unit is final
CLAIM_HEARTBEAT = 1.0  # also how quickly a cancellation is seen: contract E allows 2 s

# --- dispatch: from stored work to runs ---------------------------------------------------------
DISPATCH_CLAIM_LEASE = 20.0
DISPATCH_POLL = 2.0  # safety net behind the wake-up after each commit
DISPATCH_MAX_ATTEMPTS = 6  # then the unit fails with a reason instead of looping
DISPATCH_BATCH = 200  # units looked at in one pass
RUNS_AT_ONCE = 10
SENSOR_INTERVAL = 30  # the gateway submits at once; each tick costs three processes something
SENSOR_BATCH = 50  # an evaluation has 60 s and creates its runs one by one

# --- articles (contract A) ----------------------------------------------------------------------
ARTICLE_MAX_SECTIONS = 30
ARTICLE_DEADLINE = 600.0
ARTICLES_AT_ONCE_PER_RUN = 10
RESEARCH_MAX_SEARCHES = 10
RESEARCH_RESULTS_PER_SEARCH = 4
RESEARCH_MAX_SOURCES = 12
RESEARCH_SOURCE_CHARS = 6000
UNSUPPORTED_SENTENCES_TOLERATED = 2
CITED_SENTENCES_MIN = 0.6  # share of a section's sentences with a supporting span
SECTION_MAX_OUTPUT_TOKENS = 2800
CONTEXT_BUDGET_CHARS = 24_000  # earlier sections beyond this are given as summaries
CONTEXT_STALENESS: Literal["strict", "ignore"] = "strict"
SECTION_MIN_WORDS = 120
SECTION_MAX_WORDS = 1200
NEAR_DUPLICATE_JACCARD = 0.2

OUTLINE = StepPolicy("text", timeout=60, retry=Retry(attempts=3, base=1, cap=10))
RESEARCH = StepPolicy("research", timeout=30, retry=Retry(attempts=3, base=1, cap=10))
WRITING = StepPolicy("text", timeout=60, retry=Retry(attempts=3, base=1, cap=10))
PUBLISHING = StepPolicy(  # each organization has its own blog, which takes one text at a time
    "publishing",
    timeout=30,
    retry=Retry(attempts=3, base=1, cap=10),
    limits=(KeyLimit("org", at_once=1),),
)

# --- lectures (contract B) ----------------------------------------------------------------------
SEGMENT_SECONDS = 10
LECTURE_MAX_SECONDS = 1800
LECTURE_DEADLINE = 10_800.0  # half an hour of clips, five at once, takes a provider its time
LECTURES_AT_ONCE_PER_RUN = 5
SEGMENTS_AT_ONCE = 40  # of one lecture: bounds the media held in memory
AT_HAND_MOST_BYTES = 2**26  # of pictures just stored; beyond it they are read again
IMAGES_PER_SEGMENT_MAX = 4
MUSIC_TRACKS_MAX = 3
SEGMENT_MIN_CHARS = 90  # of a written narration; a calm voice says about 14 characters a second
SEGMENT_MAX_CHARS = 185
GIVEN_SEGMENT_MAX_CHARS = 260  # of a user's own text: more cannot be said in a segment
SPEECH_CHARS_PER_SECOND = 14.0  # of a calm voice
SPEECH_CHARS_PER_DIGIT = 4  # 1905 is spoken as nineteen oh five
SCRIPT_MAX_OUTPUT_TOKENS = 32_000
REWRITE_MAX_OUTPUT_TOKENS = 1000

NARRATION_TOLERANCE = 0.05  # of SEGMENT_SECONDS, measured on the audio
NARRATION_SPEECH = 9.55  # seconds of speech aimed at; the rest is the breath between segments
NARRATION_LEAD = 0.12  # seconds of silence before the first word
NARRATION_SPEED_MOST = 0.10  # change of speed, by the provider or by stretching
NARRATION_CLOSE = 0.03  # nearer than this to the aim nothing is adjusted
NARRATION_TAIL = 0.08  # seconds of silence that have to remain after the last word
NARRATION_RESPOKEN_MOST = 2  # times a text is spoken again at another speed
NARRATION_REWRITE_ROOM = 0.06  # how far a rewritten text may be off its length
NARRATION_SPOKEN_LEAST = 8.5  # seconds of speech in a segment, below which it sounds empty
NARRATION_WER_MAX = 0.05  # word error rate of the narration transcribed back

CAPTION_LINE_CHARS = 42  # of at most two lines
CAPTION_SECONDS_LEAST = 1.0
CAPTION_SECONDS_MOST = 7.0
CAPTION_HOLD = 0.7  # seconds a caption stays after its last word, and gaps that are closed

VIDEO_WIDTH = 1280
VIDEO_HEIGHT = 720
VIDEO_FPS = 25
CAMERA_TRAVEL = 0.055  # how much nearer a clip comes, or how far it pans: calm to read by
START_FRAME_JPEG_QUALITY = 92
CLIP_MOST_SECONDS = 120  # of a clip as it is delivered
CLIP_SLOWED_MOST = 0.15  # of a clip that is too short; beyond that its last picture is held
VIDEO_CRF = 21
VIDEO_KEYFRAMES = 125  # most frames between two at which a player can enter
AUDIO_RATE = 48_000
AUDIO_BITRATE = "160k"
LOUDNESS_LUFS = -16.0
LOUDNESS_TOLERANCE = 1.0
TRUE_PEAK_DBTP = -1.0
MUSIC_SHORTEST = 10.0  # seconds of a piece; providers compose nothing shorter
MUSIC_LONGEST = 300.0  # a longer lecture repeats it
MUSIC_BELOW_VOICE_LU = 18.0  # how far below the narration music lies before it is ducked
MUSIC_CROSSFADE = 3.0  # seconds for which one track fades into the next
MUSIC_FADE_IN = 1.5
MUSIC_FADE_OUT = 3.0
SILENT_BELOW_LUFS = -69.0  # the meter's own gate is at -70: below there is nothing to measure
VOICE_MIXED_LUFS = -20.0  # level at which the voice is mixed, so that ducking always does the same
PEAK_MARGIN_DB = 1.0  # below TRUE_PEAK_DBTP before encoding, which raises peaks again
LOUDNESS_CLOSE = 0.2  # LU: nearer than this to LOUDNESS_LUFS nothing is adjusted
MASTER_PASSES_MOST = 6  # towards loudness and peak; mostly one is enough
SYNC_DRIFT_FRAMES = 1  # most drift of a segment
SYNC_DRIFT_END = 0.080  # seconds, most drift at the end
BLACK_SECONDS_MOST = 0.5
FROZEN_SECONDS_MOST = 5.0
NEAR_DUPLICATE_BITS = 4  # of a 64-bit perceptual hash

FFMPEG_DEADLINE = 120.0  # a segment's share of encoding never takes longer
FILM_FILES_AT_ONCE = 4  # fetched from the blob store
FILM_DEADLINE = 900.0
BLOB_CHECKS_AT_ONCE = 8
FILES_CHECK_HOURS = 20  # the nightly check looks at each unit's files about once a day
FILES_CHECK_LIMIT = 200
BLOB_STORE_OUTAGE_TOLERANCE = 60.0
BLOB_STORE_RETRY_INTERVAL = 1.0
LOCAL_TRIES = 3  # of what encodes and stores here and stumbled
LOSSES_HEALED = 3  # of one asset, by the runs themselves; then a person has to look at the store
MEDIA_MOST_BYTES = 64_000_000  # of one image, narration, clip or track
MEDIA_MOST_PIXELS = 40_000_000
SOUND_MOST_SECONDS = 900  # of one narration or track held in memory
ENCODER_MEMORY_BYTES = 4_000_000_000
ENCODER_FILE_BYTES = 4_000_000_000
ENCODER_CPU_SECONDS = 3600  # of one encoder
ENCODER_NICENESS = 5  # answering people comes before encoding
ENCODER_REPORT_BYTES = 2_000_000  # of what an encoder says, the end of which is kept
ENCODER_SLOT_POLL = 0.1  # seconds between looks for a free encoder slot
WORKSPACE_GRACE = 60.0  # an unclaimed working folder older than this is a dead process's

LECTURE_SCRIPT = StepPolicy("text", timeout=600, retry=Retry(attempts=3, base=1, cap=10))
NARRATION_REWRITE = StepPolicy("text", timeout=60, retry=Retry(attempts=3, base=1, cap=10))
PROMPT_REWRITE = StepPolicy("text", timeout=60, retry=Retry(attempts=3, base=1, cap=10))
# Media calls are many, small and often limited: enough tries that a provider failing three calls of
# ten loses none of a lecture's.
IMAGE = StepPolicy("image", timeout=120, retry=Retry(attempts=8, base=0.5, cap=15))
SPEECH = StepPolicy("speech", timeout=60, retry=Retry(attempts=8, base=0.5, cap=15))
TRANSCRIPTION = StepPolicy("transcription", timeout=45, retry=Retry(attempts=8, base=0.5, cap=15))
VIDEO = StepPolicy("video", timeout=1200, retry=Retry(attempts=8, base=0.5, cap=15))
MUSIC = StepPolicy("music", timeout=300, retry=Retry(attempts=8, base=0.5, cap=15))
MUSIC_AHEAD = StepPolicy("music", timeout=300, retry=Retry(attempts=1, base=0, cap=0))
VIDEO_JOB_DEADLINE = 900.0  # seconds from the order of a clip; then the segment does without
VIDEO_UNREADABLE_MOST = 5  # answers in a row that make no sense; then another job is ordered
VIDEO_POLL_FIRST = 0.5  # seconds between looks at a video job: grows by half up to the most
VIDEO_POLL_MOST = 8.0
CLIP_FETCHES_MOST = 5  # of a clip that is done, without a place; then it is waited for in one

# --- calls (contract D) ---------------------------------------------------------------------------
CAMPAIGN_MAX_HYPOTHESES = 20
CAMPAIGN_MAX_QUESTIONS = 30
CAMPAIGN_MAX_CONTACTS = 500
CAMPAIGN_MAX_DO_NOT_CALL = 10_000
CALLS_PER_MINUTE = 10  # of one campaign
CALLS_PER_MINUTE_MOST = 60  # Twilio places one call a second for a new account
CALL_AGAIN_MOST = 2  # after busy and no answer
CALL_AGAIN_MINUTES = 60
# Twilio has no idempotency key: after a lost answer an order is looked for, never repeated.
CALL_TRANSCRIPTION = StepPolicy(
    "transcription", timeout=300, retry=Retry(attempts=3, base=2, cap=15)
)
RETRIEVAL = StepPolicy("embedding", timeout=30, retry=Retry(attempts=2, base=1, cap=5))
# Three attempts are also two repairs of an answer that does not fit.
EXTRACTION = StepPolicy("extraction", timeout=120, retry=Retry(attempts=3, base=2, cap=10))
EXTRACTION_MAX_OUTPUT_TOKENS = 1000
TRANSCRIPT_CHARS_LEAST = 50  # of a respondent, below which nothing is extracted
PASSAGE_WORDS = 60  # of an answer that is read at once
PASSAGES_PER_CALL = 60
QUESTION_CHARS = 400  # of what was asked before a passage
QUESTION_RESEMBLES = 75.0  # points of 100 by which it has to be one of the checklist
HYPOTHESES_PER_PASSAGE = 3
RELEVANCE_LEAST = 0.3  # of a hypothesis that was not asked about
PLACING = StepPolicy(
    "telephony",
    timeout=30,
    retry=Retry(attempts=3, base=2, cap=10),
    limits=(KeyLimit("unit", per_minute=CALLS_PER_MINUTE_MOST),),  # whatever a campaign asks for
)
LISTENING_IN = StepPolicy("telephony", timeout=30, retry=Retry(attempts=3, base=1, cap=5))
RECORDING_DOWNLOAD = StepPolicy("telephony", timeout=120, retry=Retry(attempts=3, base=1, cap=5))
RECORDING_MOST_BYTES = 25_000_000
RECORDING_MOST_SECONDS = 3600
UTTERANCE_PAUSE = 0.9  # seconds of silence that end an utterance
SHORT_PAUSE = 0.25  # seconds of silence after which somebody else may well speak
WORDS_OF_A_TURN = 2  # of another voice, that end an utterance; fewer is a hm
WORD_BESIDE_SPEECH = 0.3  # seconds from its channel's speech beyond which a word is invented
SPEECH_GAP = 0.6  # seconds of silence kept between stretches of speech that are transcribed
WORD_TIME_TOLERANCE = 0.05  # seconds
CALLEE_CHANNEL = 0  # of a recorded outbound call; Twilio documents the callee as the first
LOCAL_PHONE_NUMBER = "+12025550100"  # of the local exchange: kept for fiction
RING_SECONDS = 30  # before a call counts as not answered
CALL_MOST_SECONDS = 1800
TWIML_MAX_CHARS = 4000  # Twilio's limit for markup within an order
CONSENT_SECONDS = 4  # for a yes or no
ANSWER_SECONDS = 14  # for an answer to a question
CAMPAIGN_DEADLINE = 3600.0  # of one run: one that is stopped by it goes on in another
CAMPAIGNS_AT_ONCE_PER_RUN = 5
CALLS_READ_AT_ONCE = 20  # of one campaign: bounds the recordings held in memory
CONDUCT_POLL = 1.0  # seconds between looks at what was heard while calls are read
REST_MOST = 3600.0  # seconds: then a resting campaign is looked at in any case
CALL_ANSWER_LOST = 3.0  # seconds after which a call without an answer is looked for in the list
CALL_NEVER_PLACED = 60.0  # seconds after which one that stands in no list may be placed again
CALL_SILENT = 60.0  # seconds without news after which the provider is asked about a call
HANGING_UP_MOST = 10.0  # seconds for which the end of a call with a machine is waited for
HANGING_UP_LOOK = 0.5  # seconds between looks whether it has ended
RECORDING_LATE = 30.0  # seconds after a call's end, and between looks for its recording
RECORDING_WAIT = 900.0  # seconds after which a recording is given up
CALLS_FOUND_MOST = 50  # of the provider's list, looked through for a call

# --- calls: verdicts by triangulation (contract D) ------------------------------------------------
VERDICTS_AT_ONCE = 2  # of the pool `verdicts`
VERDICT_CLAIMS_LEAST = 3
VERDICT_RESPONDENTS_LEAST = 3
VERDICT_CONFIDENCE_LEAST = 0.6  # mean confidence of those who agree
VERDICT_LOW_CONFIDENCE: Literal["INVALIDATED", "INCONCLUSIVE"] = "INVALIDATED"
VERDICT_MARGIN: int | None = None  # respondents by which one side has to outnumber the other
VERDICT_DEBOUNCE = 5.0  # seconds without new claims on a hypothesis before it is judged
VERDICT_STABILITY_LEAST = 0.8  # share of calls without any one of which a verdict stands
CALIBRATION_BINS = 10
LABELLED_CLAIMS_MOST = 100_000  # rows of a file to calibrate with

# --- pages (contract C) ---------------------------------------------------------------------------
PAGES_AT_ONCE = 5  # over all runs and hosts; the environment may say otherwise
PAGE_DEADLINE = 300.0
PAGE_ATTEMPTS = 3  # of a page that failed for a reason that may pass
PAGE_ATTEMPT_DELAY = 5.0
PAGE_SKU_POINTS = ((1000, 30), (100, 20))  # a page's score: for more products than that
PAGE_SEARCH_POINTS = ((10_000, 30), (1000, 20))  # for more searches a month than that
PAGE_LEAST_POINTS = 10  # for fewer of them
PAGE_CONTENT_POINTS = {"missing": 20, "outdated": 10}
PAGE_DEADLINE_POINTS = ((timedelta(hours=24), 30), (timedelta(hours=72), 20))  # less time than that
PAGE_HIGH_FROM = 70  # points
PAGE_NORMAL_FROM = 40
PAGE_AGED_AFTER = 900.0  # seconds of waiting, whatever the priority
PAGE_AGED_SHARE = 5  # every so many turns of an organization go to the one that waits longest
PAGE_TURN_PATIENCE = 20.0  # seconds a free turn waits for the run of the page that is next
PAGE_TURN_POLL = 0.25
PAGE_TURN_SEEN = 2.0  # seconds since a run said that it waits with a page: it still does
PAGE_TURN_UNBEGUN = 20.0  # seconds until a turn that nobody begins with goes to another page
PAGES_RANKED_AT_ONCE = 200
PAGES_PER_RUN = 100
PAGE_PRODUCTS_SHOWN = 12
FEED_ROWS = 10_000  # products of a feed that is imported at once
FEED_COLUMNS = 100
PRODUCT_IMAGES = 11  # of Google: the main one and ten more
PRODUCT_HIGHLIGHTS = 100  # of Google
FEED_BYTES = 20_000_000
PAGE_LINKS_MOST = 8
PAGE_LINKS_NEAR = 50  # rows of its batch before and after it in which a page looks for links
PAGE_MAX_OUTPUT_TOKENS = 2000  # of one part
# Three attempts are also two repairs of a part that says what the data do not carry.
PAGE_WRITING = StepPolicy("text", timeout=60, retry=Retry(attempts=3, base=1, cap=10))
RESULTS_AT_ONCE = 100  # finished pages read at once for a download
REPLAY_MOST = 1000  # failed pages queued again by one call
ETA_SAMPLES = 50
PAGE_BATCH_ROWS = 10_000
PAGE_BATCH_BYTES = 20_000_000
PAGE_BATCH_COLUMNS = 64
PAGE_BATCH_FAULTS_TOLD = 500  # of a file, by row and column; their number is told in any case
PAGE_BATCH_ROWS_SHOWN = 20  # of a file, before it is stored
XLSX_PARTS = 2000  # files within one
XLSX_UNPACKED_BYTES = 64_000_000
XLSX_TAGS = 4_000_000  # 10,000 rows of all columns have about 1.5 million
PAGES_PER_STATEMENT = 1000  # of a batch that is stored: keeps each statement short
KEYWORDS = StepPolicy("keywords", timeout=15, retry=Retry(attempts=2, base=1, cap=5))
COMPETITORS = StepPolicy("competitors", timeout=20, retry=Retry(attempts=2, base=1, cap=5))
COMPETITOR_REDIRECTS = 3
COMPETITOR_BYTES = 2_000_000
COMPETITOR_ROBOTS_BYTES = 512_000  # RFC 9309: at least 500 KiB are read
COMPETITOR_ROBOTS_SECONDS = 24 * 3600.0  # that they are remembered
COMPETITOR_ROBOTS_REDIRECTS = 5
COMPETITOR_SITES_KEPT = 100  # whose robots.txt a run remembers
COMPETITOR_HEADINGS = 40
COMPETITOR_HEADING_CHARS = 200
WORKER_HEARTBEAT = 5.0
WORKER_GONE = 16.0  # seconds without a heartbeat
WORKER_FORGOTTEN = 3600.0
PAGE_MAX_KEYWORDS = 20
PAGE_MAX_PRODUCTS = 50  # of a page
PAGE_MAX_COMPETITORS = 5
REJECTION_REASON_CHARS = 1000
COMPETITOR_TEXT_CHARS = 50_000
PAGE_TITLE_CHARS = (30, 60)
PAGE_DESCRIPTION_CHARS = (70, 155)
PAGE_CLAIM_WORDS = 5  # words a claim of a page is made of at most, such as `resistant to UV`
PAGE_ITEMS = {  # of a written part, least and most
    "benefits": (2, 5),
    "comparison": (2, 6),
    "faq": (3, 6),
    "buying_guide": (3, 6),
}
PAGE_TASK_DESCRIPTIONS_CHARS = 16_000  # of all products together, in what a model is given
PAGE_MAX_TOPICS = 16  # headings of competing pages that a model is told
PAGE_TOPIC_CHARS = 100
PAGE_QUALITY = PageQuality(
    near_duplicate_jaccard=0.5,
    flesch_least=50.0,  # below is difficult
    pisarek_most=14.0,  # of Polish, which has no Flesch: above is difficult
    keyword_density=(0.3, 3.5),
    words_least={"product": 200, "category": 300, "brand": 300, "guide": 300},
    internal_links_least=1,
    advisory=frozenset({"readability_is_good", "keyword_use", "text_length", "internal_links"}),
)
PAGE_MOST_BYTES = 1_000_000
PAGE_DUPLICATE_CANDIDATES = 20  # pages that are compared word by word
PAGE_COMPARED_PRODUCTS = 4  # side by side: more do not fit a screen
PAGE_COMPARED_ATTRIBUTES = 12
PAGE_PRODUCT_IMAGES = 4

# --- gateway ------------------------------------------------------------------------------------
BODY_LIMIT_BYTES = 256_000
BODY_READ_DEADLINE = 8.0
FILE_BODY_LIMIT_BYTES = 20_000_000  # of a batch or a product feed
FILE_BODY_READ_DEADLINE = 60.0
REQUESTS_PER_MINUTE_PER_KEY = 3000
REQUESTS_PER_MINUTE_UNAUTHENTICATED = 120
DATABASE_STATEMENT_TIMEOUT = 30.0  # contract D: every database operation has a limit
GATEWAY_DATABASE_TIMEOUT = 3.0  # a sender is told 503 rather than kept waiting
WEBHOOK_TOLERANCE = 300
SESSION_LIFETIME = 12 * 3600
REBUILD_DEEP_CHECK_BYTES = 256_000_000  # of files: up to here a rebuild reads them, else only looks
FILE_READ_FIRST_BYTES = 2_000_000  # up to here a file is read and checked before it is sent
FILE_CACHE_SECONDS = 31_536_000  # a file is named by its content: it never changes
LIST_PAGE_DEFAULT = 50
LIST_PAGE_MAX = 200

# --- progress -----------------------------------------------------------------------------------
PROGRESS_STREAM_MAXLEN = 5000
PROGRESS_SENT_TOGETHER = 200  # events in one request
PROGRESS_STREAM_TTL = 7 * 24 * 3600
SSE_HEARTBEAT = 15.0
SSE_MAX_CLIENTS = 500

# --- providers ----------------------------------------------------------------------------------
PROVIDER_RESPONSE_LIMIT_BYTES = 8_000_000
PROVIDER_MEDIA_LIMIT_BYTES = 64_000_000
VIDEO_CAPABILITIES_KEPT = 600.0  # seconds until a provider is asked again what its models can do
MODEL_SHUTDOWN_WARNING_DAYS = 60

# --- inspections: what stands otherwise than it should --------------------------------------------
INSPECTION_INTERVAL = 10.0
INSPECTION_BATCH = 50  # units of a line at each look

# --- automation: what Dagster asks for by itself (docs/automation.md) -----------------------------
# Each asks at most once a day for the same partition, never for what failed, never beyond the
# month's budget of its organization.
LINES = frozenset({"articles", "lectures", "pages", "campaigns"})
PAID = "It costs money nobody has asked for. The nightly backfill does it within its budget."
AUTOMATIONS: dict[str, Automation] = {
    "make_missing": Automation(
        on=True,
        standings=frozenset({"missing"}),
        kinds=LINES,
        reason="What follows from a completed bridge is wanted whoever completed it: also after a "
        "run by hand, or a worker that died before it could say what comes next.",
    ),
    "judge_again": Automation(
        on=True,
        standings=frozenset({"stale"}),
        kinds=frozenset({"campaigns"}),
        assets=frozenset({"hypothesis_verdict", "campaign_report"}),
        reason="A verdict on old evidence misleads, and judging costs nothing.",
    ),
    "remake_stale_articles": Automation(
        on=False, standings=frozenset({"stale"}), kinds=frozenset({"articles"}), reason=PAID
    ),
    "remake_stale_lectures": Automation(
        on=False, standings=frozenset({"stale"}), kinds=frozenset({"lectures"}), reason=PAID
    ),
    "remake_stale_pages": Automation(
        on=False, standings=frozenset({"stale"}), kinds=frozenset({"pages"}), reason=PAID
    ),
    "remake_stale_calls": Automation(
        on=False,
        standings=frozenset({"stale"}),
        kinds=frozenset({"campaigns"}),
        assets=frozenset({"transcript", "claims"}),
        reason=PAID,
    ),
}
# By name only: that would ring a telephone, publish, or discard what people have edited.
NEVER_BY_ITSELF = frozenset({"call", "article_outline", "lecture_script", "page_publication"})
AUTOMATION_INTERVAL = 120  # seconds; what is due at once is the dispatcher's business
AUTOMATION_MOST = 1000  # partitions looked at in one tick
AUTOMATION_AGAIN_CRON = "0 0 * * *"  # then the same partition may be asked for once more

# --- lineage on the command line ---------------------------------------------------------------
LINEAGE_ALIKE_MOST = 6  # branches alike that are shown each; of more, the first
LINEAGE_RANGES_MOST = 5  # `002 to 040` of those that are not shown

# --- plans --------------------------------------------------------------------------------------
PRICE_SAMPLES = 50  # results of an asset that tell what the next one would cost

# --- retention (docs/operations.md: what is kept, and for how long) -------------------------------
RETIRE_AFTER_DAYS: dict[str, float] = {  # untouched, finished units leave Dagster's partitions
    "articles": 30,
    "lectures": 30,
    "pages": 30,
    "campaigns": 30,
}
DAGSTER_HISTORY_DAYS = 60  # of runs and their events; longer than a unit stays registered
INBOX_DAYS = 90  # for which the body of a settled event or request is kept
PROGRESS_ARCHIVE_DAYS = 30
RETIRED_PER_NIGHT = 10_000  # units, and as many forgotten
RUNS_DELETED_PER_NIGHT = 10_000
RUNS_LOOKED_AT_ONCE = 200
ROWS_PURGED_AT_ONCE = 5_000  # in one statement, well within its time limit
ROWS_PURGED_PER_NIGHT = 2_000_000
# --- costs --------------------------------------------------------------------------------------
COST_DAYS_DEFAULT = 30
COST_DAYS_MOST = 366  # of one question
COST_ROWS_MOST = 1000  # of one answer
COST_FILE_ROWS_MOST = 50_000  # of one file
FORECAST_DAYS = 14  # whole days before today whose median the rest of the month is counted with
BILLS_TIMEOUT = 30.0
BILLS_TOLERANCE_USD = 0.01  # a day of a provider: less is a matter of rounding
BILLS_DAYS = 30  # that are asked for again: providers correct them, and report no more
COST_METRICS_KEPT = 60.0  # seconds between two sums over everybody's month

# --- schedules ----------------------------------------------------------------------------------
NIGHTLY_BACKFILL_CRON = "30 2 * * *"
NIGHTLY_BACKFILL_HOURS = (time(1), time(6))  # UTC: outside of them the nightly job makes nothing
NIGHTLY_BACKFILL_LIMIT = 200  # units a night
NIGHTLY_BACKFILL_REASONS: tuple[Literal["failed", "missing", "stale", "corrupt"], ...] = (
    "failed", "missing", "stale", "corrupt",
)  # fmt: skip
NIGHTLY_BACKFILL_USD = 20.0  # of each organization, by what the same things cost before
BACKFILL_TRIES = 3  # of a unit that does not become whole by it; then a person has to look at it
BACKFILL_MOST = 1000  # units of one request
BACKFILL_PLAN_SHOWN = 50  # units that Studio plans, each in a transaction of its own, unless told
BACKFILL_PLAN_MOST = 200
FILES_CHECK_CRON = "45 2 * * *"
HOUSEKEEPING_CRON = "15 3 * * *"
COST_REPORT_CRON = "30 4 * * *"  # UTC: by then yesterday stands on most bills

# --- reconciliation: what stands in our database against the world --------------------------------
# A loss counts once it has outlasted whoever heals it by itself (docs/operations.md), by far.
RECONCILIATION_CRON = "*/10 * * * *"
RECONCILIATION_BLOBS_CRON = "15 4 * * *"
RECONCILIATION_KEPT_DAYS = 30
RECONCILIATION_AREA_DEADLINE = 60.0  # seconds for one area; the sweep of the blobs has its own
RECONCILIATION_BATCH = 200  # of one loss in one pass; the next pass goes on
RECONCILIATION_MAX_RUNTIME = 3600  # of the run
RECONCILIATION_WAIT = 120.0  # for which a person waits for the report of a quick pass
EVENT_OVERDUE = 120.0
EVENT_GIVEN_UP = 3600.0  # then it is dead, with a reason, and can be replayed
UNIT_FORGOTTEN = 60.0
UNIT_OVERSLEPT = REST_MOST + 600.0
UNIT_OVERDUE = 120.0
UNIT_HELD_DEADLINES = 2.0  # deadlines of its line for which a worker may hold a unit
UNIT_SILENT_DEADLINES = 1.0  # and of those without any news of it
RUN_UNWANTED = 300.0
RUN_STUCK = 600.0  # beyond the times of Dagster's run monitoring (dagster.yaml)
SLOT_LEAKED = 60.0  # after the end of its run; Dagster frees it after 10 s
# No call is in work for longer than the slowest may take: a permit held since is held by nobody.
PERMIT_OUTLIVES_RUN = max(VIDEO.timeout, LECTURE_SCRIPT.timeout, RECORDING_DOWNLOAD.timeout) + 300
PERMIT_REVOKED = 86_400  # seconds in which a revoked holder cannot register itself again
VERSION_UNREPORTED = 60.0
PARTITIONS_NEEDED_WITHIN = 86_400.0  # after the end of a unit; retention lets them go after days
PARTITIONS_CHECKED = 5000  # in one pass, of what changed last
CALL_UNANSWERED = CALL_NEVER_PLACED + 300.0
CALL_UNHEARD = 10 * CALL_SILENT
CALL_UNRECORDED = RECORDING_WAIT + 300.0
ORDERS_TOLD_WITHIN = 86_400.0  # after the end of a unit with open orders at a provider
BLOB_GRACE = 86_400.0  # seconds in which a file waits for the row that names it; runs take 3 hours
BLOB_PAGE = 500  # files compared with the database in one query
BLOBS_SWEEP_DEADLINE = 1800.0  # seconds; the next night goes on where it stopped
BLOBS_REMOVED_MOST = 20_000  # in one night
BLOBS_UNKNOWN_MOST = 0.5  # share of a page; beyond it the store is taken for somebody else's
BLOBS_UNKNOWN_LEAST = 100  # files in a page, below which that says nothing

# --- Dagster's processes ------------------------------------------------------------------------
RUN_OUTLASTS = 3.0  # a run may take so many deadlines of a unit: more units follow the first
DAGSTER_POOL_OVERFLOW = 8
DAGSTER_EVENT_BATCH = 500  # events of one asset in one write
EVENTS_LOOKED_BACK = 20  # of an input, for the one that told of the version that was used
REPORT_LINGER = 0.5  # s in which events gather before they are written together
REPORTS_WAITING_MOST = 500  # then whoever has more waits
DAGSTER_POOL_RECYCLE = 3600
DAGSTER_CONNECTION_TRUSTED = 1.0  # s of idleness after which one is checked before its use
DAEMON_LOCK_POLL = 2.0
WORKSPACE_INTERVAL = 240  # s; a code server that was replaced is noticed within a second anyway
BACKFILL_INTERVAL = 2  # Dagster's own 30 s is spent twice per backfill
RUN_RESULT_EXPIRES = 3600
RUNS_PER_WORKER_PROCESS = 200  # then the child is replaced, so leaks stay small
MEMORY_REUSED_MOST = 2**25  # bytes asked for at once; more is given back when it is freed
MEMORY_KEPT_FREE = 2**25  # bytes at the end of a heap, of which a worker has a handful
WORKER_INSPECT_TIMEOUT = 1.0
WORKER_INSPECT_CACHE = 2.0
WORKER_MISSED_CHECKS = 2
WORKER_SILENT_CHECKS = 5  # with a check every 5 s: 25 s without any answer

# --- ledger -------------------------------------------------------------------------------------
MAX_TRIES_PER_STEP = 9  # over crashes and re-runs; each may make the policy's own attempts
POSTGRES_RETRY_INTERVAL = 0.5

# --- ops: infrastructure errors (a database or Redis away longer than is tolerated) ---------------
INFRASTRUCTURE_RETRIES = 3
INFRASTRUCTURE_RETRY_DELAY = 10.0

# --- dispatch, continued ------------------------------------------------------------------------
DAGSTER_API_TIMEOUT = 20.0
DISPATCH_GATHER = 0.03  # a burst of requests shares its first run
DISPATCH_UNITS_PER_RUN = 100
DISPATCH_RECHECK = 4.0
DISPATCH_RECHECK_AFTER_LAUNCH = 15.0
RUN_RETRY_GRACE = 12.0  # Dagster retries the run of a dead worker within this time

# --- what turns nothing stale ---------------------------------------------------------------------
# Code that makes things also reads these, and the policies of its calls. They say how long is
# waited for it, or what is not taken in at all: when they change, what was made stays what it is.
# All else that such code reads is part of the version of what it makes (domain/source_code.py).
UNVERSIONED = frozenset({
    "FFMPEG_DEADLINE",
    "FILM_DEADLINE",
    "CLIP_MOST_SECONDS",
    "MEDIA_MOST_BYTES",
    "MEDIA_MOST_PIXELS",
    "SOUND_MOST_SECONDS",
    "COMPETITOR_BYTES",
    "PRODUCT_IMAGES",
    "PRODUCT_HIGHLIGHTS",
    "PAGE_MOST_BYTES",
})  # fmt: skip
