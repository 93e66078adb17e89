"""Independent judges on finished pages: `make quality`, or with `ARGS="FOLDER --json FILE"`.

Yoast scores SEO and readability (its green begins above 70), the Nu checker validates the HTML.
Without a folder the completed pages of the running stack are judged. Exit code 1 when a score is
70 or less or the HTML has an error.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.quality import finished
from scripts.quality.tools import Judges, installed

GREEN_ABOVE = 70


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judges say about a page; `html_errors` is None where there is no Java."""

    name: str
    seo: int
    readability: int
    html_errors: list[str] | None
    advice: list[dict[str, Any]]

    @property
    def passed(self) -> bool:
        """Whether every judge is content."""
        return min(self.seo, self.readability) > GREEN_ABOVE and not self.html_errors


def main() -> int:
    """Judge, print a table, write JSON where asked."""
    parser = argparse.ArgumentParser(prog="make quality", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="of NAME.html with NAME.json")
    parser.add_argument("--json", type=Path, help="write everything there is to say to this file")
    options = parser.parse_args()
    pages = finished.in_folder(options.folder) if options.folder else finished.of_stack()
    if not pages:
        sys.exit("There is no finished page to judge.")
    judges = installed()
    verdicts = judge(judges, pages)
    if options.json:
        options.json.write_text(json.dumps([asdict(v) for v in verdicts], indent=2) + "\n")
    Console().print(table(verdicts))
    if judges.java is None:
        sys.stderr.write("The HTML was not validated: the Nu checker needs Java 17.\n")
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def judge(judges: Judges, pages: Sequence[finished.Finished]) -> list[Verdict]:
    """All verdicts, in the order of the pages."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.html" for number in range(len(pages))]
        for file, page in zip(files, pages, strict=True):
            file.write_text(page.html)
        errors = judges.nu(files)
    scores = judges.yoast([page.paper() for page in pages])
    return [
        Verdict(
            page.name,
            score["seo"]["score"],
            score["readability"]["score"],
            errors[file.name] if judges.java else None,
            score["seo"]["advice"] + score["readability"]["advice"],
        )
        for page, score, file in zip(pages, scores, files, strict=True)
    ]


def table(verdicts: Sequence[Verdict]) -> Table:
    """One line a page."""
    found = Table(title="Finished pages, judged by Yoast and the Nu checker")
    for name in ("page", "SEO", "readability", "HTML errors", "advice"):
        found.add_column(name, justify="left" if name in ("page", "advice") else "right")
    for verdict in verdicts:
        errors = "not checked" if verdict.html_errors is None else str(len(verdict.html_errors))
        advice = ", ".join(told["check"] for told in verdict.advice)
        style = None if verdict.passed else "bold red"
        scores = (str(verdict.seo), str(verdict.readability))
        found.add_row(verdict.name, *scores, errors, advice, style=style)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
