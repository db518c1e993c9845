"""What stands in a cell: no answer yet, several phrasings, a date, markers."""

import re
from collections.abc import Sequence
from functools import cache

from assistant.languages import codes, pack
from index.readers.dates import in_the_future, iso_of, stated_in

_MARKER = re.compile(r"[ \t]*\[(\d{1,2})\](?!\()")
_LISTED = re.compile(r"^(?:[-*•]\s+|\(?\d{1,2}[.)]\s+|[a-z]\)\s+)")
_QUESTION_ENDS = ("?", "!", ".")


def missing_answer(text: str) -> str | None:
    """The kind of note when a text is no answer: `empty`, `placeholder`, `unfinished`; None when it is one."""
    if not text.strip():
        return "empty"
    bare = " ".join(re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.lower()))
    if not bare or _placeholder().fullmatch(bare):
        return "placeholder"
    return "unfinished" if _unfinished().search(text) else None


@cache
def _placeholder() -> re.Pattern[str]:
    return re.compile("|".join(pack(code).question_lists["placeholder"] for code in codes()), re.IGNORECASE)


@cache
def _unfinished() -> re.Pattern[str]:
    listed = "|".join(pack(code).question_lists["unfinished"] for code in codes())
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)|(?<!\?)\?{{3,}}|_{{4,}}|\[\s*(?:…|\.\.\.)\s*\]", re.IGNORECASE)


def phrasings(text: str) -> list[str]:
    """The phrasings in a cell: one a line; a line that only goes on is joined to the one before it."""
    found: list[str] = []
    for line in (re.sub(r"\*\*|^#+\s*", "", _LISTED.sub("", part.strip())).strip() for part in text.splitlines()):
        if not line:
            continue
        if found and not found[-1].endswith(_QUESTION_ENDS) and line[:1].islower():
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found


def date_of(text: str, languages: Sequence[str]) -> tuple[str | None, str | None]:
    """The date in a cell as ISO, and the kind of note when there is one that can't be taken."""
    if not text.strip() or missing_answer(text):
        return None, None
    date = iso_of(text, languages) or next(stated_in(text), None)
    if date is None:
        return None, "unreadable_date"
    return (None, "future_date") if in_the_future(date) else (date, None)


def marked(answer: str, sources: int) -> tuple[str, bool]:
    """The answer with markers of its sources alone, [1] behind each paragraph where it has none; and whether markers
    had to be taken out."""
    kept = _MARKER.sub(lambda m: m.group() if 1 <= int(m.group(1)) <= sources else "", answer)
    lost = kept != answer
    if _MARKER.search(kept):
        return kept, lost
    parts = re.split(r"\n{2,}", kept.strip())
    told = (
        p if p.endswith(":") or (len(parts) > 1 and p.startswith("**") and p.endswith("**")) else f"{p} [1]"
        for p in parts
    )
    text = "\n\n".join(told)
    return (text if _MARKER.search(text) else f"{text} [1]"), lost
