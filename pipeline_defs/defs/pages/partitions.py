"""Partitions of the pages line: one key per page."""

import dagster as dg

pages = dg.DynamicPartitionsDefinition(name="pages")
