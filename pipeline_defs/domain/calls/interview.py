"""The interview as TwiML (Twilio's markup): consent first, then the checklist. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from pipeline_defs import policies
from pipeline_defs.domain.calls.campaigns import Campaign
from pipeline_defs.domain.errors import Permanent

THANKS = "Thank you very much for your time. Goodbye."


def spoken(consent: str, questions: Sequence[str]) -> list[str]:
    """Everything the interviewer says, in order."""
    return [consent, *questions, THANKS]


def spoken_by_us(campaign: Campaign) -> list[str]:
    """The same of a campaign: tells whose channel is whose."""
    return spoken(campaign.consent, [question.question for question in campaign.checklist])


def twiml(consent: str, questions: Sequence[str]) -> str:
    """Consent and questions with pauses for the answers.

    Raises Permanent `INTERVIEW_TOO_LONG` beyond what fits into one order of a call.
    """
    answer = f'<Pause length="{policies.ANSWER_SECONDS}"/>'
    said = [f"<Say>{escape(_plain(text))}</Say>" for text in spoken(consent, questions)]
    consented = f'{said[0]}<Pause length="{policies.CONSENT_SECONDS}"/>'
    asked = "".join(f"{question}{answer}" for question in said[1:-1])
    document = f'<Response><Pause length="1"/>{consented}{asked}{said[-1]}<Hangup/></Response>'
    if len(document) > policies.TWIML_MAX_CHARS:
        over = len(document) - policies.TWIML_MAX_CHARS
        raise Permanent(
            "INTERVIEW_TOO_LONG",
            f"consent and checklist are {over} characters too long for one call",
            advice="Shorten the consent text or ask fewer questions.",
            user_action_required=True,
        )
    return document


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
