"""The `pipeline` command: registers the command modules and turns errors into exit codes.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the stack is not running.

A command module lists its commands in `COMMANDS` and imports what is heavy inside of them: help has
to appear at once. Commands are made with `@command()` of `pipeline_defs.cli.output`, which gives
each the option `--json`.
"""

from __future__ import annotations

from importlib import import_module

import click

from pipeline_defs.cli.output import JsonGroup

COMMAND_MODULES = (
    "pipeline_defs.cli.stack",
    "pipeline_defs.cli.doctor",
    "pipeline_defs.cli.articles",
    "pipeline_defs.cli.lectures",
    "pipeline_defs.cli.pages",
    "pipeline_defs.cli.queue",
    "pipeline_defs.cli.campaigns",
    "pipeline_defs.cli.calls",
    "pipeline_defs.cli.units",
    "pipeline_defs.cli.editing",
    "pipeline_defs.cli.making",
    "pipeline_defs.cli.backfills",
    "pipeline_defs.cli.lecture_files",
    "pipeline_defs.cli.overviews",
    "pipeline_defs.cli.reconciling",
    "pipeline_defs.cli.costs",
    "pipeline_defs.cli.audit",
    "pipeline_defs.cli.demo",
)


@click.group(
    cls=JsonGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def main() -> None:
    """Runs AI media and evidence pipelines on Dagster, with everything they need."""


for _module in COMMAND_MODULES:
    for _command in import_module(_module).COMMANDS:
        main.add_command(_command)


if __name__ == "__main__":
    main()
