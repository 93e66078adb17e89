"""Changes to what was asked of a page that rests or waits."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from pipeline_defs.domain.pages.requests import PageRequest, PageType, WebAddress


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is not named stays as it is: no field has a default of its own."""
    for field in schema["properties"].values():
        field.pop("default", None)


class PageEdit(PageRequest):
    """Fields of the request, checked as on creation; what is not named stays.

    Of `metadata` and `options` single fields can be named. null takes out what may be missing.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    page_type: PageType = "category"  # the two required fields of a request may be left out here
    target_url: WebAddress = ""

    @property
    def named(self) -> list[str]:
        """The fields that are to change."""
        return sorted(self.model_fields_set)


def edited(request: PageRequest, edit: PageEdit) -> PageRequest:
    """The request with the named fields changed."""
    before = request.model_dump(mode="json")
    named = edit.model_dump(mode="json", exclude_unset=True)
    for part in ("metadata", "options"):
        named[part] = before[part] | named.get(part, {})
    return PageRequest.model_validate(before | named)
