"""What users send, of any line: strict models whose errors name the field."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Strict(BaseModel):
    """Input of a user: unknown fields are an error that names them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
