"""The gateway's HTTP API as the commands use it: requests, refusals in words, the progress stream.

Address and key come from the settings: those of the running stack, or what the environment says in
GATEWAY_URL and DEVELOPMENT_API_KEY. A busy gateway (429, 503) is asked again a few times; a request
whose connection broke is sent again only where that cannot have a second effect.
"""

from __future__ import annotations

import ipaddress
import json
import re
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from pipeline_defs.cli.output import NOT_RUNNING, CommandError, not_running
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.saving import save
from pipeline_defs.settings import get_settings

CONNECT_WITHIN = 3.0
ANSWER_WITHIN = 20.0
STREAM_SILENCE = 40.0  # the gateway sends a sign of life every 15 s
TRIES = 4
LONGEST_PAUSE = 5.0
WRONG_USAGE = frozenset({400, 413, 415, 422})
FILE_NAME = re.compile(r'filename="([^"]{1,200})"')


class Unreachable(CommandError):
    """Nothing answers at the gateway's address."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"No gateway answers at {url}: start the stack with `{typed('up')}`, "
            "or set GATEWAY_URL",
            NOT_RUNNING,
            "STACK_NOT_RUNNING",
        )


class Refused(CommandError):
    """The gateway said no; `status` is the HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message, 2 if status in WRONG_USAGE else 1, code)
        self.status = status


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One Server-Sent Event; `id` is the last one given so far."""

    name: str
    id: str | None
    data: dict[str, Any]


class Api:
    """The API of one gateway, as one key's holder."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=httpx.Timeout(ANSWER_WITHIN, connect=CONNECT_WITHIN),
            trust_env=not _is_loopback(self.url),  # a proxy cannot reach our loopback
        )

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def absolute(self, link: str) -> str:
        """A link of an answer as a full address."""
        return urljoin(f"{self.url}/", link)

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON document at `path`; parameters that are None are left out."""
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        return self._send("GET", path, parameters=given, repeatable=True)

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        options: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Change something. `options` maps fields of the body to the options they came from."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key is not None else {}
        return self._send(
            method,
            path,
            body=body,
            headers=headers,
            options=options or {},
            repeatable=idempotency_key is not None,
        )

    def upload(
        self,
        path: str,
        data: bytes,
        media_type: str,
        parameters: Mapping[str, str],
        *,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Send a file; the gateway's answer. A refusal names the rows that are wrong."""
        headers = {"Content-Type": media_type}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return self._send(
            "POST", path, parameters=parameters, content=data, headers=headers, repeatable=True
        )

    def download(self, path: str, folder: Path) -> Path:
        """Save the file at `path` into a folder, under the name the gateway gives it.

        A file of that name is replaced once the new one is whole. Raises Refused, or CommandError
        when the connection breaks or the folder cannot be written.
        """
        try:
            with self._http.stream("GET", path, follow_redirects=True) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refusal(answer, {})
                return save(answer.iter_bytes(), folder, _file_name(answer))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(self.url) from error
        except httpx.TransportError as error:
            raise CommandError(
                f"The gateway at {self.url} broke off ({type(error).__name__}): the file is not "
                "whole; try again",
                code="CONNECTION_LOST",
            ) from error

    def events(self, path: str, after: str | None) -> Iterator[ServerEvent]:
        """The stream at `path` until it closes, from the event after number `after`.

        Raises Unreachable when the connection is lost or silent, Refused when it is not opened.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        timeout = httpx.Timeout(STREAM_SILENCE, connect=CONNECT_WITHIN)
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise self._refusal(answer, {})
                yield from parse_events(answer.iter_lines())
        except httpx.TransportError as error:
            raise Unreachable(self.url) from error

    def _send(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        options: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        for tries_left in reversed(range(TRIES)):
            try:
                answer = self._http.request(
                    method,
                    path,
                    params=parameters,
                    json=body,
                    content=content,
                    headers=headers,
                )
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise Unreachable(self.url) from error
            except httpx.InvalidURL as error:
                raise CommandError(f"GATEWAY_URL {self.url!r} is no address", 2, "USAGE") from error
            except httpx.TransportError as error:
                if not (repeatable and tries_left):
                    raise CommandError(
                        f"The gateway at {self.url} broke off ({type(error).__name__}): whether it "
                        f"did what was asked is not known; look with `{typed('list')}`",
                        code="CONNECTION_LOST",
                    ) from error
                continue
            if answer.status_code not in (429, 503) or not tries_left:
                return self._document(answer, options or {})
            time.sleep(_pause(answer))
        raise AssertionError("unreachable: the last try returns or raises")

    def _document(self, answer: httpx.Response, options: Mapping[str, str]) -> dict[str, Any]:
        if not answer.is_success:
            raise self._refusal(answer, options)
        document = _json_object(answer)
        if document is None:
            raise CommandError(
                f"What answers at {self.url} is not the gateway: check GATEWAY_URL",
                code="NOT_A_GATEWAY",
            )
        return document

    def _refusal(self, answer: httpx.Response, options: Mapping[str, str]) -> Refused:
        """What happened, which field, what to do."""
        if answer.status_code == 401:
            return Refused(
                401,
                "UNAUTHENTICATED",
                f"The gateway at {self.url} does not accept the API key.\n"
                "The key is that of the stack started here, or DEVELOPMENT_API_KEY: check both.",
            )
        problem = _json_object(answer) or {}
        fallback = f"The gateway at {self.url} answered with status {answer.status_code}."
        lines = [str(problem.get("detail") or fallback)]
        for error in problem.get("errors") or ():
            fix = f". {error['fix']}" if error.get("fix") else ""
            lines.append(f"  {_option(error['field'], options)} {error['message']}{fix}")
        if problem.get("advice"):
            lines.append(str(problem["advice"]))
        return Refused(answer.status_code, str(problem.get("code", "ERROR")), "\n".join(lines))


@contextmanager
def open_api() -> Generator[Api]:
    """The API of the running stack; exit code 3 where none is known or none answers."""
    settings = get_settings()
    key = settings.development_api_key
    if key is None:
        raise not_running(
            f"No stack is running in {settings.pipeline_state}: start it with `{typed('up')}`, "
            "or set GATEWAY_URL and DEVELOPMENT_API_KEY"
        )
    api = Api(settings.gateway_url, key.get_secret_value())
    try:
        yield api
    finally:
        api.close()


def parse_events(lines: Iterable[str]) -> Iterator[ServerEvent]:
    """Events of a stream whose data are JSON objects; comments and `retry` are passed over."""
    name, last_id, data = "message", None, ""
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "id":
            last_id = value
        elif field == "data":
            data += value
        elif not line and data:
            yield ServerEvent(name, last_id, json.loads(data))
            name, data = "message", ""


def _option(field: str, options: Mapping[str, str]) -> str:
    """The option a faulty field came from, with the place inside of it."""
    name = field.partition("[")[0].partition(".")[0]
    option = options.get(name)
    if option is None:
        return f"{field}:"
    place = field.removeprefix(name)
    return f"{option} ({field}):" if place else f"{option}:"


def _pause(answer: httpx.Response) -> float:
    wanted = answer.headers.get("Retry-After", "1")
    return min(float(wanted), LONGEST_PAUSE) if wanted.isdigit() else 1.0


def _file_name(answer: httpx.Response) -> str:
    """The last part of the name in Content-Disposition: never a path."""
    found = FILE_NAME.search(answer.headers.get("Content-Disposition", ""))
    return (found[1].replace("\\", "/").rpartition("/")[2].lstrip(".") if found else "") or "file"


def _json_object(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
