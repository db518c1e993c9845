"""Documents -> passages -> sentences: split by heading, then by size, never inside a sentence that fits."""

import re
from collections.abc import Iterator
from functools import lru_cache

from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentencex import segment  # pyright: ignore[reportAttributeAccessIssue] - a compiled function

from index.values import Passage, Section, Sentence, SourceDocument

PASSAGE_SIZE = 1600
"""Largest passage in weighted characters; about 400 tokens, so that an ordinary BERT (512) never truncates one."""

_REFERENCE = re.compile(r"\s*\[\^([^\]\s]+)\]")
_BLOCK, _SENTENCE, _ORIGIN = "\n\n", "\x1e", "\x1f"
_BROKEN_AFTER = re.compile(
    r"(?:(?<!\d)\d{1,2}|\b(?:approx|ca|bzw|ggf|vgl|inkl|zzgl|max|min|evtl|sog|Abs|Art|Nr|No|Tel|St|Str))\.$"
)


def split_passages(document: SourceDocument) -> tuple[Passage, ...]:
    """The passages of a document in reading order; ids are `<document>#<number>`."""
    passages: list[Passage] = []
    for section in document.sections:
        for text, sentences in _pieces(section, document.language):
            identity = f"{document.id}#{len(passages) + 1}"
            passages.append(
                Passage(identity, document.id, section.heading, text, sentences, document.language, section.page)
            )
    return tuple(passages)


def split_sentences(text: str, language: str) -> list[str]:
    """The sentences of one paragraph.

    On top of the library's rules a sentence never ends after a German ordinal ("Die 2. Clusterwoche") or an abbreviation.
    """
    parts: list[str] = []
    for raw in segment(language, text):
        part = raw.strip()
        if not part:
            continue
        if parts and _BROKEN_AFTER.search(parts[-1]) and not re.fullmatch(r"\W*\d{1,2}\.", parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        elif parts and re.fullmatch(r"\W*", part):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def _pieces(section: Section, language: str) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    """LangChain's recursive splitter at block ends, then sentence ends, then blanks."""
    composed = _BLOCK.join(_SENTENCE.join(_marked_sentences(block, language)) for block in section.blocks)
    for piece in _splitter().split_text(composed):
        text = ""
        sentences: list[Sentence] = []
        for block in piece.split(_BLOCK):
            text += "\n" if text else ""
            begins_block = True
            for marked in block.split(_SENTENCE):
                words, _, origins = marked.partition(_ORIGIN)
                bullet = words.startswith("- ")
                words = words.removeprefix("- ").strip()
                if not words:
                    continue
                text += ("" if begins_block else " ") + ("- " if bullet else "")
                begins_block = False
                sentences.append(
                    Sentence(len(text), len(text) + len(words), words, tuple(k for k in origins.split(",") if k))
                )
                text += words
        if sentences:
            yield text, tuple(sentences)


def _marked_sentences(block: str, language: str) -> list[str]:
    """The sentences of a block, each followed by the keys of its references; one without takes those of the next in the block."""
    bullet = "- " if block.startswith("- ") else ""
    clean, marks = _without_references(block.removeprefix("- "))
    sentences = split_sentences(clean, language)
    found: list[tuple[str, list[str]]] = []
    position = 0
    for sentence in sentences:
        start = clean.find(sentence, position)
        position = (start if start >= 0 else position) + len(sentence)
        found.append((sentence, []))
        begin = start if start >= 0 else 0
        found[-1][1].extend(key for at, key in marks if begin < at <= position)
    inherited: list[str] = []
    for _, keys in reversed(found):
        if keys:
            inherited = keys
        else:
            keys.extend(inherited)
    return [
        f"{bullet if i == 0 else ''}{sentence}{_ORIGIN}{','.join(keys)}" for i, (sentence, keys) in enumerate(found)
    ]


def _without_references(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without its `[^key]` marks, and where each stood."""
    clean, marks, end = "", list[tuple[int, str]](), 0
    for match in _REFERENCE.finditer(text):
        clean += text[end : match.start()]
        marks.append((len(clean), match.group(1)))
        end = match.end()
    return clean + text[end:], marks


@lru_cache(maxsize=1)
def _splitter() -> RecursiveCharacterTextSplitter:
    return RecursiveCharacterTextSplitter(
        separators=[_BLOCK, _SENTENCE, " ", ""],
        keep_separator=False,
        chunk_size=PASSAGE_SIZE,
        chunk_overlap=0,
        length_function=_weighted_length,
        strip_whitespace=False,
    )


def _weighted_length(text: str) -> int:
    """Characters outside the Latin script count three: they take about one token each."""
    visible = re.sub(rf"{_ORIGIN}[^{_SENTENCE}]*", "", text)
    return len(visible) + 2 * sum(1 for c in visible if ord(c) > 0x24F and c.isalpha())


def references_in(blocks: tuple[str, ...]) -> set[str]:
    """The keys of all `[^key]` marks."""
    return {match.group(1) for block in blocks for match in _REFERENCE.finditer(block)}


@lru_cache(maxsize=20_000)
def normalised(text: str) -> str:
    """For comparing a quote with its document: no marks, bullets or emphasis, white space collapsed, plain quotation marks."""
    text = _REFERENCE.sub("", text)
    text = re.sub(r"(?m)^\s*[-*•]\s+", "", text)
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", text)
    text = text.translate(_PLAIN_MARKS)
    return " ".join(text.split())


_PLAIN_MARKS = str.maketrans(
    {
        "„": '"',
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "’": "'",
        "‘": "'",
        "‚": "'",
        "\u00a0": " ",
        "\u202f": " ",
        "\u00ad": "",
    }
)
