"""Partitions of the articles line: one key per article, one per section (`<article>/<nn>`)."""

import dagster as dg

articles = dg.DynamicPartitionsDefinition(name="articles")
sections = dg.DynamicPartitionsDefinition(name="sections")
