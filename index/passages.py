"""Documents -> passages -> sentences: split by heading, then by size, never inside a sentence that fits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sentencex import segment  # pyright: ignore[reportAttributeAccessIssue] - a compiled function

from index.values import Passage, Section, Sentence, SourceDocument

PASSAGE_SIZE = 1600
"""Largest passage in weighted characters; about 400 tokens, so that an ordinary BERT (512) never truncates one."""

_REFERENCE = re.compile(r"\s*\[\^([^\]\s]+)\]")
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

    On top of the library's rules a sentence never ends after a German ordinal ("Die 2. Sitzung") or an
    abbreviation.
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


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence on its way into a passage, with the keys of its references."""

    words: str
    references: tuple[str, ...]
    bullet: bool = False
    begins_block: bool = False

    @property
    def length(self) -> int:
        """Its weighted characters with bullet and separator. Outside the Latin script one counts three: it takes
        about one token."""
        return len(self.words) + 2 * sum(1 for c in self.words if ord(c) > 0x24F and c.isalpha()) + 2 * self.bullet + 1


def _pieces(section: Section, language: str) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    """What fits into a passage together: whole blocks; of a block that is longer sentences; of a sentence that is
    longer words."""
    piece: list[_Part] = []
    room = PASSAGE_SIZE + 1  # the first part needs no separator
    for block in section.blocks:
        parts = [part for sentence in _sentences_of(block, language) for part in _of_size(sentence)]
        whole = sum(part.length for part in parts)
        for part in parts:
            needed = whole if part.begins_block and whole <= PASSAGE_SIZE + 1 else part.length
            if piece and needed > room:
                yield _joined(piece)
                piece, room = [], PASSAGE_SIZE + 1
            piece.append(part)
            room -= part.length
    if piece:
        yield _joined(piece)


def _joined(parts: list[_Part]) -> tuple[str, tuple[Sentence, ...]]:
    """The text of a passage, a block a line, and its sentences."""
    text, sentences = "", list[Sentence]()
    for part in parts:
        text += ("" if not text else "\n" if part.begins_block else " ") + ("- " if part.bullet else "")
        sentences.append(Sentence(len(text), len(text) + len(part.words), part.words, part.references))
        text += part.words
    return text, tuple(sentences)


def _of_size(part: _Part) -> Iterator[_Part]:
    """The part, or one that fits into no passage cut at blanks, and a word that fits into none cut anywhere."""
    while part.length > PASSAGE_SIZE + 1:
        latin = part.length <= len(part.words) + 3
        most = PASSAGE_SIZE - 2 if latin else PASSAGE_SIZE // 3
        cut = part.words.rfind(" ", 1, most)
        cut = cut if cut > 0 else most
        yield replace(part, words=part.words[:cut])
        part = replace(part, words=part.words[cut:].lstrip(), bullet=False, begins_block=False)
    if part.words:
        yield part


def _sentences_of(block: str, language: str) -> list[_Part]:
    """The sentences of a block, each with the keys of its references; one without takes those of the next in the
    block."""
    bullet = block.startswith("- ")
    clean, marks = _without_references(block.removeprefix("- "))
    found: list[tuple[str, list[str]]] = []
    position = 0
    for sentence in split_sentences(clean, language):
        start = clean.find(sentence, position)
        position = (start if start >= 0 else position) + len(sentence)
        begin = start if start >= 0 else 0
        found.append((sentence, [key for at, key in marks if begin < at <= position]))
    inherited: list[str] = []
    for _, keys in reversed(found):
        if keys:
            inherited = keys
        else:
            keys.extend(inherited)
    return [_Part(sentence, tuple(keys), bullet and n == 0, n == 0) for n, (sentence, keys) in enumerate(found)]


def _without_references(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without its `[^key]` marks, and where each stood."""
    clean, marks, end = "", list[tuple[int, str]](), 0
    for match in _REFERENCE.finditer(text):
        clean += text[end : match.start()]
        marks.append((len(clean), match.group(1)))
        end = match.end()
    return clean + text[end:], marks


def references_in(blocks: tuple[str, ...]) -> set[str]:
    """The keys of all `[^key]` marks."""
    return {match.group(1) for block in blocks for match in _REFERENCE.finditer(block)}


@lru_cache(maxsize=20_000)
def normalised(text: str) -> str:
    """For comparing a quote with its document: no marks, bullets or emphasis, white space collapsed, plain
    quotation marks."""
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
