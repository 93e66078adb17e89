"""What goes wrong with blobs. A storage's own text may hold addresses and is not repeated."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient


def missing(sha256: str) -> Permanent:
    """Nothing is stored under that hash."""
    return Permanent(
        "BLOB_MISSING",
        f"the content {sha256} is not stored",
        advice="Rebuild what produced it.",
    )


def corrupt(sha256: str) -> Permanent:
    """What is stored is not what was."""
    return Permanent(
        "BLOB_CORRUPT",
        f"the stored content of {sha256} does not match its hash",
        advice="Rebuild what produced it; check the storage.",
    )


def work_file_failed(error: OSError) -> Transient:
    """A file outside of the store could not be written."""
    return Transient("WORK_FILE", f"a working file cannot be written: {_reason(error)}")


@asynccontextmanager
async def store_errors(sha256: str = "") -> AsyncGenerator[None, None]:
    """Classified errors of whatever keeps the blobs."""
    try:
        yield
    except FileNotFoundError as error:
        raise missing(sha256) from error
    except PermissionError as error:
        raise _denied() from error
    except OSError as error:
        raise Transient("BLOB_STORE", f"the blob store failed: {_reason(error)}") from error
    except PipelineError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith("obstore"):
            raise
        if type(error).__name__ in {"PermissionDeniedError", "UnauthenticatedError"}:
            raise _denied() from error
        kind = type(error).__name__
        raise Transient("BLOB_STORE", f"the blob store failed ({kind})") from error


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__


def _denied() -> Permanent:
    return Permanent(
        "UNAUTHORIZED",
        "the blob store denies access",
        advice="Check BLOB_URL, its credentials and permissions.",
        user_action_required=True,
    )
