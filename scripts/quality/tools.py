"""The judges: Yoast (Node.js) and the Nu checker (Java), from the npm registry, pinned and locked.

Both run as processes of their own; they are installed below the state directory, without running
scripts of the packages, and are part of no release.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline_defs.settings import state_directory
from scripts.ensure_chromium import node_and_npm, say, system_certificates

HERE = Path(__file__).parent
SECONDS = 600
JAVA_STACK = "-Xss1m"  # long pages are parsed recursively


class Judges:
    """Installed tools; `java` is None where there is no Java."""

    def __init__(self, folder: Path, node: str, java: str | None) -> None:
        self._folder = folder
        self._node = node
        self.java = java

    def yoast(self, pages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """SEO and readability of each page, with advice."""
        done = subprocess.run(
            [self._node, HERE / "yoast.mjs"],
            input=json.dumps(list(pages)),
            capture_output=True,
            text=True,
            cwd=self._folder,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            sys.exit(f"Yoast did not run: {done.stderr.strip()[-2000:]}")
        return json.loads(done.stdout)

    def nu(self, files: Sequence[Path]) -> dict[str, list[str]]:
        """Errors of each file by the Nu checker, by the file's name."""
        found: dict[str, list[str]] = {file.name: [] for file in files}
        if self.java is None:
            return found
        jar = self._folder / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
        done = subprocess.run(
            [self.java, JAVA_STACK, "-jar", jar, "--format", "json", "--exit-zero-always", *files],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            sys.exit(f"The Nu checker did not run: {done.stderr.strip()[-2000:]}")
        for message in json.loads(done.stderr)["messages"]:
            if message["type"] in ("error", "non-document-error"):
                name = message.get("url", "").rpartition("/")[2]
                line = message.get("lastLine", 0)
                found.setdefault(name, []).append(f"line {line}: {message['message']}")
        return found


def installed() -> Judges:
    """The judges, installed where they are not; exits with the reason where that cannot be."""
    tools = node_and_npm()
    if tools is None:
        sys.exit("Yoast needs Node.js: install it, or the development dependencies (make setup)")
    node, npm = tools
    folder = state_directory() / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    wanted, stamp = hashlib.sha256(lock).hexdigest(), folder / "installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, folder / name)
        say("installing", "yoastseo and vnu-jar")
        _install(folder, npm)
        stamp.write_text(wanted)
    return Judges(folder, node, shutil.which("java"))


def _install(folder: Path, npm: list[str]) -> None:

    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=folder,
        env={**system_certificates(), **os.environ},
        stdout=sys.stderr,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        sys.exit("npm could not install what scripts/quality/package-lock.json names")
