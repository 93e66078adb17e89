"""How loud channels are, bar by bar."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline_defs.media.waves import heights


def test_channels_share_one_scale_so_that_a_quiet_one_looks_quiet() -> None:
    loud = np.array([0] * 100 + [16_384] * 100, np.int16)
    quiet = (loud // 100).astype(np.int16)
    first, second = heights([loud, quiet], 2, 32_768.0)
    assert list(first) == [0.0, 1.0]
    assert second[0] == 0.0
    assert second[1] == pytest.approx(0.01**0.7, rel=0.02)


def test_silence_is_flat_and_a_sound_shorter_than_its_bars_is_drawn_as_far_as_it_goes() -> None:
    (flat,) = heights([np.zeros(50, np.float32)], 10)
    assert not flat.any()
    (short,) = heights([np.ones(2, np.float32)], 4)
    assert list(short) == [1.0, 1.0, 0.0, 0.0]
