"""Writing the standard input of a process while it runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import BinaryIO

Feed = Callable[[BinaryIO], None]


class Feeding:
    """Writes the standard input of a process in a thread, until the process has ended.

    Leaving the block raises what went wrong with that, unless the process failed itself.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._thread = threading.Thread(target=self._write, name="encoder-feed", daemon=True)
        self._error: Exception | None = None

    def __enter__(self) -> Feeding:
        self.reading_end, writing_end = os.pipe()
        self._pipe = os.fdopen(writing_end, "wb")
        return self

    def begin(self) -> None:
        """Start writing. From here on the process alone can read."""
        os.close(self.reading_end)
        self._thread.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._thread.ident is None:
            os.close(self.reading_end)
            self._pipe.close()
            return
        self._thread.join()  # the process is gone, and with it the reader of the pipe
        if self._error is not None and kind is None:
            raise self._error

    def _write(self) -> None:
        try:
            with self._pipe:
                self._feed(self._pipe)
        except BrokenPipeError:
            return  # the process has ended; its exit code says why
        except Exception as error:  # noqa: BLE001  (raised where the process is waited for)
            self._error = error
