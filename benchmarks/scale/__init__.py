"""What a hundred thousand partitions do to Dagster's pages and ticks: `make scale`."""
