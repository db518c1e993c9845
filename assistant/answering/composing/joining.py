"""Several drafts become one; what is certain and what is not stand under their labels."""

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
