"""Several drafts become one; what is certain and what is not stand under their labels."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.answering.checking import MARKER
from assistant.answering.composing.sources import oldest
from assistant.answering.replies import reply


def join_drafts(drafts: Sequence[Draft], unknown: Sequence[str], language: str) -> Draft:
    """One draft of several parts, markers renumbered; `unknown` are the parts of the question without an answer."""
    texts: list[str] = []
    sources: list[Source] = []
    for draft in drafts:
        offset = len(sources)
        texts.append(MARKER.sub(lambda m, offset=offset: f"[{int(m.group(1)) + offset}]", draft.text))
        sources += [replace(s, marker=s.marker + offset) for s in draft.sources]
    missing = [d.missing for d in drafts if d.missing] + [reply("part_unknown", language, part=part.rstrip(" ?.!")) for part in unknown]
    modes = {d.mode for d in drafts}
    mode = modes.pop() if len(modes) == 1 else AnswerMode.QUOTED if modes == {AnswerMode.QUOTED} else AnswerMode.CURATED
    status = AnswerStatus.PARTIAL if missing else AnswerStatus.ANSWERED
    dates = [d.as_of for d in drafts if d.as_of]
    as_of = min(dates) if dates and len(drafts) > 1 else drafts[0].as_of if drafts else oldest(sources)
    return Draft(mode, status, "\n\n".join(texts), tuple(sources), as_of, missing=" ".join(missing) or None, entry=drafts[0].entry)


def shown_text(draft: Draft, language: str) -> str:
    """The text as people see it: a partial answer has two visible parts."""
    if draft.status is not AnswerStatus.PARTIAL or not draft.missing:
        return draft.text
    certain, unknown = reply("certain", language), reply("not_known", language)
    gap = "\n\n" if draft.text.lstrip().startswith("- ") else " "
    return f"**{certain}:**{gap}{draft.text}\n\n**{unknown}:** {draft.missing}"


_QUESTION_WORD = r"(?:was|wer|wie|wo|wann|warum|wieso|welche[rsnm]?|wofür|womit|woher|wohin|kann|können|muss|müssen|darf|dürfen|gibt|ist|sind|kostet|kosten|dauert|braucht|zahlt|gilt|gelten|hat|haben|läuft|wird|werden|soll|bekomm\w*|what|who|how|where|when|why|which|can|do|does|is|are|must|may|will|did|has|have|would|should)"
_JOINT = re.compile(rf"\s*((?:,?\s+(?:und|and|sowie|außerdem|also)|[;,])\s+)(?=(?:auch |noch |außerdem |also )?{_QUESTION_WORD}\b)", re.IGNORECASE)
_WH = r"(?:was|wer|wie|wo|wann|warum|wieso|welche[rsnm]?|wofür|womit|woher|wohin|what|who|how|where|when|why|which)"
_ASKING = re.compile(rf"^(?:\W*(?:und|and|also|ok|so)\W+)?(?:{_QUESTION_WORD}|(?:\W*\w+\W+){{1,4}}?{_WH})\b", re.IGNORECASE)
_YES_NO = re.compile(r"^\W*(?:hat|haben|sagt|steht|weiß|wissen|gibt|kann|können|ist|sind|wird|werden|do|does|did|has|have|is|are|can|could|will)\b", re.IGNORECASE)
_VERB = r"(?:ist|sind|kann|können|muss|müssen|darf|dürfen|gibt|kostet|kosten|dauert|gilt|hat|haben|wird|werden|soll|bekomm\w*|can|do|does|is|are|must|may|will|did|has|have|would|should)"
_SUBORDINATE = re.compile(rf"^{_WH}\b(?!\W+(?:\w+\W+){{0,1}}?{_VERB}\b.*\w)", re.IGNORECASE)
_MONTH = re.compile(r"^May\s+\d")
MOST_PARTS = 3


def split_question(question: str) -> list[str]:
    """The single questions in a text; what is no question stays with the one after it."""
    sentences = [s.strip() for s in re.findall(r"[^?!]+[?!]*", question) if s.strip(" ?!.")]
    parts: list[str] = []
    lead = ""
    for sentence in sentences:
        if sentence.endswith("?"):
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


def _pieces(part: str) -> list[str]:
    """A part at its joints, where what stands before each joint asks something by itself: "I have X, can I …?" and "May 2025" are no joints."""
    if not part.endswith("?") and not re.match(_QUESTION_WORD + r"\b", part, re.IGNORECASE):
        return [part]
    pieces: list[str] = []
    begin = 0
    for joint in _JOINT.finditer(part):
        before, after = part[begin : joint.start()].strip(), part[joint.end() :]
        comma = joint.group(1).strip() in (",", ";")
        asked_about = comma and _YES_NO.match(before) and _SUBORDINATE.match(after)
        if _ASKING.match(before) and not asked_about and not _MONTH.match(after):
            pieces.append(before)
            begin = joint.end()
    return [*pieces, part[begin:].strip()]
