"""Expressions as they stand in running text (`x^2`, `1/2 x 1/2 = 1/4`), turned into LaTeX.

Only what the small grammar below knows is taken; anything else is left to the other forms. No
character of a text reaches the typesetter except through this grammar.
"""

from __future__ import annotations

import re

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_ATOM = rf"(?:{_NUMBER}[a-z]?|[a-zA-Z]'?|\([^()]{{1,40}}\))"
_POWER = rf"\d*{_ATOM}(?:\^(?:\([^()]{{1,20}}\)|{_NUMBER}|[a-z]))?"
_PRODUCT = rf"(?:{_POWER}){{1,3}}(?:/{_POWER})?"
_OPERATOR = r"(?:\s?[=+/<>]\s?|\s[-−x*×±]\s)"
_EXPRESSION = re.compile(rf"(?<![\w.,'’-]){_PRODUCT}(?:{_OPERATOR}{_PRODUCT})*(?![\w’'-])")
_TOKEN = re.compile(rf"\s*({_NUMBER}|[a-zA-Z]|'|\(|\)|\^|/|[=+<>*×±−-])")
_SIGNS = {"*": r"\times ", "×": r"\times ", "-": "-", "−": "-", "±": r"\pm ", "<": "<", ">": ">"}
_LONGEST = 60  # characters of an expression that still reads well in large type


def expressions(text: str) -> list[str]:
    """The expressions of a text worth showing, as LaTeX, in order."""
    found: list[str] = []
    for match in _EXPRESSION.finditer(text):
        plain = match[0].strip()
        if len(plain) <= _LONGEST and _says_something(plain):
            latex = _Reader(plain).read()
            if latex is not None:
                found.append(latex)
    return list(dict.fromkeys(found))


def _says_something(plain: str) -> bool:
    """An equation, a power, or a calculation; not a lone number, letter or fraction."""
    if re.fullmatch(r"[a-zA-Z]\s?[=<>]\s?-?[\d.,]+", plain):
        return False
    if "=" in plain:
        left, _, right = plain.partition("=")
        return bool(left.strip() and right.strip())
    return "^" in plain or bool(
        re.search(r"[a-z\d)]\s[-+x*]\s[\da-z(]", plain) and re.search(r"\d", plain)
    )


class _Reader:
    """Reads one expression from left to right; gives up (None) where it does not understand."""

    def __init__(self, plain: str) -> None:
        spaced = re.sub(r"(?<=[\d)\w]) x (?=[\d(\w])", " × ", plain)
        self._tokens = _TOKEN.findall(spaced)
        self._complete = "".join(self._tokens) == spaced.replace(" ", "")
        self._at = 0

    def read(self) -> str | None:
        if not self._complete:
            return None
        latex = self._sum()
        return latex if latex and self._at == len(self._tokens) else None

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _sum(self) -> str:
        parts = [self._product()]
        while parts[-1] and (sign := self._next()) in "=+<>*×±−-" and sign:
            self._at += 1
            parts += [_SIGNS.get(sign, sign), self._product()]
        return "".join(parts) if all(parts) else ""

    def _product(self) -> str:
        factors = [self._power()]
        while factors[-1] and re.match(r"[\w(]", self._next()):
            factors.append(self._power())
        top = "".join(factors) if all(factors) else ""
        if top and self._next() == "/":
            self._at += 1
            below = self._power()
            while below and re.match(r"[a-z(]", self._next()):
                below += self._power()
            return rf"\frac{{{_bare(top)}}}{{{_bare(below)}}}" if below else ""
        return top

    def _power(self) -> str:
        base = self._atom()
        while base and self._next() == "'":
            self._at += 1
            base += r"^{\prime}"
        if base and self._next() == "^":
            self._at += 1
            above = self._atom()
            return f"{base}^{{{_bare(above)}}}" if above else ""
        return base

    def _atom(self) -> str:
        token = self._next()
        self._at += 1
        if token == "(":  # noqa: S105 - a bracket, no password
            inside = self._sum()
            if self._next() != ")" or not inside:
                return ""
            self._at += 1
            return rf"\left({inside}\right)"
        if re.fullmatch(_NUMBER, token):
            return token.replace(",", "{,}")
        return token if token.isalpha() else ""


def _bare(latex: str) -> str:
    """Without the brackets a fraction or an exponent makes needless."""
    inner = latex.removeprefix(r"\left(").removesuffix(r"\right)")
    whole = latex.startswith(r"\left(") and latex.endswith(r"\right)") and r"\left(" not in inner
    return inner if whole else latex
