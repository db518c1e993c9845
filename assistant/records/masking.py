"""Masks what looks like mail addresses, phone numbers and account numbers before a text is stored.

Visitors' questions with such data are refused before they come here; this catches what was written otherwise, and
agents' notes.
"""

import re

MASK = "▒▒▒"
_PATTERNS = (
    re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE),
    re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}\b"),
    re.compile(r"(?<![\w.,-])(?:\+|00|0)\d[\d /().-]{5,}\d"),
    re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)"),
)


def masked(text: str) -> str:
    """The text with a mask in place of each, and without NUL, which PostgreSQL does not store."""
    text = text.replace("\0", "")
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text
