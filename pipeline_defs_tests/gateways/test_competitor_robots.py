"""What robots.txt allows, by the rules and examples of RFC 9309."""

from __future__ import annotations

import time

import pytest

from pipeline_defs.gateways.competitors.robots import read_robots

AGENT = "PipelinePages"


def allows(rules: str, path: str) -> bool:
    return read_robots(rules.encode(), AGENT).allows(f"https://shop.example{path}")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/", True),
        ("User-agent: *\nDisallow: /", "/", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/", False),
        ("User-agent: *\nDisallow:", "/", True),
        ("User-agent: pipelinepages\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True),
        ("User-agent: PIPELINEPAGES/2.1\nDisallow: /", "/b", False),
        ("User-agent: Pipeline\nDisallow: /", "/b", True),
        ("User-agent: PipelinePagesBot\nDisallow: /", "/b", True),
        ("User-agent: PipelinePages\nDisallow:\n\nUser-agent: *\nDisallow: /", "/b", True),
        ("User-agent: PipelinePages\nDisallow: /a\nUser-agent: x\nDisallow: /c\n"
         "User-agent: PipelinePages\nDisallow: /b", "/b", False),
        ("User-agent: PipelinePages\nDisallow: /a\nUser-agent: x\nDisallow: /c\n"
         "User-agent: PipelinePages\nDisallow: /b", "/a", False),
        ("User-agent: x\nUser-agent: PipelinePages\nDisallow: /a", "/a", False),
        ("User-agent: x\nDisallow: /a\nUser-agent: PipelinePages\nDisallow: /b", "/a", True),
        ("User-agent: *\nCrawl-delay: 3\nSitemap: https://x/s.xml\nDisallow: /a", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/disallowed.gif", False),
        ("User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/", True),
        ("User-agent: *\nDisallow: /\nAllow: /p", "/page", True),
        ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", True),
        ("User-agent: *\nDisallow: *.gif$", "/a/b.gif", False),
        ("User-agent: *\nDisallow: *.gif$", "/a/b.gif?x", True),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: *\nDisallow: /a*b*c$", "/a-b-b-c", False),
        ("User-agent: *\nDisallow: /a*bc$", "/abc", False),
        ("User-agent: *\nDisallow: /ab*ba$", "/aba", True),
        ("User-agent: *\nDisallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("User-agent: *\nDisallow: /foo/bar/%e3%83%84", "/foo/bar/ツ", False),
        ("User-agent: *\nDisallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("User-agent: *\nDisallow: /foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar",
         False),
        ("User-agent: *\nDisallow: /*?sort=", "/tents?sort=price", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("user-agent : * # all\r\ndisallow : /a # this\rAllow: /b", "/a", False),
    ],
)  # fmt: skip
def test_the_most_specific_rule_of_our_group_decides(rules: str, path: str, allowed: bool) -> None:
    assert allows(rules, path) is allowed


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /" + "*a" * 250_000,
        "User-agent: *\n" + "Disallow: /*a*b*c*d\n" * 25_000,
        "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Disallow: /x\n" * 20_000,
        "\n" * 500_000,
        ":" * 500_000,
    ],
)
def test_hostile_rules_are_read_quickly(rules: str) -> None:
    begun = time.perf_counter()
    allows(rules, "/" + "a" * 2000)
    assert time.perf_counter() - begun < 5  # a tenth of a second where nothing else runs


def test_any_bytes_are_rules() -> None:
    assert read_robots(b"\xff\xfe\x00User-agent\x00: *\n\xc3", AGENT).allows("https://x.example/")
