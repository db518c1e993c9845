"""Questions about the assistant itself, as entries without an answer of their own: every index holds them, so that they
are understood in any wording; what is said to them is true of the service, not of the corpus."""

from collections.abc import Sequence

from assistant.languages import pack
from index.values import ITSELF, CuratedEntry


def entries_about_itself(languages: Sequence[str]) -> tuple[CuratedEntry, ...]:
    """One entry for each thing that people ask about the assistant, in the languages of a programme."""
    packs = {code: pack(code).about_itself for code in languages}
    keys = dict.fromkeys(key for listed in packs.values() for key in listed)
    return tuple(
        CuratedEntry(
            id=f"{ITSELF}-{key}",
            path=ITSELF,
            topic=ITSELF,
            status="answered",
            questions={code: listed.get(key, ()) for code, listed in packs.items()},
            answer=dict.fromkeys(packs, ""),
            sources=(),
        )
        for key in keys
    )
