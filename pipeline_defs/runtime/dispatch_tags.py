"""Tags by which a run and the dispatch that asked for it find each other."""

DISPATCH_TAG = "pipeline/dispatch"
UNIT_TAG = "pipeline/unit"
LAUNCHED_BY = "user"  # as the Dagster UI names who launched a run
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
PARTITION = "dagster/partition"
