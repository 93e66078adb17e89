"""What a refusal of Twilio means, by its code.

Whoever orders a call has to know one thing more: whether it may have been placed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient

RATE_LIMITED = frozenset({20429})
NOT_AUTHORIZED = frozenset({20003, 20005, 20008, 70051})
NOT_FOUND = frozenset({20404})
CHECK_NUMBER = "Check the number of this contact."
CHECK_OURS = "Check TWILIO_PHONE_NUMBER: it must be a number of the account that may call."
# Codes after which the same order is refused again: ours, and what to do.
PERMANENT: Mapping[int, tuple[str, str]] = {
    21201: ("INVALID_NUMBER", CHECK_NUMBER),
    21202: ("INVALID_NUMBER", CHECK_NUMBER),
    21203: ("COUNTRY_NOT_ALLOWED", "Allow the country in Twilio's voice permissions."),
    21205: ("INVALID_CALLBACK", "Check PUBLIC_BASE_URL: Twilio must be able to reach it."),
    21210: ("INVALID_CALLER", CHECK_OURS),
    21211: ("INVALID_NUMBER", CHECK_NUMBER),
    21212: ("INVALID_CALLER", CHECK_OURS),
    21213: ("INVALID_CALLER", CHECK_OURS),
    21214: ("NUMBER_NOT_REACHABLE", CHECK_NUMBER),
    21215: ("COUNTRY_NOT_ALLOWED", "Allow the country in Twilio's voice permissions."),
    21216: ("NUMBER_NOT_ALLOWED", "Twilio does not call this number."),
    21217: ("INVALID_NUMBER", CHECK_NUMBER),
    21218: ("INVALID_INTERVIEW", "Shorten the consent text or the checklist."),
    21219: ("NUMBER_NOT_VERIFIED", "A trial account calls verified numbers only: verify it."),
    13224: ("NUMBER_NOT_ALLOWED", "Twilio does not support calls to this number."),
}
# Errors of an order that concern the account, not the contact: all further orders fail as well.
OF_ACCOUNT = frozenset({"INVALID_CALLBACK", "INVALID_CALLER", "INVALID_INTERVIEW"})
UNCONFIRMED = "CALL_UNCONFIRMED"


def refusal(status: int, code: int | None, message: str) -> PipelineError:
    """The error of an answer that is not 2xx; `message` is Twilio's own sentence."""
    words = f"Twilio refused: {' '.join(message.split())[:300]} (code {code or status})"
    if code is not None and code in PERMANENT:
        ours, advice = PERMANENT[code]
        return Permanent(ours, words, advice=advice, user_action_required=True)
    if code in NOT_AUTHORIZED or status in (401, 403):
        return Permanent(
            "NOT_AUTHORIZED",
            words,
            advice="Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
            user_action_required=True,
        )
    if code in NOT_FOUND or status == 404:
        return Permanent(
            "NOT_FOUND", words, advice="It was deleted, or belongs to another account."
        )
    if code in RATE_LIMITED or status == 429:
        return Transient("RATE_LIMITED", words)
    if status >= 500:
        return Transient("PROVIDER_ERROR", words)
    return Permanent("BAD_REQUEST", words, advice="Look the code up in Twilio's error dictionary.")


def of_order(error: PipelineError) -> PipelineError:
    """The error of an order: unconfirmed where the answer was lost or says nothing certain."""
    lost = isinstance(error, Transient) and error.code not in ("RATE_LIMITED", "UNREACHABLE")
    if not lost:
        return error
    return Transient(
        UNCONFIRMED,
        f"it is not known whether the call was placed ({error.message})",
        advice="It is looked for in the list of calls, and never placed twice.",
    )
