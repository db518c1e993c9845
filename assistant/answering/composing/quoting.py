"""Mode `quoted`: the verbatim sentences of the best passages, the answering one first, each with its source."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.answering.composing.shaping import points_back
from assistant.answering.composing.sources import cited, oldest
from index.values import PassageHit

MOST_FIRST, MOST_WORDS = 70, 220
"""Words of what leads, and of all that is quoted."""
NEAR_BEST = 0.05
"""A sentence is taken when its similarity is at most this much below the best one's: often the passage holds what was
asked and its best sentence alone does not."""
NEARLY = 0.02
"""A sentence so near to the best one leads with it."""
MOST_SENTENCES = 6
MOST_LEADING = 3
MOST_PASSAGES = 3


def compose_quoted(
    hits: Sequence[PassageHit], language: str, answers: Callable[[str], float] = lambda _: 0.0
) -> Draft | None:
    """The sentence nearest to the question with what it points to and those as near, then the context of the best
    passages of one language, folded away; None when no sentence is there.

    `answers` adds to the similarity of a sentence what else speaks for it (cosine).
    """
    hits = [h for h in hits[:MOST_PASSAGES] if h.passage.language == hits[0].passage.language] if hits else []
    hits = [replace(h, sentence_similarities=_weighed(h, answers)) for h in hits]
    ranked = sorted(
        ((hit.sentence_similarities[i], -n, hit, i) for n, hit in enumerate(hits) for i in _best(hit)),
        key=lambda found: (-found[0], -found[1], found[3]),
    )
    if not ranked:
        return None
    first = hits[0]
    # the best passage leads, unless a sentence of the next is clearly nearer
    lead = next((r for r in ranked if r[2] is first and r[0] >= ranked[0][0] - NEAR_BEST), ranked[0])
    leading = [(lead[2], i) for i in _with_reference(lead[2], lead[3], language)]
    words = sum(_length(*one) for one in leading)
    for similarity, _, hit, i in ranked:
        near = hit is lead[2] and similarity >= lead[0] - NEARLY and len(leading) < MOST_LEADING
        if near and (hit, i) not in leading and words + _length(hit, i) <= MOST_FIRST:
            leading.append((hit, i))
            words += _length(hit, i)
    leading = [leading[0], *sorted(leading[1:], key=lambda one: one[1])] if leading[0][1] == lead[3] else leading
    context: list[tuple[PassageHit, int]] = []
    for hit in hits:
        for i in sorted({j for k in _best(hit) for j in _with_reference(hit, k, language)}):
            if (hit, i) not in leading and words + _length(hit, i) <= MOST_WORDS:
                context.append((hit, i))
                words += _length(hit, i)
    sources: list[Source] = []
    text, more = (" ".join(_quoted(one, sources) for one in chosen) for chosen in (leading, context))
    return Draft(
        AnswerMode.QUOTED, AnswerStatus.ANSWERED, text, tuple(sources), oldest(sources), more=more or None,
        language=first.passage.language,
    )  # fmt: skip


def _weighed(hit: PassageHit, answers: Callable[[str], float]) -> tuple[float, ...]:
    pairs = zip(hit.sentence_similarities, hit.passage.sentences, strict=True)
    return tuple(similarity + answers(sentence.text) for similarity, sentence in pairs)


def _best(hit: PassageHit) -> list[int]:
    """Numbers of the sentences of a passage that are near its best one."""
    ranked = sorted(range(len(hit.sentence_similarities)), key=lambda i: -hit.sentence_similarities[i])
    best = max(hit.sentence_similarities, default=0.0)
    return [i for i in ranked[:MOST_SENTENCES] if hit.sentence_similarities[i] >= best - NEAR_BEST]


def _with_reference(hit: PassageHit, number: int, language: str) -> list[int]:
    """A sentence with those before it that it points to, in reading order."""
    first = number
    while first > 0 and points_back(hit.passage.sentences[first].text, hit.passage.language or language):
        first -= 1
    return list(range(first, number + 1))


def _length(hit: PassageHit, number: int) -> int:
    return len(hit.passage.sentences[number].text.split())


def _quoted(one: tuple[PassageHit, int], sources: list[Source]) -> str:
    """A sentence with the marker of its source, which is added."""
    hit, number = one
    sentence = hit.passage.sentences[number]
    sources.append(cited(len(sources) + 1, hit.document, hit.passage, sentence.text, sentence.references))
    return f"{sentence.text} [{len(sources)}]"
