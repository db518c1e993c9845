"""Mends what layout programs do to text: ligatures, soft hyphens, control characters, letter-spaced headings, words
cut at line ends, dot leaders.

What is the same in every language stands here; which words suspend a hyphen or keep it is asked of the language packs.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from assistant.languages import codes, pack

HYPHENS = "-\u2010\u2011\u00ad\u0002\ufffe"
"""Signs that end a cut line: hyphens, and what layout programs and pdfium write for one."""
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u2010": "-", "\u2011": "-"}
)
_BULLET = re.compile(r"^\s*(?:[•▪‣◦●○■□➢➔►✓✔∙·\uf0b7\uf0a7\uf0d8\uf02d]\s*|[–—*\-]\s+)(?=\S)")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SOFT = "[\u00ad\u0002\ufffe]"
_SOFT_INSIDE = re.compile(rf"(?<=\w){_SOFT}(?=\w)")
_SOFT_SUSPENDED = re.compile(rf"(?<=\w){_SOFT}(?=[\s,;.)]|$)")
_LEADER = re.compile(r"\s*(?:(?:\.\s?){4,}|…{2,}|(?:_\s?){4,}|(?:·\s?){4,})\s*")
_CONTENTS_LINE = re.compile(r"^.*?\S\s*(?:(?:\.\s?){4,}|…{2,}|(?:·\s?){4,})\s*(?P<page>\d{1,4}|[ivxlc]{1,6})$")
_SPACED = re.compile(r"^\W*(?:\w[ \u00a0])(?:\w[ \u00a0\-]+){3,}\w\W*$")
_OPEN_ADDRESS = re.compile(r"(?:\S+@\S*|(?:https?://|www\.)\S*)$", re.IGNORECASE)
_ADDRESS_ENDS_OPEN = re.compile(r"(?:[-/.@_=&?%~+#]|://\S{0,3})$")
_ADDRESS_GOES_ON = re.compile(r"^[a-z0-9][\w.-]*\.[a-z]{2,}\b|^[/.@?&=#_]\w")


def clean(text: str) -> str:
    """Without ligatures, soft hyphens, control and invisible characters; white space is left as it is."""
    text = unicodedata.normalize("NFC", text.translate(_LIGATURES))
    text = _SOFT_INSIDE.sub("", _INVISIBLE.sub("", text))
    text = _SOFT_SUSPENDED.sub("-", text)
    return _CONTROLS.sub("", text)


def flat(text: str) -> str:
    """Clean, on one line, and with a blank after a suspended hyphen: "Struktur-und" -> "Struktur- und"."""
    return _missing_blank().sub(r"\1 \2", " ".join(clean(text).split()))


def together(text: str) -> str:
    """A letter-spaced line with its letters together ("K o n t a k t"); any other as it is. Two blanks part words."""
    if not _SPACED.match(text.strip()):
        return text
    words = re.split(r"[ \u00a0]{2,}", text.strip())
    joined = " ".join(re.sub(r"(?<=\w)[ \u00a0](?=\w)", "", word) for word in words)
    alphabetical = len(set(joined)) > 2 and list(joined.upper()) == sorted(joined.upper())
    return text if alphabetical or len(joined) < 5 else joined


def bulleted(line: str) -> str | None:
    """The text after a bullet, None for a line that has none."""
    match = _BULLET.match(line)
    return line[match.end() :].strip() if match else None


def without_contents(lines: Sequence[str], pages: int | None = None) -> list[str]:
    """Without the lines of a table of contents; other dot leaders become a colon.

    Lines with a leader and a number are contents when there are two or more whose numbers rise, none larger than the
    number of pages.
    """
    numbers = [int(m["page"]) if m["page"].isdigit() else 0 for line in lines if (m := _CONTENTS_LINE.match(line))]
    rise = all(a <= b for a, b in itertools.pairwise(numbers))
    fit = pages is None or max(numbers, default=0) <= pages + 20
    contents = fit and rise and (len(numbers) >= 2 or (len(numbers) == 1 and pages is not None))
    return [without_leader(line) for line in lines if not (contents and _CONTENTS_LINE.match(line))]


def without_leader(line: str) -> str:
    """A line with a colon for its dot leader: "Beratung ..... 45 Euro" -> "Beratung: 45 Euro"."""
    match = _LEADER.search(line)
    if not match:
        return line
    before, after = line[: match.start()].rstrip(" :"), line[match.end() :]
    return f"{before}: {without_leader(after)}" if before and after else before or after


def joined_lines(lines: Iterable[str], vocabulary: frozenset[str] = frozenset()) -> str:
    """The lines of one paragraph as text; `vocabulary` are words that stand uncut elsewhere in the document."""
    text = ""
    for line in lines:
        part = line.strip()
        if not part:
            continue
        text = _joined(text, part, vocabulary) if text else part
    return flat(text)


def words_of(lines: Iterable[str]) -> frozenset[str]:
    """The words of a document in small letters, compounds with their hyphens; not those cut at a line's end."""
    found = (clean(line) for line in lines)
    return frozenset(word.lower() for line in found for word in re.findall(r"\w+(?:-\w+)*(?!-)\b", line))


def _joined(text: str, line: str, vocabulary: frozenset[str]) -> str:
    last = text.rsplit(None, 1)[-1]
    if _OPEN_ADDRESS.search(last):
        goes_on = _ADDRESS_ENDS_OPEN.search(clean(last) + ("-" if last[-1] in HYPHENS else "")) or (
            _ADDRESS_GOES_ON.match(line) and "." not in last.rpartition("@")[2].removeprefix("www.")
        )
        if goes_on:
            return f"{text[:-1]}-{line}" if last[-1] in HYPHENS else text + line
    cut = text[-1] in HYPHENS and len(last) > 1 and (last[-2].isalnum() or last[-2] in HYPHENS)
    if not cut:
        return f"{text} {line}"
    stem = text[:-1].rstrip(HYPHENS)
    follows = re.match(r"\w+", line)
    word = follows.group().lower() if follows else ""
    if not word or word in suspending():
        return f"{stem}- {line}"
    before = re.search(r"\w+(?:-\w+)*$", stem)
    return f"{stem}{'-' if before and _keeps_hyphen(before.group(), line, vocabulary) else ''}{line}"


def _keeps_hyphen(before: str, line: str, vocabulary: frozenset[str]) -> bool:
    """Whether the hyphen after `before` is the word's own and not the line's."""
    after = re.match(r"\w+(?:-\w+)*", line)
    rest = after.group() if after else ""
    if rest[:1].isupper() and not before.isupper():
        return True
    if before[-1].isdigit() or len(before) == 1 or (before.isupper() and len(before) <= 5):
        return True
    if f"{before}{rest}".lower() in vocabulary:
        return False
    if f"{before}-{rest}".lower() in vocabulary:
        return True
    return before.lower() in _keeping() or ("-" in before and before.rpartition("-")[2].islower() and before.islower())


@cache
def suspending() -> frozenset[str]:
    """Words before which a hyphen stands for the rest of a word, in all languages."""
    return frozenset(word for code in codes() for word in pack(code).documents["suspends"].split())


@cache
def _keeping() -> frozenset[str]:
    return frozenset(word for code in codes() for word in pack(code).documents["keeps_hyphen"].split())


@cache
def _missing_blank() -> re.Pattern[str]:
    return re.compile(rf"(\w{{2}}-)({'|'.join(sorted(suspending(), key=len, reverse=True))})(?=\.?\s+\w)")
