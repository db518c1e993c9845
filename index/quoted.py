"""Where a quote stands: the passage that holds it."""

from collections.abc import Sequence

from index.passages import normalised
from index.values import Passage


def quoted_passage(passages: Sequence[Passage], quote: str) -> Passage | None:
    """The passage that holds a quote (white space and marks aside), else the one that holds its first sentence."""
    wanted = normalised(quote)
    whole = next((p for p in passages if wanted in normalised(p.text)), None)
    begins = (p for p in passages for s in p.sentences if wanted.startswith(normalised(s.text)))
    return whole or next(begins, None)
