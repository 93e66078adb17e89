"""Print pip's index configuration as `export UV_...=...` lines, for uv, which does not read it.

Whoever has told pip where packages come from (pip.conf or PIP_*) need not say it again. What is
set for uv itself stays as it is.
"""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys

NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "no-index": "UV_NO_INDEX",
}
COMMA_SEPARATED = {"UV_FIND_LINKS"}


def pip_options() -> dict[str, str]:
    """Options that hold for `pip install`, environment over files."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: dict[str, str] = {}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in {"global", "install", ":env:"}:
            found[option] = str(ast.literal_eval(value))
    return found


def exports(options: dict[str, str]) -> dict[str, str]:
    """The same for uv. pip takes the best version of all indexes, uv must be told to."""
    values: dict[str, str] = {}
    for option, value in options.items():
        name = NAMES.get(option)
        if name is not None and value.strip():
            separator = "," if name in COMMA_SEPARATED else " "
            values[name] = separator.join(value.split())
    if "UV_INDEX" in values:
        values["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in values.items() if not os.environ.get(name)}


if __name__ == "__main__":
    for key, text in exports(pip_options()).items():
        sys.stdout.write(f"export {key}={shlex.quote(text)}\n")
