"""Competitors' pages: public addresses only, robots respected, everything bounded."""

from __future__ import annotations

import gzip
import ipaddress
import zlib
from collections.abc import AsyncIterator, Callable

import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent, PipelineError, Transient
from pipeline_defs.gateways.competitors.addresses import is_public
from pipeline_defs.gateways.competitors.reading import read_page
from pipeline_defs.gateways.competitors.web import WebCompetitors, _bounded, _Room
from pipeline_defs_tests.gateways.scripted_server import (
    Answer,
    Request,
    ScriptedServer,
    running_server,
)

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"""<!doctype html><title> Tents &amp; more </title><script>var h1 = "<h1>no</h1>"</script>
<h1>All <em>tents</em></h1><p>One two three</p><h2></h2><h2>Light ones</h2><style>h3{}</style>"""


@pytest.fixture
async def site() -> AsyncIterator[ScriptedServer]:
    async with running_server() as server:
        yield server


@pytest.fixture
async def web(site: ScriptedServer) -> AsyncIterator[WebCompetitors]:
    async with WebCompetitors([f"127.0.0.1:{site.port}"]) as competitors:
        yield competitors


def serving(pages: dict[str, Answer]) -> Callable[[Request], Answer]:
    return lambda request: pages.get(request.path, Answer(b"", 404))


async def refusal(web: WebCompetitors, url: str, timeout: float = 5) -> PipelineError:
    with pytest.raises((Permanent, Transient)) as caught:
        await web.look(url, timeout)
    return caught.value


async def test_title_headings_and_words_of_a_page(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    site.default = serving({"/tents": Answer(PAGE, headers=HTML)})
    page = await web.look(f"{site.url}/tents", 5)
    assert (page.title, page.headings) == ("Tents & more", ("All tents", "Light ones"))
    assert page.words == 7
    assert [request.path for request in site.requests] == ["/robots.txt", "/tents"]
    sent = site.requests[1].headers
    assert "cookie" not in sent
    assert "authorization" not in sent


async def test_robots_are_respected_and_read_once(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    robots = Answer(b"User-agent: *\nDisallow: /private\n", headers={"Content-Type": "text/plain"})
    site.default = serving(
        {"/robots.txt": robots, "/open": Answer(PAGE, headers=HTML), "/private": Answer(PAGE)}
    )
    await web.look(f"{site.url}/open", 5)
    assert (await refusal(web, f"{site.url}/private")).code == "ROBOTS_DISALLOWED"
    assert [request.path for request in site.requests] == ["/robots.txt", "/open"]


async def test_a_site_that_cannot_tell_its_rules_is_left_alone_for_now(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    site.default = serving({"/robots.txt": Answer(b"", 503), "/x": Answer(PAGE, headers=HTML)})
    error = await refusal(web, f"{site.url}/x")
    assert (error.code, error.retryable) == ("PROVIDER_ERROR", True)


async def test_rules_are_read_again_after_a_day_and_sites_are_forgotten(
    site: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "COMPETITOR_SITES_KEPT", 1)
    now = [0.0]
    site.default = serving({"/x": Answer(PAGE, headers=HTML)})
    hosts = [f"127.0.0.1:{site.port}", f"localhost:{site.port}"]
    async with WebCompetitors(hosts, clock=lambda: now[0]) as web:
        for elapsed in (0, policies.COMPETITOR_ROBOTS_SECONDS - 1, 2):
            now[0] += elapsed
            await web.look(f"{site.url}/x", 5)
        assert sum(request.path == "/robots.txt" for request in site.requests) == 2
        await web.look(f"http://localhost:{site.port}/x", 5)
        assert len(web._robots) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_rules_that_are_not_to_be_had_allow_everything(
    site: ScriptedServer, web: WebCompetitors, status: int
) -> None:
    site.default = serving(
        {
            "/robots.txt": Answer(b"User-agent: *\nDisallow: /", status),
            "/x": Answer(PAGE, headers=HTML),
        }
    )
    assert (await web.look(f"{site.url}/x", 5)).title


async def test_rules_are_followed_where_they_lead(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    moved = {
        f"/{n}": Answer(b"", 301, headers={"Location": f"/{n + 1}"})
        for n in range(1, policies.COMPETITOR_ROBOTS_REDIRECTS)
    }
    last = f"/{policies.COMPETITOR_ROBOTS_REDIRECTS}"
    site.default = serving(
        {
            "/robots.txt": Answer(b"", 302, headers={"Location": "/1"}),
            **moved,
            last: Answer(b"User-agent: *\nDisallow: /"),
        }
    )
    assert (await refusal(web, f"{site.url}/x")).code == "ROBOTS_DISALLOWED"


async def test_of_a_long_file_of_rules_the_beginning_counts(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    rules = b"User-agent: *\nDisallow: /private\n" + b"#" * (2 * policies.COMPETITOR_ROBOTS_BYTES)
    site.default = serving({"/robots.txt": Answer(rules), "/x": Answer(PAGE, headers=HTML)})
    assert (await web.look(f"{site.url}/x", 5)).title
    assert (await refusal(web, f"{site.url}/private")).code == "ROBOTS_DISALLOWED"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "2002:a00:1::", "64:ff9b::a00:1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "2001:db8::1", "fec0::1", "192.0.0.8", "192.0.0.192", "192.88.99.1", "168.63.129.16",
        "100.100.100.200", "fd00:ec2::254", "64:ff9b:1::808:808", "::10.0.0.1", "::127.0.0.1",
        "::ffff:0:10.0.0.1", "2001:4860::5efe:10.0.0.1", "2001:4860::200:5efe:192.168.1.1",
        "fe80::1%eth0", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "3fff::1", "5f00::1", "2001:2::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f000001/",
        "http://2130706433/", "http://017700000001/", "http://169.254.169.254/latest/meta-data/",
        "http://user:secret@1.1.1.1/", "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/",
        "http://1.1.1.1:22/", "http://1.1.1.1:6379/", "http://[", "http://1.1.1.1:x/",
    ],
)  # fmt: skip
async def test_nothing_inside_can_be_reached(url: str) -> None:
    async with WebCompetitors() as web:
        error = await refusal(web, url)
    assert error.code in ("BLOCKED_ADDRESS", "UNREACHABLE"), error
    assert "secret" not in str(error)


async def test_a_name_that_leads_inside_is_refused_however_it_answers_later() -> None:
    answers = [["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]]

    async def resolve(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    async with WebCompetitors(resolve=resolve) as web:
        for _ in range(2):
            assert (await refusal(web, "http://rebinding.example/")).code == "BLOCKED_ADDRESS"


async def test_a_redirect_is_checked_like_the_first_address(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    targets = {
        "/meta": "http://169.254.169.254/latest/",
        "/file": "file:///etc/passwd",
        "/local": "http://localhost:22/",
        "/loop": "/loop",
    }
    site.default = serving(
        {path: Answer(b"", 302, headers={"Location": to}) for path, to in targets.items()}
    )
    for path in ("/meta", "/file", "/local"):
        assert (await refusal(web, f"{site.url}{path}")).code == "BLOCKED_ADDRESS", path
    assert (await refusal(web, f"{site.url}/loop")).code == "REDIRECTED"
    loops = sum(request.path == "/loop" for request in site.requests)
    assert loops == policies.COMPETITOR_REDIRECTS + 1


async def test_addresses_beyond_ascii_are_asked_for_as_http_writes_them(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    page, moved = Answer(PAGE, headers=HTML), {"Location": "/größe?q=für zwei"}
    site.default = serving({"/moved": Answer(b"", 301, headers=moved), "/gr%C3%B6%C3%9Fe": page})
    for path in ("/moved", "/größe"):
        assert (await web.look(f"{site.url}{path}", 5)).title
    assert site.requests[-2].query == {"q": "für zwei"}


async def test_a_name_beyond_ascii_is_looked_up_in_ascii() -> None:
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with WebCompetitors(resolve=resolve) as web:
        assert (await refusal(web, "http://bücher.example/")).code == "BLOCKED_ADDRESS"
    assert asked == ["xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "location",
    ["http://größe..example/", "//ö" + "ö" * 70 + "/", "http://[", "http://x:y/", "http://\x01/"],
)
async def test_a_redirect_to_what_is_no_address_is_refused(
    site: ScriptedServer, web: WebCompetitors, location: str
) -> None:
    site.default = serving({"/moved": Answer(b"", 302, headers={"Location": location})})
    assert (await refusal(web, f"{site.url}/moved")).code == "BLOCKED_ADDRESS"


async def test_what_is_too_large_or_no_page_is_refused(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    packed = HTML | {"Content-Encoding": "gzip"}
    site.default = serving(
        {
            "/large": Answer(b"x" * (policies.COMPETITOR_BYTES + 1), headers=HTML),
            "/bomb": Answer(bomb, headers=packed),
            "/broken": Answer(b"not gzip", headers=packed),
            "/brotli": Answer(b"x", headers=HTML | {"Content-Encoding": "br"}),
            "/picture": Answer(b"\x89PNG", headers={"Content-Type": "image/png"}),
            "/nothing": Answer(b"x", headers={}),
            "/packed": Answer(gzip.compress(PAGE), headers=packed),
        }
    )
    codes = {"/large": "TOO_LARGE", "/bomb": "TOO_LARGE", "/missing": "NOT_FOUND"}
    for path in ("/large", "/bomb", "/broken", "/brotli", "/picture", "/nothing", "/missing"):
        assert (await refusal(web, f"{site.url}{path}")).code == codes.get(path, "NOT_A_PAGE"), path
    assert (await web.look(f"{site.url}/packed", 5)).title == "Tents & more"


class Chunks:
    """A body that never ends, and how many bytes of it were read."""

    def __init__(self, begin: bytes, then: bytes) -> None:
        self._begin, self._then = begin, then
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunk = self._begin
        while True:
            self.read += len(chunk)
            yield chunk
            chunk = self._then


async def test_nothing_is_read_after_the_end_of_a_packed_page() -> None:
    packed = gzip.compress(PAGE)
    chunks = Chunks(packed, b"x" * 64_000)
    read = _bounded(
        aiter(chunks), {"content-encoding": "gzip"}, _Room(10_000, cut=False), "http://x"
    )
    assert await read == PAGE
    assert chunks.read == len(packed)


@pytest.mark.parametrize("cut", [True, False])
async def test_a_page_that_unpacks_to_nothing_is_not_read_for_ever(cut: bool) -> None:
    packer = zlib.compressobj(wbits=31)
    begin = packer.compress(b"Allow: /") + packer.flush(zlib.Z_SYNC_FLUSH)
    chunks = Chunks(begin, b"\x00\x00\x00\xff\xff" * 200)  # empty blocks
    read = _bounded(aiter(chunks), {"content-encoding": "gzip"}, _Room(10_000, cut), "http://x")
    if cut:
        assert await read == b"Allow: /"
    else:
        with pytest.raises(Permanent, match="larger than 10000 bytes"):
            await read
    assert chunks.read <= 11_100


async def test_a_page_that_drips_ends_at_its_deadline(
    site: ScriptedServer, web: WebCompetitors
) -> None:
    site.default = serving({"/drip": Answer(PAGE * 50, headers=HTML, drip=0.2)})
    error = await refusal(web, f"{site.url}/drip", timeout=0.7)
    assert (error.code, error.retryable) == ("TIMEOUT", True)


def test_any_bytes_can_be_read_as_a_page() -> None:
    for body, kind in [
        (b"\xff\xfe\x00<h1>", "text/html; charset=nonsense"),
        (b"<h1>" * 10_000, "text/html"),
        ("<title>Zelte für Zwei</title>".encode("cp1252"), "text/html; charset=windows-1252"),
    ]:
        page = read_page("https://x.example", body, kind)
        assert len(page.headings) <= policies.COMPETITOR_HEADINGS
    assert page.title == "Zelte für Zwei"
