"""A text with several questions is taken apart into single ones."""

import re

_WH = r"(?:was|wer|wie|wo|wann|warum|wieso|welche[rsnm]?|wofür|womit|woher|wohin|what|who|how|where|when|why|which)"
_VERB = (
    r"(?:kann|können|muss|müssen|darf|dürfen|gibt|ist|sind|kostet|kosten|dauert|braucht|zahlt|gilt|gelten|hat|haben|läuft|wird|werden|soll|bekomm\w*|"
    r"can|do|does|is|are|must|may(?!\s+\d)|will|did|has|have|would|should)"
)
"""Verbs that begin a question; "May 2025" begins none."""
_BEGINS = re.compile(rf"(?:{_WH}|{_VERB})\b", re.IGNORECASE)
_JOINT = re.compile(
    rf"\s*((?:,?\s+(?:und|and|sowie|außerdem|also)|[;,])\s+)(?=(?:auch |noch |außerdem |also )?(?:{_WH}|{_VERB})\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"(?:\W*(?:und|and|also|ok|so)\W+)?(?:{_WH}|{_VERB}|(?:\W*\w+\W+){{1,4}}?{_WH})\b", re.IGNORECASE)
_SUBORDINATE = re.compile(rf"{_WH}\b(?!\W+(?:\w+\W+){{0,1}}?{_VERB}\b.*\w)", re.IGNORECASE)
_ELLIPTIC = re.compile(
    r"(?:\W*(?:und|and|or|oder)\W+)?(?!was\s+für\b|what\s+for\b)(?:was|what|wie|how|welche[rsnm]?|which)(?:\s+(?:viele?|many|much|lange|long|oft|often|teuer|hoch))?"
    r"\s+(?:bei|beim|für|fürs|for|mit|ohne|with|without)\s+(?:[^\W\d][\w-]*\s*){1,3}\W*$",
    re.IGNORECASE,
)
"""Asks the same of something else: "… und wie viele bei Gold?" is no question of its own. Years are: their figures are looked up one by one."""
MOST_PARTS = 3


def asks(text: str) -> bool:
    """Whether a text has a question word or verb of its own: "Und wie lange?" has, "Und wenn jemand vorbeikommt?" has none."""
    return bool(_ASKS.match(text))


def split_question(question: str) -> list[str]:
    """The single questions in a text; what is no question stays with the one after it."""
    sentences = [s.strip() for s in re.findall(r"[^?!]+[?!]*", question) if s.strip(" ?!.")]
    parts: list[str] = []
    lead = ""
    for sentence in sentences:
        if sentence.endswith("?") and parts and not lead and _ELLIPTIC.match(sentence):
            parts[-1] += f" {sentence}"
        elif sentence.endswith("?"):
            parts.append(f"{lead} {sentence}".strip())
            lead = ""
        else:
            lead = f"{lead} {sentence}".strip()
    if lead and not parts:
        parts = [lead]
    whole: list[str] = []
    for part in parts:
        pieces = _pieces(part)
        if any(len(piece.split()) < 2 for piece in pieces) or len(pieces[0].split()) < 3:
            pieces = [part]
        whole += pieces
    cleaned = [p.strip(" ,;") for p in whole if len(re.findall(r"\w+", p)) >= 2 or p.endswith("?")]
    return cleaned[:MOST_PARTS] if len(cleaned) > 1 else [question]


def sentences_of(text: str) -> list[str]:
    """The sentences of a short text as people type it."""
    return [s for part in re.split(r"(?<=[.!?])\s+", text) if (s := part.strip())]


def _pieces(part: str) -> list[str]:
    """A part at its joints, where what stands before each joint asks something by itself; "I have X, can I …?" has none."""
    if not part.endswith("?") and not _BEGINS.match(part):
        return [part]
    pieces: list[str] = []
    begin = 0
    for joint in _JOINT.finditer(part):
        before, after = part[begin : joint.start()].strip(), part[joint.end() :]
        # "Does it say how …", "Where do I see, which …" ask one thing
        asked_about = joint.group(1).strip() == "," and _SUBORDINATE.match(after)
        if _ASKS.match(before) and not asked_about and not _ELLIPTIC.match(after):
            pieces.append(before)
            begin = joint.end()
    return [*pieces, part[begin:].strip()]
