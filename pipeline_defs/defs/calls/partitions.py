"""Partitions of the calls line: campaigns, calls (`<campaign>/<nnn>`), hypotheses (`.../<nn>`)."""

import dagster as dg

campaigns = dg.DynamicPartitionsDefinition(name="campaigns")
calls = dg.DynamicPartitionsDefinition(name="calls")
hypotheses = dg.DynamicPartitionsDefinition(name="hypotheses")
