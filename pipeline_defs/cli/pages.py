"""`pipeline pages ...`: pages one by one or from a file, and the data they are made from."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipeline_defs.cli.creating import create, key_option, language_option, wait_option
from pipeline_defs.cli.output import CommandError, command, current_output, group
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.languages import LANGUAGES

TYPES = ("category", "product", "brand", "guide")
PRIORITIES = ("HIGH", "NORMAL", "LOW")
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".xml": "application/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
OPTIONS = {  # field of the request -> what the user typed it as
    "page_type": "TYPE",
    "target_url": "URL",
    "keywords": "--keyword",
    "language": "--language",
    "priority": "--priority",
    "deadline": "--deadline",
    "brand_voice": "--voice",
}
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
batch_argument = click.argument("batch", metavar="BATCH")
folder_option = click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to save into, made if it is not there.",
)


publish_option = click.option(
    "--publish",
    type=click.Choice(("none", "draft", "publish")),
    help="Publish when finished and approved: as a draft, or for everyone to see.",
)
DETAILS = (  # of a new page and of one that is changed
    click.option(
        "--keyword", "keywords", multiple=True, help="To be found by; the first one most."
    ),
    click.option("--sku", "skus", multiple=True, help="A product of the feed; may be repeated."),
    click.option("--category", help="A category of the feed."),
    click.option("--brand", help="A brand of the feed."),
    click.option("--topic", help="What a guide is about."),
    language_option,
    click.option("--voice", help="How it is to sound."),
    click.option("--priority", type=click.Choice(PRIORITIES, case_sensitive=False)),
    click.option("--deadline", help="When it is needed: 2026-12-01 or 2026-12-01T12:00:00Z."),
    publish_option,
)


def detail_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a page is to be."""
    for option in reversed(DETAILS):
        function = option(function)
    return function


@group()
def pages() -> None:
    """Pages for a shop: categories, products, brands, guides."""


@command("new")
@click.argument("page_type", metavar="TYPE", type=click.Choice(TYPES))
@click.argument("target_url", metavar="URL")
@detail_options
@click.option("--skip-quality", is_flag=True, help="Leave the quality gate out.")
@key_option
@wait_option
def new(*, page_type: str, target_url: str, idempotency_key: str | None, **given: Any) -> None:
    """Queue a page of TYPE category, product, brand or guide that will stand at URL."""
    body = {"page_type": page_type, "target_url": target_url, **_request(given)}
    body["options"] = {"skip_quality": given["skip_quality"], "publish": given["publish"] or "none"}
    create(PAGES, body, options=OPTIONS, title=target_url, key=idempotency_key, wait=given["wait"])


@command("edit")
@click.argument("unit", metavar="PAGE", type=UnitArgument())
@click.option("--url", "target_url", help="Where it will stand.")
@detail_options
def edit(*, unit: UnitRef, target_url: str | None, **given: Any) -> None:
    """Change what was asked of a page that rests or waits; what was made from it is stale then."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_now

    unit.must_be(PAGES, "pages edit")
    body = _request(given) | ({"target_url": target_url} if target_url else {})
    if not body:
        raise click.UsageError("Nothing to change: give --keyword, --topic or another option.")
    with open_api() as api:
        options = {**OPTIONS, "target_url": "--url"}
        document = api.send("PATCH", unit.path, body, options=options)
        report_now(api, unit, current_output(), document)


@command("import")
@file_argument
@click.option("--name", help="What people call the batch (the file's name).")
@key_option
@wait_option
def import_batch(*, file: Path, name: str | None, idempotency_key: str | None, wait: bool) -> None:
    """Queue the pages of a CSV, XLSX or JSON FILE: all of them, or none and each fault is named."""
    from pipeline_defs.cli.batch_text import overview
    from pipeline_defs.cli.batches import wait_for_batch
    from pipeline_defs.cli.client import open_api

    output = current_output()
    with open_api() as api:
        accepted = api.upload(
            "/v1/pages/batches",
            file.read_bytes(),
            _media_type(file),
            {"name": name or file.stem},
            idempotency_key=idempotency_key or uuid.uuid4().hex,
        )
        if not wait:
            output.emit(accepted, lambda: overview(api.get(accepted["links"]["self"]), api))
            return
        output.say(accepted["id"])
        batch = wait_for_batch(api, accepted["id"], output)
        output.emit(batch, lambda: overview(batch, api))
        if batch["status"] != "completed":
            raise SystemExit(1)


@command("batch")
@batch_argument
@wait_option
def show_batch(*, batch: str, wait: bool) -> None:
    """Show how a batch stands."""
    from pipeline_defs.cli.batch_text import overview
    from pipeline_defs.cli.batches import wait_for_batch
    from pipeline_defs.cli.client import open_api

    output = current_output()
    with open_api() as api:
        found = wait_for_batch(api, batch, output) if wait else api.get(f"/v1/batches/{batch}")
        output.emit(found, lambda: overview(found, api))


@command("cancel-batch")
@batch_argument
def cancel_batch(*, batch: str) -> None:
    """Cancel what a batch still has to make; finished pages stay."""
    from pipeline_defs.cli.batch_text import overview
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        found = api.send("POST", f"/v1/batches/{batch}/cancel")
        current_output().emit(found, lambda: overview(found, api))


@command("results")
@batch_argument
@folder_option
def results(*, batch: str, folder: Path) -> None:
    """Save the finished pages of a batch: a ZIP with HTML and JSON of each."""
    _save(f"/v1/batches/{batch}/results", folder)


@command("failures")
@batch_argument
@folder_option
def failures(*, batch: str, folder: Path) -> None:
    """Save the failed pages of a batch as CSV, ready to be corrected and imported again."""
    _save(f"/v1/batches/{batch}/failures", folder)


@command("template")
@folder_option
def template(*, folder: Path) -> None:
    """Save a CSV file to start from."""
    _save("/v1/pages/batches/template", folder)


@command("products")
@file_argument
@click.option("--replace", is_flag=True, help="Remove products the feed does not name.")
def products(*, file: Path, replace: bool) -> None:
    """Import a product feed: CSV, JSON or Google Merchant XML."""
    _import(file, "/v1/products", {"replace": str(replace).lower()})


@command("keywords")
@file_argument
@click.option("--language", type=click.Choice(tuple(LANGUAGES)), default="en", show_default=True)
def keywords(*, file: Path, language: str) -> None:
    """Import search figures: CSV or JSON with `keyword` and `monthly_searches`."""
    _import(file, "/v1/keywords", {"language": language})


@command("html")
@click.argument("unit", metavar="PAGE", type=UnitArgument())
@folder_option
def html(*, unit: UnitRef, folder: Path) -> None:
    """Save the finished HTML document of a page."""
    unit.must_be(PAGES, "pages html")
    _save(f"{unit.path}/html?download=1", folder)


for _command in (
    new,
    edit,
    import_batch,
    show_batch,
    cancel_batch,
    results,
    failures,
    template,
    products,
    keywords,
    html,
):
    pages.add_command(_command)
COMMANDS = (pages,)


def _request(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request that were given as options."""
    about = {name: given[name] for name in ("category", "brand", "topic") if given[name]}
    if given["skus"]:
        about["skus"] = list(given["skus"])
    body = {
        "keywords": list(given["keywords"]),
        "language": given["language"],
        "brand_voice": given["voice"],
        "priority": given["priority"],
        "deadline": given["deadline"],
        "metadata": about,
        "options": {"publish": given["publish"]} if given["publish"] else {},
    }
    return {name: value for name, value in body.items() if value}


def _import(file: Path, path: str, parameters: dict[str, str]) -> None:
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        found = api.upload(path, file.read_bytes(), _media_type(file), parameters)
    text = (
        f"{found['imported']} imported: {found['products']} products and "
        f"{found['keywords']} keywords are known now."
    )
    current_output().emit(found, text)


def _save(path: str, folder: Path) -> None:
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        saved = str(api.download(path, folder))
    current_output().emit({"file": saved}, saved)


def _media_type(file: Path) -> str:
    found = MEDIA_TYPES.get(file.suffix.lower())
    if found is None:
        raise CommandError(
            f"{file}: files end in {', '.join(MEDIA_TYPES)}; this one does not", 2, "BAD_FILE"
        )
    return found
