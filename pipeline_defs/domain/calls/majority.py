"""How sure it is that most people are on one side, from what a few of them were heard to say.

A person holds the hypothesis with a probability `s`, the unknown share of people who do, of which
nothing is known beforehand (a uniform prior). Somebody understood with confidence `c` is heard to
support it where they do and are understood, or do not and are misunderstood:

    P(heard to support | s) = c s + (1 - c) (1 - s)

The answers of different people are independent given `s`. Then Bayes' theorem gives the share's
density, and its part above one half is the probability asked for. Where everybody is understood for
certain that is the Beta posterior of a proportion (Gelman et al., Bayesian Data Analysis, 2.1).
Nothing here is fitted to data. No I/O here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

COIN = 0.5  # below it a confidence says nothing of the side
STEPS = 400  # of Simpson's rule from 0 to 1, half of them on either side of the middle
NOTHING = 1e-300  # instead of 0, which has no logarithm


def most_hold(supporting: Sequence[float], opposing: Sequence[float]) -> float:
    """The probability that more than half of all people hold a hypothesis, from the confidence with
    which each who supports or opposes it was understood."""
    shares = [step / STEPS for step in range(STEPS + 1)]
    logs = [_log_likelihood(share, supporting, opposing) for share in shares]
    peak = max(logs)
    density = [math.exp(log - peak) for log in logs]
    middle = STEPS // 2
    below, above = _simpson(density[: middle + 1]), _simpson(density[middle:])
    return above / (below + above)


def _log_likelihood(share: float, supporting: Sequence[float], opposing: Sequence[float]) -> float:
    heard = [_heard(share, confidence) for confidence in supporting]
    heard += [_heard(1 - share, confidence) for confidence in opposing]
    return sum(math.log(max(NOTHING, probability)) for probability in heard)


def _heard(share: float, confidence: float) -> float:
    understood = max(COIN, confidence)
    return understood * share + (1 - understood) * (1 - share)


def _simpson(values: Sequence[float]) -> float:
    """In proportion to the integral over equal steps, an even number of them."""
    return values[0] + values[-1] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2])
