"""What the Dagster UI says of an asset beside its status: prose, columns, where its code stands.

The texts of each line are in its `about.py`; what is the same for all assets is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import dagster as dg

EXTERNAL = (
    "Dagster knows exactly what is stale only along edges that join equal partition keys. Where "
    "the keys change, this external asset stands between and carries the version; no run makes it."
)


@dataclass(frozen=True, slots=True)
class About:
    """What people ask of an asset we make, in the order in which they ask; Markdown.

    The first sentence of `what` stands alone in lists. `columns` where its result is a table.
    """

    what: str
    made_from: str
    costs: str
    if_it_fails: str
    columns: tuple[dg.TableColumn, ...] = ()

    @property
    def markdown(self) -> str:
        """The description of the asset."""
        points = {
            "Made from": self.made_from,
            "Costs": self.costs,
            "When it fails": self.if_it_fails,
        }
        return _described(self.what, points)


@dataclass(frozen=True, slots=True)
class AboutBridge:
    """What a bridge carries, who reports it, what a new version leads to, why it is there."""

    what: str
    reported: str
    leads_to: str
    why: str = EXTERNAL
    columns: tuple[dg.TableColumn, ...] = ()

    @property
    def markdown(self) -> str:
        """The description of the asset."""
        points = {
            "Reported": self.reported,
            "A new version": self.leads_to,
            "Why it exists": self.why,
        }
        return _described(self.what, points)


Code = Callable[..., Any] | ModuleType


def definition_metadata(
    columns: tuple[dg.TableColumn, ...], code: Mapping[str, Code]
) -> dict[str, Any]:
    """Metadata of an asset's definition: its columns, and places in the code by what they are."""
    metadata: dict[str, Any] = {}
    if columns:
        metadata["dagster/column_schema"] = dg.TableSchema(columns=list(columns))
    if code:
        places: list[dg.LocalFileCodeReference | dg.UrlCodeReference] = [
            _place(label, of) for label, of in code.items()
        ]
        metadata["dagster/code_references"] = dg.CodeReferencesMetadataValue(code_references=places)
    return metadata


def _place(label: str, of: Code) -> dg.LocalFileCodeReference:
    """The file and line of a function, or the first line of a module."""
    if isinstance(of, FunctionType):
        path, line = of.__code__.co_filename, of.__code__.co_firstlineno
    elif isinstance(of, ModuleType) and of.__file__:
        path, line = of.__file__, 1
    else:
        raise TypeError(f"{label}: {of!r} is neither a function nor a module with a file")
    return dg.LocalFileCodeReference(file_path=path, line_number=line, label=label)


def how_to_make_again(op: str) -> str:
    """The last point of what is said of an asset that this op makes."""
    return (
        "\n- **Make it again:** Materialize makes what is missing, stale or broken and reports the "
        "rest as it stands, free of charge. To pay for another one although nothing changed, add "
        f"in the dialog's *Config*: `ops: {{{op}: {{config: {{fresh: true}}}}}}`"
    )


def about_check(what: str, if_it_fails: str) -> str:
    """The description of a check: what holds where it passed, and what to do where it did not."""
    return f"{what}\n\n**If it fails:** {if_it_fails}"


def _described(what: str, points: Mapping[str, str]) -> str:
    return "\n".join([what, "", *(f"- **{name}:** {text}" for name, text in points.items())])
