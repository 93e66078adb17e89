"""Makes docs/claim-groups.csv: claims of known truth, drawn from a process and not by hand.

A hypothesis is true or false with equal chance. Where it is true, 75 to 100 % of people hold it,
where it is false 0 to 25 %. It is spoken about by 2 to 12 respondents with one or two claims each.
The stance of a claim is read wrongly in 8 % of cases and comes out neutral in 10 %; the reader's
confidence is drawn around 0.8 where it read rightly and around 0.65 where it did not.

    python -m benchmarks.make_claim_groups > docs/claim-groups.csv

Another seed draws groups that nothing was looked at with; `--any-share` draws the share of people
who hold a hypothesis from 0 to 1, so that close ones are among them: true is what most hold.

    python -m benchmarks.make_claim_groups --groups 3000 --seed 8 --any-share > groups.csv
"""

from __future__ import annotations

import argparse
import csv
import random
import sys

GROUPS = 150
SEED = 20261126
MISREAD, NEUTRAL = 0.08, 0.10


def main() -> None:
    """Write the table to standard output."""
    wanted = _wanted()
    chance = random.Random(wanted.seed)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("hypothesis", "call", "respondent", "stance", "confidence", "truth"))
    for number in range(1, wanted.groups + 1):
        truth, holds = _hypothesis(chance, any_share=wanted.any_share)
        for respondent in range(1, chance.randint(2, 12) + 1):
            supports = chance.random() < holds
            for _ in range(chance.randint(1, 2)):
                stance, confidence = _read(chance, supports)
                call = f"g{number:03d}/{respondent:02d}"
                row = (
                    f"g{number:03d}",
                    call,
                    call,
                    stance,
                    f"{confidence:.2f}",
                    str(truth).lower(),
                )
                table.writerow(row)


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--groups", type=int, default=GROUPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--any-share", action="store_true")
    return parser.parse_args()


def _hypothesis(chance: random.Random, *, any_share: bool) -> tuple[bool, float]:
    """Whether it is true, and the share of people who hold it."""
    if any_share:
        holds = chance.random()
        return holds > 0.5, holds
    truth = chance.random() < 0.5
    return truth, chance.uniform(0.75, 1.0) if truth else chance.uniform(0.0, 0.25)


def _read(chance: random.Random, supports: bool) -> tuple[str, float]:
    """How a claim of somebody who supports or opposes is read, and how surely."""
    if chance.random() < NEUTRAL:
        return "neutral", chance.betavariate(6, 4)
    wrong = chance.random() < MISREAD
    confidence = chance.betavariate(6.5, 3.5) if wrong else chance.betavariate(8, 2)
    return ("supports" if supports != wrong else "opposes"), confidence


if __name__ == "__main__":
    main()
