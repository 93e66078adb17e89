"""Every endpoint that speaks a provider's API: method and path, and what answers there."""

from __future__ import annotations

from pipeline_defs.local.providers.apis.bills import BillsApi
from pipeline_defs.local.providers.apis.embeddings import EmbeddingsApi
from pipeline_defs.local.providers.apis.images import ImagesApi
from pipeline_defs.local.providers.apis.model_lists import ModelLists
from pipeline_defs.local.providers.apis.music import MusicApi
from pipeline_defs.local.providers.apis.openai import OpenAIApi
from pipeline_defs.local.providers.apis.posts import Posts
from pipeline_defs.local.providers.apis.research import ResearchApi
from pipeline_defs.local.providers.apis.shopping import ShoppingApi
from pipeline_defs.local.providers.apis.speech import SpeechApi
from pipeline_defs.local.providers.apis.transcription import TranscriptionApi
from pipeline_defs.local.providers.apis.twilio import TwilioApi
from pipeline_defs.local.providers.apis.videos import VideosApi
from pipeline_defs.local.providers.apis.wordpress import WordPressApi
from pipeline_defs.local.providers.engine.studio import Studio
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.server.bodies import Bodies
from pipeline_defs.local.providers.server.shapes import (
    ELEVENLABS,
    KEYWORDS,
    OPENAI,
    OPENROUTER,
    PERPLEXITY,
    RIVALS,
    SEARCH,
    TWILIO,
    WORDPRESS,
    Provider,
)
from pipeline_defs.local.providers.server.store import Store
from pipeline_defs.local.providers.server.videos import VIDEOS, VideoWorker
from pipeline_defs.local.providers.server.work import MEDIA_BODY_LIMIT, Handler, Operation
from pipeline_defs.local.providers.telephone.switchboard import Switchboard

Operations = dict[tuple[str, str], Operation]
OPENAI_PATH, OPENROUTER_PATH, ELEVENLABS_PATH = "/openai/v1", "/openrouter/api/v1", "/elevenlabs/v1"
ACCOUNT = "/twilio/2010-04-01/Accounts/{account}"
POSTS = "/wordpress/wp-json/wp/v2/posts"


def text_operations(engines: Engines, posts: Posts, base_url: str) -> Operations:
    """Text, research, publishing, lists of models."""
    text = OpenAIApi(engines)
    research = ResearchApi(engines, base_url)
    blog = WordPressApi(posts, base_url)
    lists = ModelLists()

    def keyed(provider: Provider, capability: str, handle: Handler) -> Operation:
        return Operation(provider, capability, handle, keyed=True)

    embeddings = EmbeddingsApi(engines.embedder)
    return {
        ("POST", f"{OPENAI_PATH}/embeddings"): keyed(OPENAI, "embedding", embeddings.openai),
        ("POST", f"{OPENAI_PATH}/responses"): keyed(OPENAI, "text", text.responses),
        ("POST", f"{OPENAI_PATH}/chat/completions"): keyed(OPENAI, "text", text.chat),
        ("GET", f"{OPENAI_PATH}/models"): Operation(OPENAI, "models", lists.openai),
        ("POST", f"{OPENROUTER_PATH}/chat/completions"): keyed(
            OPENROUTER, "text", text.openrouter_chat
        ),
        ("GET", f"{OPENROUTER_PATH}/models"): Operation(OPENROUTER, "models", lists.openrouter),
        ("GET", f"{ELEVENLABS_PATH}/models"): Operation(ELEVENLABS, "models", lists.elevenlabs),
        ("POST", "/perplexity/v1/responses"): keyed(PERPLEXITY, "research", research.agent),
        ("POST", "/perplexity/chat/completions"): keyed(PERPLEXITY, "research", research.sonar),
        ("POST", "/perplexity/search"): keyed(PERPLEXITY, "research", research.search),
        ("GET", "/search"): keyed(SEARCH, "research", research.web_search),
        ("POST", POSTS): keyed(WORDPRESS, "publishing", blog.create),
        ("GET", POSTS): Operation(WORDPRESS, "publishing", blog.find),
        ("POST", POSTS + "/{id}"): keyed(WORDPRESS, "publishing", blog.update),
        ("GET", POSTS + "/{id}"): Operation(WORDPRESS, "publishing", blog.get),
        ("DELETE", POSTS + "/{id}"): Operation(WORDPRESS, "publishing", blog.delete),
    }


def bill_operations(store: Store) -> Operations:
    """What days cost, for whoever compares."""
    bills = BillsApi(store)
    return {
        ("GET", f"{OPENAI_PATH}/organization/costs"): Operation(
            OPENAI, "bills", bills.openai_costs
        ),
        ("GET", f"{OPENROUTER_PATH}/activity"): Operation(
            OPENROUTER, "bills", bills.openrouter_activity
        ),
    }


def shopping_operations() -> Operations:
    """Search figures, and pages of competitors."""
    shopping = ShoppingApi()
    return {
        ("GET", "/keywords"): Operation(KEYWORDS, "keywords", shopping.keywords),
        ("GET", "/robots.txt"): Operation(RIVALS, "competitors", shopping.robots),
        ("GET", "/rivals/{page}"): Operation(RIVALS, "competitors", shopping.rival),
    }


def telephone_operations(switchboard: Switchboard) -> Operations:
    """Calls and recordings."""
    telephone = TwilioApi(switchboard)

    def serves(handle: Handler) -> Operation:
        return Operation(TWILIO, "telephony", handle)

    return {
        ("POST", f"{ACCOUNT}/Calls.json"): serves(telephone.create),
        ("GET", f"{ACCOUNT}/Calls.json"): serves(telephone.find),
        ("GET", ACCOUNT + "/Calls/{sid}.json"): serves(telephone.get),
        ("POST", ACCOUNT + "/Calls/{sid}.json"): serves(telephone.update),
        ("GET", ACCOUNT + "/Calls/{sid}/Recordings.json"): serves(telephone.recordings),
        ("GET", f"{ACCOUNT}/Recordings.json"): serves(telephone.recordings),
        ("GET", ACCOUNT + "/Recordings/{sid}.json"): serves(telephone.recording),
        ("GET", ACCOUNT + "/Recordings/{sid}.wav"): serves(telephone.media),
        ("GET", f"{ACCOUNT}/Usage/Records/Daily.json"): serves(telephone.daily_usage),
    }


def media_operations(studio: Studio, worker: VideoWorker, bodies: Bodies) -> Operations:
    """Images, speech, music, transcription, video."""
    images, speech, music = ImagesApi(studio), SpeechApi(studio), MusicApi(studio)
    ears, videos = TranscriptionApi(studio), VideosApi(worker, bodies)

    def heavy(provider: Provider, capability: str, handle: Handler) -> Operation:
        return Operation(
            provider, capability, handle, keyed=True, heavy=True, body_limit=MEDIA_BODY_LIMIT
        )

    order = Operation(OPENROUTER, "video", videos.create, keyed=True, body_limit=MEDIA_BODY_LIMIT)
    return {
        ("POST", f"{OPENAI_PATH}/images/generations"): heavy(OPENAI, "image", images.generations),
        ("POST", f"{OPENROUTER_PATH}/images"): heavy(OPENROUTER, "image", images.openrouter),
        ("POST", f"{OPENAI_PATH}/audio/speech"): heavy(OPENAI, "speech", speech.openai),
        ("POST", f"{OPENROUTER_PATH}/audio/speech"): heavy(OPENROUTER, "speech", speech.openrouter),
        ("POST", ELEVENLABS_PATH + "/text-to-speech/{voice_id}"): heavy(
            ELEVENLABS, "speech", speech.elevenlabs
        ),
        ("POST", f"{ELEVENLABS_PATH}/music"): heavy(ELEVENLABS, "music", music.compose),
        ("POST", f"{OPENAI_PATH}/audio/transcriptions"): heavy(
            OPENAI, "transcription", ears.openai
        ),
        ("POST", f"{OPENROUTER_PATH}/audio/transcriptions"): heavy(
            OPENROUTER, "transcription", ears.openrouter
        ),
        ("POST", f"{ELEVENLABS_PATH}/speech-to-text"): heavy(
            ELEVENLABS, "transcription", ears.elevenlabs
        ),
        ("GET", f"{VIDEOS}/models"): Operation(OPENROUTER, "models", videos.models),
        ("POST", VIDEOS): order,
        ("GET", VIDEOS + "/{id}"): Operation(OPENROUTER, "video", videos.get),
        ("GET", VIDEOS + "/{id}/content"): Operation(OPENROUTER, "video", videos.content),
    }
