"""Partitions of the lectures line: one key per lecture, one per segment (`<lecture>/<nnn>`)."""

import dagster as dg

lectures = dg.DynamicPartitionsDefinition(name="lectures")
segments = dg.DynamicPartitionsDefinition(name="segments")
