"""The program's name in hints: as the user can type it, wherever it is installed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

NAME = "pipeline"
MENTION = re.compile(rf"(?<![\w./-]){NAME} (?=(?:up|down|status|doctor|list|demo)\b)")


def program() -> str:
    """`pipeline` where the PATH leads to this copy, else the shorter one of its paths."""
    own = _own_file()
    found = shutil.which(NAME)
    if own is None or (found is not None and Path(found).resolve() == own.resolve()):
        return NAME
    return shlex.quote(min(_relative(own), str(own), key=len))


def typed(arguments: str) -> str:
    """A command to type."""
    return f"{program()} {arguments}"


def retyped(text: str) -> str:
    """A hint from elsewhere, with the commands that it names as they can be typed."""
    name = program()
    return MENTION.sub(lambda _: f"{name} ", text)


def _own_file() -> Path | None:
    """The script that runs, or the one beside this Python; None when there is none."""
    started = Path(sys.argv[0])
    candidates = (started, Path(sys.executable).with_name(NAME))
    return next((p.absolute() for p in candidates if p.name == NAME and p.is_file()), None)


def _relative(path: Path) -> str:
    try:
        relative = os.path.relpath(path)
    except FileNotFoundError:  # the working directory was removed
        return str(path)
    return relative if os.sep in relative else f".{os.sep}{relative}"
