"""What is installed elsewhere holds all that the package reads."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_every_file_of_the_package_goes_into_a_wheel() -> None:
    command = ["git", "ls-files", "pipeline_defs"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of the repository")
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = configuration["tool"]["setuptools"]["package-data"]["pipeline_defs"]
    suffixes = {pattern.removeprefix("**/*") for pattern in patterns}
    files = [Path(name) for name in listed.stdout.splitlines()]
    assert files
    left_out = [str(f) for f in files if f.suffix not in suffixes | {".py"}]
    assert left_out == []
