"""The three kinds of failure every part of the product speaks.

`Transient` may succeed when tried again, `Permanent` never will with the same inputs, `Unknown` is
what nobody classified: it is wrapped, recorded with code `UNKNOWN` and fails loudly. Each carries
what a person needs: a stable code, one sentence on what happened, and one on what to do.
Nothing secret may be put into a message: messages are stored, shown and logged.
"""

from __future__ import annotations

from dataclasses import dataclass


class PipelineError(Exception):
    """A classified failure. `code` is stable and upper-case; `advice` says what to do next."""

    retryable = False
    user_action_required = False

    def __init__(self, code: str, message: str, *, advice: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.advice = advice

    def record(self) -> ErrorRecord:
        """What is stored with the failed unit and shown to users."""
        return ErrorRecord(
            self.code, self.message, self.retryable, self.advice, self.user_action_required
        )


class Transient(PipelineError):
    """Worth another try. `retry_after` is the provider's wish in seconds, when it gave one."""

    retryable = True

    def __init__(
        self, code: str, message: str, *, advice: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(code, message, advice=advice or "It is retried automatically.")
        self.retry_after = retry_after


class Permanent(PipelineError):
    """The same inputs will fail again. `user_action_required` where only a person can help."""

    def __init__(
        self, code: str, message: str, *, advice: str = "", user_action_required: bool = False
    ) -> None:
        super().__init__(code, message, advice=advice)
        self.user_action_required = user_action_required


class Unknown(PipelineError):
    """An exception nobody classified, kept as the cause."""

    @classmethod
    def wrap(cls, error: BaseException) -> Unknown:
        """Wrap `error`; only its type is named, as its text may hold anything."""
        return cls(
            "UNKNOWN",
            f"unexpected {type(error).__name__}",
            advice="Look into the worker's log; report it if it repeats.",
        )


class LostClaim(Exception):
    """Another worker has taken the unit over: this one must stop without a trace."""


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """A failure as it is stored and shown."""

    code: str
    message: str
    retryable: bool
    advice: str = ""
    user_action_required: bool = False

    def as_dict(self) -> dict[str, object]:
        """Plain JSON shape of the record."""
        return {
            "code": self.code,
            "message": self.message,
            "retryable": self.retryable,
            "advice": self.advice,
            "user_action_required": self.user_action_required,
        }


def classify(error: BaseException) -> PipelineError:
    """`error` as one of the three kinds; anything unclassified becomes `Unknown`."""
    if isinstance(error, PipelineError):
        return error
    wrapped = Unknown.wrap(error)
    wrapped.__cause__ = error
    return wrapped
