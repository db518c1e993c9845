"""What was asked comes first: the sentences nearest to the question lead, the rest of the approved answer is folded
away."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.answering.answer import Draft
from assistant.answering.checking import MARKER, SentenceTerms
from assistant.answering.search import Search
from assistant.languages import holds_type, pack, pattern
from index.values import AskedHit, LocalText

WHOLE = 45
"""Words: an answer so short is given as it is."""
MOST = 80
"""Words of what is said first; a list may have MOST_OF_LIST."""
MOST_OF_LIST = 130
FEW = 18
"""What leads takes the next sentence along where it has fewer words."""
NEARER = 0.05
"""The short answer gives way to a sentence of the whole one that is nearer to the question by so much (cosine)."""
REPEATED = 0.9
"""A sentence that shares so many of its stems with one that was said is not said again."""
OF_WORDS, OF_KIND = 0.2, 0.4
"""Weights of shared words and of the kind of answer, against a cosine."""
_MARK_BEFORE_END = re.compile(r"((?:\s*\[\d+\])+)([.!?]+)")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of an answer with its markers, or a list with the sentence before it; `paragraph` counts from 0."""

    text: str
    paragraph: int
    listed: bool = False

    @property
    def sentences(self) -> list[str]:
        """Its sentences without markers and emphasis; each item of a list is one."""
        return [bare(line) for line in self.text.split("\n")]

    @property
    def count(self) -> int:
        """Its words."""
        return len(bare(self.text).split())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What tells which sentence answers: the question's stems and the kind of answer it asks for; the languages of
    the programme."""

    stems: tuple[str, ...]
    kind: str | None
    languages: tuple[str, ...]


def shaped(
    draft: Draft,
    hit: AskedHit,
    short: LocalText | None,
    words: Search,
    wanted: Wanted,
    *,
    said: str = "",
    lead: str = "",
) -> Draft:
    """A curated draft with what was asked first.

    `short` is the entry's own short answer; `said` is the text of the turn before, which is not said twice; `lead` is
    what answers already (a verdict), so that all else is folded away.
    """
    language = draft.language
    parts = parts_of(draft.text, language, words)

    def near(sentence: str) -> float:
        return _nearness(sentence, hit.sentences, wanted, words, language)

    own = short.get(language) if short else None
    if lead:
        first = lead
    elif said and (pool := _after(said, parts, wanted, near, language)):
        first = together(_leading(pool, near, language))
    elif own and not _nearer(parts, own, near, words, language):
        first = own.strip()
    elif sum(p.count for p in parts) <= WHOLE:
        return draft
    else:
        first = together(_leading(parts, near, language))
    if not lead:
        first = _with_conditions(first, parts, draft.conditions, language, words)
    told = [_stated(s, language, words) for p in parts_of(first, language, words) for s in p.sentences]
    wanted_too = [
        condition
        for condition in (frozenset(words.terms(c, language)) for c in draft.conditions)
        if not any(condition <= one.stems for one in told)
    ]

    def repeats(part: Part) -> bool:
        own = [_stated(s, language, words) for s in part.sentences]
        needed = any(condition <= one.stems for condition in wanted_too for one in own)
        return not needed and all(_told(one, told) for one in own)

    rest = [p for p in parts if not repeats(p)]
    more = together(rest)
    return replace(draft, text=first, more=more if more and bare(more) not in bare(first) else None)


def parts_of(text: str, language: str, words: SentenceTerms) -> list[Part]:
    """A Markdown answer cut into sentences and lists, in their order; each sentence keeps its markers."""
    parts: list[Part] = []
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        for line in paragraph.split("\n"):
            if not line.strip():
                continue
            if _ITEM.match(line):
                if parts and (parts[-1].listed or bare(parts[-1].text).endswith(":")):
                    parts[-1] = replace(parts[-1], text=f"{parts[-1].text}\n{line.strip()}", listed=True)
                else:
                    parts.append(Part(line.strip(), number, True))
                continue
            parts += [Part(sentence, number) for sentence in _sentences(line, language, words)]
    return parts


def together(parts: Sequence[Part]) -> str:
    """Parts as Markdown again."""
    text = ""
    before: Part | None = None
    for part in parts:
        if before is not None:
            text += "\n\n" if part.paragraph != before.paragraph or part.listed or before.listed else " "
        text += part.text
        before = part
    return text


def bare(text: str) -> str:
    """A text as it is read: without markers, emphasis and bullets."""
    text = MARKER.sub("", _ITEM.sub("", text)).replace("**", "").replace("__", "")
    return " ".join(re.sub(r"\s+([.,;:!?])", r"\1", text).split())


def points_back(sentence: str, language: str) -> bool:
    """Whether a sentence begins with a word that points to the one before, so that it says little alone."""
    first = re.match(r"\W*([^\W\d_]+)(?:\W+([^\W\d_]+))?", sentence)
    known = pack(language).words["points_back"]
    return bool(first) and any(word is not None and word.lower() in known for word in first.groups()[:1])


def _sentences(line: str, language: str, words: SentenceTerms) -> list[str]:
    """The sentences of a line; of several before one marker each takes it."""
    found: list[str] = []
    position = 0
    line = _MARK_BEFORE_END.sub(r"\2\1", line)
    for match in [*re.finditer(r"(?:\s*\[\d+\])+", line), None]:
        stretch = line[position : match.start() if match else None].strip()
        marks = " ".join(f"[{m}]" for m in MARKER.findall(match.group())) if match else ""
        position = match.end() if match else len(line)
        pieces = words.sentences(stretch, language) if stretch else ()
        if stretch and re.match(r"^[a-zäöü,;(–-]", stretch) and found:  # a marker within a sentence
            found[-1] = f"{found[-1]} {stretch} {marks}".strip()
            continue
        found += [f"{piece} {marks}".strip() for piece in pieces]
    return found


def says_again(text: str, said: str, words: SentenceTerms, language: str) -> bool:
    """Whether a text says hardly more than another that was said."""
    own, told = (
        [_stated(s, language, words) for p in parts_of(one, language, words) for s in p.sentences]
        for one in (text, said)
    )
    return bool(own) and all(_told(one, told) for one in own)


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a sentence states: its stems (numbers among them), and whether it denies."""

    stems: frozenset[str]
    denies: bool


def _stated(sentence: str, language: str, words: SentenceTerms) -> _Stated:
    denies = pattern("denies", (language,), r"\b%s\b").search(sentence)
    return _Stated(frozenset(words.terms(sentence, language)), bool(denies))


def _told(one: _Stated, told: Sequence[_Stated]) -> bool:
    """Whether a sentence says hardly more than one that was said, with no other number and no other denial."""
    numbers = {stem for stem in one.stems if any(c.isdigit() for c in stem)}
    return any(
        len(one.stems & other.stems) >= REPEATED * len(one.stems)
        and numbers <= other.stems
        and one.denies == other.denies
        for other in told
    )


def _after(said: str, parts: Sequence[Part], wanted: Wanted, near: Callable[[str], float], language: str) -> list[Part]:
    """Where the last turn said some of the parts already, those that may lead now: what it did not say, or all where
    nothing else is left; none where the part that leads is new, or holds the kind of thing that is asked for."""
    fresh = [p for p in parts if bare(p.text) not in bare(said)]
    if not fresh or len(fresh) == len(parts):
        return list(parts) if not fresh else []
    leading = _leading(parts, near, language)
    asked_for = wanted.kind is not None and holds_type(wanted.kind, [p.text for p in leading], wanted.languages)
    return [] if asked_for or all(p in fresh for p in leading) else fresh


def _nearness(sentence: str, similar: Mapping[str, float], wanted: Wanted, words: Search, language: str) -> float:
    """How likely a sentence answers: its cosine with the question, and what else speaks for it."""
    shared, holds = answering(sentence, wanted, words, language)
    return similar.get(sentence, 0.0) + OF_WORDS * shared + OF_KIND * holds


def answering(sentence: str, wanted: Wanted, words: Search, language: str) -> tuple[float, bool]:
    """The share of the question's words that a sentence holds, and whether it holds a thing of the kind asked for."""
    weights = {stem: words.rarity(stem) for stem in wanted.stems}
    stems = set(words.terms(sentence, language))
    shared = sum(w for stem, w in weights.items() if stem in stems) / (sum(weights.values()) or 1.0)
    return shared, wanted.kind is None or holds_type(wanted.kind, [sentence], wanted.languages)


def _leading(parts: Sequence[Part], near: Callable[[str], float], language: str) -> list[Part]:
    """The part nearest to the question, with what it points to and, where it says little, with what follows."""

    def nearness(part: Part) -> float:
        return max((near(s) for s in part.sentences), default=-1.0)

    best = max(range(len(parts)), key=lambda n: (nearness(parts[n]), -n))
    first = best
    while first > 0 and not parts[first].listed and points_back(parts[first].text, language):
        first -= 1
    end = best + 1
    if parts[best].listed:
        return list(parts[first:end])
    while end < len(parts) and sum(p.count for p in parts[first:end]) < FEW:
        end += 1
    if bare(parts[end - 1].text).endswith(":") and end < len(parts):
        end += 1
    return list(parts[first:end])


def _nearer(
    parts: Sequence[Part], short: str, near: Callable[[str], float], words: SentenceTerms, language: str
) -> bool:
    """Whether a sentence of the answer is clearly nearer to the question than the short answer is."""
    own = {s for p in parts_of(short, language, words) for s in p.sentences}
    best = max((near(s) for s in own), default=-1.0)
    other = max((near(s) for p in parts for s in p.sentences if s not in own), default=-1.0)
    return other > best + NEARER


def _with_conditions(
    text: str, parts: Sequence[Part], conditions: Sequence[str], language: str, words: SentenceTerms
) -> str:
    """The text with the sentences that state what the answer must state, where these are short enough."""
    said = [set(words.terms(s, language)) for p in parts_of(text, language, words) for s in p.sentences]
    for condition in conditions:
        wanted = set(words.terms(condition, language))
        if any(wanted <= stems for stems in said):
            continue
        stating = next((p for p in parts if any(wanted <= set(words.terms(s, language)) for s in p.sentences)), None)
        if stating and stating.text not in text and len(bare(text).split()) + stating.count <= MOST:
            text = f"{text}{chr(10) * 2 if stating.listed else ' '}{stating.text}"
            said += [set(words.terms(s, language)) for s in stating.sentences]
    return text
