"""Properties of pure functions: time says nothing on a machine that is shared."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("pure", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pure")
