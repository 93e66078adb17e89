"""The bundled corpus: topics, documents, headed parts. Read from a folder, changed by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from pipeline_defs.local.providers.engine.language import stems

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
_FIELDS = ("title", "topic", "field", "keywords", "author", "license", "written")


@dataclass(frozen=True)
class Part:
    """Paragraphs under one heading of a document."""

    heading: str
    paragraphs: tuple[str, ...]

    @property
    def markdown(self) -> str:
        """Heading and paragraphs as they stand in the document."""
        return "\n\n".join((f"## {self.heading}", *self.paragraphs))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Distinct stems of heading and text."""
        return frozenset(stems(f"{self.heading} {' '.join(self.paragraphs)}"))


@dataclass(frozen=True)
class Document:
    """One text of the corpus with its provenance. `key` is `<topic folder>/<file name>`."""

    key: str
    title: str
    topic: str
    field: str
    keywords: tuple[str, ...]
    author: str
    license: str
    written: str
    parts: tuple[Part, ...]

    @property
    def folder(self) -> str:
        """The topic's folder name."""
        return self.key.partition("/")[0]

    @property
    def slug(self) -> str:
        """The file's name without its ending."""
        return self.key.partition("/")[2]

    @cached_property
    def stems(self) -> frozenset[str]:
        """Distinct stems of everything in it, front matter included."""
        front = stems(f"{self.title} {self.topic} {' '.join(self.keywords)}")
        return frozenset(front).union(*(part.stems for part in self.parts))


@dataclass(frozen=True)
class Topic:
    """All documents of one folder, in the order of their names."""

    folder: str
    name: str
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Library:
    """Every topic of the corpus."""

    topics: tuple[Topic, ...]

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents, topic by topic."""
        return tuple(document for topic in self.topics for document in topic.documents)

    def document(self, key: str) -> Document | None:
        """The document `<topic>/<name>`, or None."""
        return next((document for document in self.documents if document.key == key), None)

    def topic(self, folder: str) -> Topic | None:
        """The topic of a folder, or None."""
        return next((topic for topic in self.topics if topic.folder == folder), None)


def load_library(folder: Path = CORPUS) -> Library:
    """Read every `<topic>/<name>.md`; ValueError names the file that is not as it should be."""
    documents = [read_document(path) for path in sorted(folder.glob("*/*.md"))]
    topics = [
        Topic(name, group[0].topic, tuple(group))
        for name, items in groupby(documents, key=lambda document: document.folder)
        if (group := list(items))
    ]
    return Library(tuple(topics))


def read_document(path: Path) -> Document:
    """One document: front matter between `---` lines, then paragraphs under `## ` headings."""
    try:
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        lines = (line.partition(":") for line in front.splitlines() if line.strip())
        fields = {name.strip(): value.strip() for name, _, value in lines}
        values = {name: fields[name] for name in _FIELDS if name != "keywords"}
        keywords = tuple(word.strip() for word in fields["keywords"].split(",") if word.strip())
        parts = tuple(_parts(body))
    except (ValueError, KeyError) as error:
        raise ValueError(f"{path}: {type(error).__name__}: {error}") from error
    if not parts:
        raise ValueError(f"{path}: there is no paragraph under a `## ` heading")
    key = f"{path.parent.name}/{path.stem}"
    return Document(key=key, keywords=keywords, parts=parts, **values)


def _parts(body: str) -> list[Part]:
    parts: list[Part] = []
    for block in (
        body.split("\n## ") if body.startswith("## ") else ("\n" + body).split("\n## ")[1:]
    ):
        heading, _, text = block.removeprefix("## ").partition("\n")
        paragraphs = tuple(" ".join(p.split()) for p in text.split("\n\n") if p.strip())
        if paragraphs:
            parts.append(Part(heading.strip(), paragraphs))
    return parts
