"""A simulated week of the whole product: real processes on a clock that can be put forward."""
