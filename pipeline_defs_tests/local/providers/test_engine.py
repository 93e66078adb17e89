"""The corpus, its language and its search."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline_defs.local.providers.engine.language import sentences
from pipeline_defs.local.providers.engine.library import load_library, read_document
from pipeline_defs.local.providers.engines import Engines


def test_the_corpus_is_of_real_substance(engines: Engines) -> None:
    library = engines.library
    assert len(library.topics) >= 20
    assert len(library.documents) >= 150
    assert all(document.license and document.author for document in library.documents)


def test_every_paragraph_of_the_corpus_is_whole_sentences(engines: Engines) -> None:
    for document in engines.library.documents:
        for part in document.parts:
            for paragraph in part.paragraphs:
                assert " ".join(sentences(paragraph)) == paragraph, document.key


def test_a_document_without_front_matter_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.md"
    path.write_text("## Heading\nText.")
    with pytest.raises(ValueError, match=r"broken\.md"):
        read_document(path)


def test_a_corpus_without_documents_answers_nothing(tmp_path: Path) -> None:
    assert load_library(tmp_path).documents == ()
    assert Engines(tmp_path).search.search("bees", 5) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It fell by 1.5 percent. Then it rose.", ["It fell by 1.5 percent.", "Then it rose."]),
        ("John F. Kennedy spoke. J. J. Thomson listened.", 2),
        ("As fast as photosystem I. The rest waits.", 2),
        ("Mount St. Helens erupted. It was c. 1450 m high.", 2),
        ('He said "Go." She went! Did he? Yes.', 4),
        ("A whole one. And one that is cut off in the mid", ["A whole one."]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str] | int) -> None:
    found = sentences(text)
    assert (found if isinstance(expected, list) else len(found)) == expected


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("How does photosynthesis turn light into sugar?", "photosynthesis/"),
        ("espresso pressure", "coffee/coffee-brewing"),
        ("waggle dance of bees", "honey-bees/foraging-and-the-waggle-dance"),
        ("Riemann hypothesis", "prime-numbers/distribution-of-primes"),
        ("public keys and RSA", "cryptography/public-key-cryptography"),
    ],
)
def test_a_search_finds_the_document_that_answers(
    query: str, document: str, engines: Engines
) -> None:
    assert engines.search.search(query, 5)[0].document.key.startswith(document)


@pytest.mark.parametrize(
    "query", ["football transfer fees", "the best pizza", "jazz", "", "of the"]
)
def test_a_search_beyond_the_corpus_finds_nothing(query: str, engines: Engines) -> None:
    assert engines.search.search(query, 5) == []
