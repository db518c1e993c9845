"""Mode `quoted`: the verbatim sentences of the best passages, in reading order, each with its source."""

from collections.abc import Sequence

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.answering.composing.sources import cited, oldest
from assistant.languages import pack
from index.values import PassageHit

MOST_WORDS = 120
NEAR_BEST = 0.05
"""A sentence is taken when its similarity is at most this much below the best one's: often the passage holds what was
asked and its best sentence alone does not."""
MOST_SENTENCES = 6


def compose_quoted(hits: Sequence[PassageHit], language: str) -> Draft | None:
    """Sentences near the best one, from at most two passages of one language; None when no sentence is there."""
    if not hits:
        return None
    best = max((max(h.sentence_similarities, default=0.0) for h in hits[:3]), default=0.0)
    first = hits[0]
    same = [h for h in hits[:3] if h.passage.language == first.passage.language]
    chosen: list[tuple[PassageHit, int]] = []
    words = 0
    for hit in same[:2] if max(same[-1].sentence_similarities, default=0.0) >= best - 0.005 else same[:1]:
        ranked = sorted(range(len(hit.sentence_similarities)), key=lambda i: -hit.sentence_similarities[i])
        take = {
            i
            for i in ranked[:MOST_SENTENCES]
            if hit.sentence_similarities[i] >= max(hit.sentence_similarities) - NEAR_BEST
        }
        for i in sorted(take):
            if i > 0 and _points_back(hit.passage.sentences[i].text, hit.passage.language):
                take.add(i - 1)
        for i in sorted(take, key=lambda i: (-hit.sentence_similarities[i], i)):
            length = len(hit.passage.sentences[i].text.split())
            if chosen and words + length > MOST_WORDS:
                continue
            chosen.append((hit, i))
            words += length
    chosen.sort(key=lambda c: (hits.index(c[0]), c[1]))
    sources: list[Source] = []
    lines: list[str] = []
    for hit, i in chosen:
        sentence = hit.passage.sentences[i]
        source = cited(len(sources) + 1, hit.document, hit.passage, sentence.text, sentence.references)
        sources.append(source)
        lines.append(f"{sentence.text} [{source.marker}]")
    if not lines:
        return None
    text = " ".join(lines)
    return Draft(AnswerMode.QUOTED, AnswerStatus.ANSWERED, text, tuple(sources), oldest(sources), entry=None)


def _points_back(sentence: str, language: str) -> bool:
    """Whether a sentence begins with a word that points to the one before."""
    first = sentence.split(maxsplit=1)[0].strip(",.;:").lower() if sentence.strip() else ""
    return first in pack(language).words["points_back"]
