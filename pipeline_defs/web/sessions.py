"""Studio sessions: a signed cookie bound to an API key, and the guard against forged requests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem

COOKIE = "pipeline_session"
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Sessions:
    """Issues and reads session cookies. `origins`: addresses browsers use for this gateway."""

    def __init__(self, secret: bytes, origins: tuple[str, ...], *, secure: bool) -> None:
        self._secret = hashlib.sha256(b"pipeline session\0" + secret).digest()
        self._origins = frozenset(_origin(url) for url in origins)
        self._secure = secure
        self._ended: dict[str, float] = {}  # signed-out sessions, until they would have expired

    def start(self, answer: Response, identity: Identity) -> int:
        """Put a new session for `identity` into the answer; when it ends, in seconds since 1970."""
        expires = int(time.time()) + policies.SESSION_LIFETIME
        payload = json.dumps(
            {
                "org": identity.org_id,
                "key": identity.key_id,
                "exp": expires,
                "sid": secrets.token_hex(16),
            }
        ).encode()
        value = f"{_encode(payload)}.{_encode(self._tag(payload))}"
        self._set_cookie(answer, value, policies.SESSION_LIFETIME)
        return expires

    def read(self, cookie: str) -> Identity | None:
        """The identity in a cookie of ours that has neither expired nor been ended."""
        content = self._content(cookie)
        if content is None or str(content["sid"]) in self._ended:
            return None
        return Identity(str(content["org"]), str(content["key"]), by_session=True)

    def end(self, answer: Response, cookie: str | None) -> None:
        """Sign out: the cookie goes, and would not be accepted again by this process."""
        content = self._content(cookie) if cookie else None
        if content is not None:
            now = time.time()
            self._ended = {sid: until for sid, until in self._ended.items() if until > now}
            self._ended[str(content["sid"])] = float(str(content["exp"]))
        self._set_cookie(answer, "", 0)

    def check_same_origin(self, method: str, headers: Mapping[str, str]) -> None:
        """Problem 403 for a state-changing request that another site may have caused.

        Browsers send Sec-Fetch-Site on secure and loopback addresses, Origin everywhere; no script
        can set either. The Host header plays no part.
        """
        if method not in CHANGING:
            return
        site = headers.get("sec-fetch-site")
        if site is not None:
            allowed = site == "same-origin"
        else:
            allowed = _origin(headers.get("origin", "")) in self._origins - {""}
        if not allowed:
            raise Problem(
                403,
                "CROSS_SITE_REQUEST",
                "A session may change things only from Studio's own pages.",
                advice="Use an API key for programs.",
            )

    def check_sign_in_origin(self, headers: Mapping[str, str]) -> None:
        """Problem 403 for a sign-in that another site's page started; programs may sign in."""
        if "sec-fetch-site" in headers or "origin" in headers:
            self.check_same_origin("POST", headers)

    def _content(self, cookie: str) -> dict[str, object] | None:
        payload_text, _, tag_text = cookie.partition(".")
        try:
            payload, tag = _decode(payload_text), _decode(tag_text)
        except (ValueError, binascii.Error):
            return None
        if not hmac.compare_digest(tag, self._tag(payload)):
            return None
        content: dict[str, object] = json.loads(payload)
        return content if float(str(content["exp"])) > time.time() else None

    def _tag(self, payload: bytes) -> bytes:
        return hmac.new(self._secret, payload, hashlib.sha256).digest()

    def _set_cookie(self, answer: Response, value: str, seconds: int) -> None:
        answer.set_cookie(
            COOKIE,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )


def _origin(url: str) -> str:
    parts = urlsplit(url) if url.isascii() else urlsplit("")
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme and parts.netloc else ""


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
