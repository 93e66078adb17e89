"""What judges that know nothing of us say about pages of every type: `make quality` as a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_defs.domain.pages.requests import PageType
from pipeline_defs.rendering.pages import assemble
from pipeline_defs.settings import PROJECT_ROOT
from pipeline_defs_tests.domain.pages.samples import components, facts
from scripts.ensure_chromium import node_and_npm

TYPES: tuple[PageType, ...] = ("product", "category", "brand", "guide")


def judged(folder: Path) -> tuple[int, list[dict[str, object]]]:
    """The exit code and the verdicts of the command."""
    report = folder / "report.out"
    command = [sys.executable, "-m", "scripts.quality", str(folder), "--json", str(report)]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert report.exists(), done.stderr
    return done.returncode, json.loads(report.read_text())


@pytest.mark.slow
@pytest.mark.skipif(node_and_npm() is None, reason="Yoast needs Node.js")
def test_pages_of_every_type_are_green_and_valid_and_a_bad_one_is_told(tmp_path: Path) -> None:
    for page_type in TYPES:
        about = facts(page_type)
        told = {"keywords": about.keywords, "language": "en", "page_type": page_type}
        (tmp_path / f"{page_type}.html").write_text(assemble(about, components(page_type)).html)
        (tmp_path / f"{page_type}.json").write_text(json.dumps(told))
    code, verdicts = judged(tmp_path)
    assert code == 0, verdicts
    assert [verdict["name"] for verdict in verdicts] == sorted(TYPES)
    bad = tmp_path / "guide.html"
    bad.write_text("<title>x</title><main><img src='a b'><p>x</main>")
    code, verdicts = judged(tmp_path)
    assert code == 1
    assert {v["name"] for v in verdicts if int(str(v["seo"])) <= 70} == {"guide"}
