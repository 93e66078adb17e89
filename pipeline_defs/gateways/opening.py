"""Opens all gateways of a process, and closes them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.competitors.port import CompetitorPort
from pipeline_defs.gateways.competitors.web import WebCompetitors
from pipeline_defs.gateways.embedding.chained import ChainedEmbedding
from pipeline_defs.gateways.embedding.port import EmbeddingPort
from pipeline_defs.gateways.image.chained import ChainedImages
from pipeline_defs.gateways.image.port import ImagePort
from pipeline_defs.gateways.keywords.port import KeywordPort
from pipeline_defs.gateways.keywords.service import ServiceKeywords
from pipeline_defs.gateways.music.chained import ChainedMusic
from pipeline_defs.gateways.music.port import MusicPort
from pipeline_defs.gateways.publishing.port import PublishingPort
from pipeline_defs.gateways.publishing.wordpress import ConfiguredPublishing
from pipeline_defs.gateways.research.chained import ChainedResearch
from pipeline_defs.gateways.research.port import ResearchPort
from pipeline_defs.gateways.speech.chained import ChainedSpeech
from pipeline_defs.gateways.speech.port import SpeechPort
from pipeline_defs.gateways.telephony.port import TelephonyPort
from pipeline_defs.gateways.telephony.twilio import ConfiguredTelephony
from pipeline_defs.gateways.text.chained import ChainedText
from pipeline_defs.gateways.text.port import TextPort
from pipeline_defs.gateways.transcription.chained import ChainedTranscription
from pipeline_defs.gateways.transcription.port import TranscriptionPort
from pipeline_defs.gateways.video.chained import ChainedVideo
from pipeline_defs.gateways.video.port import VideoPort
from pipeline_defs.settings import Settings


@dataclass(frozen=True, slots=True)
class Gateways:
    """One port per capability."""

    text: TextPort
    research: ResearchPort
    publishing: PublishingPort
    image: ImagePort
    speech: SpeechPort
    video: VideoPort
    music: MusicPort
    transcription: TranscriptionPort
    telephony: TelephonyPort
    embedding: EmbeddingPort
    keywords: KeywordPort
    competitors: CompetitorPort
    blobs: BlobStore


@asynccontextmanager
async def open_gateways(settings: Settings, catalog: Catalog) -> AsyncGenerator[Gateways, None]:
    """Gateways for the running event loop; nothing is connected before its first use.

    What is not configured raises NOT_CONFIGURED when it is used, not here.
    """
    async with AsyncExitStack() as stack:
        yield Gateways(
            text=await stack.enter_async_context(ChainedText(settings, catalog)),
            research=await stack.enter_async_context(ChainedResearch(settings, catalog)),
            publishing=await stack.enter_async_context(ConfiguredPublishing(settings, catalog)),
            image=await stack.enter_async_context(ChainedImages(settings, catalog)),
            speech=await stack.enter_async_context(ChainedSpeech(settings, catalog)),
            video=await stack.enter_async_context(ChainedVideo(settings, catalog)),
            music=await stack.enter_async_context(ChainedMusic(settings, catalog)),
            transcription=await stack.enter_async_context(ChainedTranscription(settings, catalog)),
            telephony=await stack.enter_async_context(ConfiguredTelephony(settings, catalog)),
            embedding=await stack.enter_async_context(ChainedEmbedding(settings, catalog)),
            keywords=await stack.enter_async_context(ServiceKeywords(settings)),
            competitors=await stack.enter_async_context(
                WebCompetitors(settings.competitor_allowed_hosts)
            ),
            blobs=BlobStore(settings.blobs),
        )
