"""The engines of a server, built once, on first use or by a warm-up in the background."""

from __future__ import annotations

import threading
from pathlib import Path

from pipeline_defs.local.providers.engine.embedding import Embedder
from pipeline_defs.local.providers.engine.library import CORPUS, Library, load_library
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.engine.studio import MediaEngines
from pipeline_defs.local.providers.writer.answer import LocalWriter


class Engines:
    """Safe to ask from several threads; the first one builds, the others wait."""

    def __init__(self, corpus: Path = CORPUS) -> None:
        self._corpus = corpus
        self._lock = threading.Lock()
        self._built: tuple[SearchEngine, LocalWriter] | None = None
        self.embedder = Embedder()
        self.media = MediaEngines()  # which load their models when they are first asked

    @property
    def search(self) -> SearchEngine:
        """Research over the corpus."""
        return self._ready()[0]

    @property
    def writer(self) -> LocalWriter:
        """The extractive writer."""
        return self._ready()[1]

    @property
    def library(self) -> Library:
        """The corpus itself."""
        return self.search.library

    def warm_up(self) -> None:
        """Build search and writer now."""
        self._ready()

    def _ready(self) -> tuple[SearchEngine, LocalWriter]:
        with self._lock:
            if self._built is None:
                search = SearchEngine(load_library(self._corpus))
                self._built = search, LocalWriter(search)
            return self._built
