"""Who may see what concerns all organizations: the keys of the operator's organization."""

from __future__ import annotations

from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.gateway import Gateway
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem


async def is_operator(tx: Transaction) -> bool:
    """Whether the transaction's organization is the operator's."""
    row = await tx.one("organizations.is_operator")
    return bool(row and row["is_operator"])


async def must_be_operator(gateway: Gateway, caller: Identity) -> None:
    """Problem 403 `NOT_AN_OPERATOR` for a key of any other organization."""
    if not await gateway.database.transact(caller.org_id, is_operator):
        raise Problem(
            403,
            "NOT_AN_OPERATOR",
            "This concerns all organizations; the key acts for one.",
            advice="Use a key of the operator's organization: docs/operations.md.",
        )
