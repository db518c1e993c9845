"""Few phrasings that stand for many: which to keep of an entry, and the corpus file with the others taken out."""

from collections.abc import Callable, Sequence

import numpy as np
import yaml

from index.embedder import Vectors


def representative(vectors: Vectors, most: int) -> list[int]:
    """Row numbers of at most `most` of (n, dimension) unit vectors, so that each row is near one of them.

    The first stays first: it is the question that people are shown. Then whichever adds most to the sum of all rows'
    similarities to their nearest kept one (greedy facility location, Nemhauser et al. 1978).
    """
    similar = vectors @ vectors.T
    kept = [0]
    nearest = similar[0].copy()
    while len(kept) < min(most, len(vectors)):
        gain = np.maximum(similar, nearest[None]).sum(axis=1)
        gain[kept] = -np.inf
        kept.append(int(gain.argmax()))
        nearest = np.maximum(nearest, similar[kept[-1]])
    return kept


def thinned(text: str, most: int, embed: Callable[[Sequence[str]], Vectors]) -> str:
    """The text of a file of entries or figures with at most `most` phrasings an entry and language, the most
    telling first."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    rows = root.value if isinstance(root, yaml.SequenceNode) else [root]
    changes: list[tuple[int, int, str]] = []
    for row in rows:
        questions = next((value for key, value in row.value if key.value == "questions"), None)
        for _, phrasings in questions.value if isinstance(questions, yaml.MappingNode) else ():
            items = phrasings.value
            kept = representative(embed([item.value for item in items]), most)
            spelt = [text[item.start_mark.index : item.end_mark.index].rstrip() for item in items]
            if not items or phrasings.flow_style:
                continue
            start, end = items[0].start_mark.index, items[-1].end_mark.index
            tail = text[start:end][len(text[start:end].rstrip()) :]
            between = "\n" + " " * (items[0].start_mark.column - 2) + "- "
            changes.append((start, end, between.join(spelt[n] for n in kept) + tail))
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    return text
