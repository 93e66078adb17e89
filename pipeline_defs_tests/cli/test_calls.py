"""`pipeline calls calibrate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline_defs import policies
from pipeline_defs.cli.main import main

HEAD = "hypothesis,call,respondent,stance,confidence,truth"
ROWS = (
    "Bees see red,c1,Ann,supports,0.9,false",
    "Bees see red,c2,Ben,opposes,0.8,false",
    "Bees see red,c3,Cid,opposes,0.7,false",
    *(f"Bees dance,c{n},R{n},supports,0.8,TRUE" for n in range(3)),
    "Bees sleep,,,,,yes",
)


def run(tmp_path: Path, *lines: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
    file = tmp_path / "claims.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    found = CliRunner().invoke(main, ["calls", "calibrate", str(file), *options])
    return found.exit_code, found.output


def test_verdicts_are_compared_with_what_is_true(tmp_path: Path) -> None:
    code, output = run(tmp_path, HEAD, *ROWS, options=("--json",))
    assert code == 0, output
    found = json.loads(output)
    assert (found["hypotheses"], found["claims"], found["decided"]) == (3, 6, 1)
    assert found["reasons"] == {"conflicting": 1, "agreed": 1, "too_few": 1}
    assert found["brier"] == pytest.approx(0.0223, abs=0.0001)  # 0.85 sure, and right


def test_people_read_figures_and_a_diagram(tmp_path: Path) -> None:
    code, output = run(tmp_path, HEAD, *ROWS)
    assert code == 0, output
    assert "6 claims on 3 hypotheses" in output
    assert "1 of 3 (33%)" in output
    assert "0.8-0.9" in output
    assert "█" in output


def test_policies_can_be_tried(tmp_path: Path) -> None:
    _, output = run(tmp_path, HEAD, *ROWS, options=("--margin", "1", "--json"))
    assert json.loads(output)["reasons"]["outnumbered"] == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("h,c,r,maybe,0.5,true", "row 2, column stance: 'maybe' is none of supports, opposes"),
        ("h,c,r,supports,2,true", "row 2, column confidence: '2' is no number from 0 to 1"),
        ("h,c,r,supports,nan,true", "column confidence: 'nan' is no number"),
        ("h,c,,supports,0.5,true", "row 2, column respondent: it is empty"),
        (",c,r,supports,0.5,true", "row 2, column hypothesis: it is empty"),
        ("h,c,r,supports,0.5,perhaps", "column truth: 'perhaps' is neither true nor false"),
        ("h,c,r,supports,0.5,true\nh,c,r,supports,0.5,no", "row 3, column truth: 'h' was true"),
        ('h,"c,r', "it is not CSV"),
    ],
)
def test_a_faulty_row_is_named_with_its_column(tmp_path: Path, line: str, said: str) -> None:
    code, output = run(tmp_path, HEAD, line)
    assert code == 2
    assert said in output


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    code, output = run(tmp_path, "hypothesis,call", "h,c")
    assert code == 2
    assert "the column stance is missing" in output


def test_an_empty_file_and_one_that_is_no_text_are_refused(tmp_path: Path) -> None:
    assert "it holds no hypothesis" in run(tmp_path, HEAD)[1]
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\xff\xfe\x00\x80")
    found = CliRunner().invoke(main, ["calls", "calibrate", str(file)])
    assert found.exit_code == 2
    assert "not UTF-8" in found.output


def test_only_so_many_errors_and_rows_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, output = run(tmp_path, HEAD, *["h,c,r,maybe,0.5,true"] * 200)
    assert output.count("column stance") == 20
    monkeypatch.setattr(policies, "LABELLED_CLAIMS_MOST", 3)
    code, output = run(tmp_path, HEAD, *ROWS)
    assert code == 2
    assert "at most 3 rows" in output
