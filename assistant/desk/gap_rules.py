"""Which answers leave a gap: declined, unsure, or rated down."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.answering.answer import AnswerMode, AnswerStatus
from assistant.records.gaps import Examined

_NEVER = {
    AnswerStatus.PERSONAL_DATA,
    AnswerStatus.UNSAFE,
    AnswerStatus.UNREADABLE,
    AnswerStatus.SMALLTALK,
    AnswerStatus.HANDOVER,
}


@dataclass(frozen=True, slots=True)
class GapRules:
    """The rules, with the numbers of gaps.yaml."""

    unsure_margin: float
    near_subject: float
    alike: float
    near_duplicate: float

    def cause(self, examined: Examined) -> str | None:
        """`declined`, `unsure` or `rated`; None for a question that leaves no gap."""
        if not examined.question.strip() or examined.status in {s.value for s in _NEVER}:
            return None
        if examined.rated is not None:
            return "rated" if examined.rated == "down" else None
        probability, threshold = examined.probability or 0.0, examined.threshold or 0.0
        # an approved "nobody knows" is an answer, unless a part of the question was not answered at all
        known = examined.mode == AnswerMode.CURATED.value and probability >= threshold
        if examined.status == AnswerStatus.NO_EVIDENCE.value and not known:
            return "declined"
        if examined.status == AnswerStatus.OUT_OF_SCOPE.value:
            return "declined" if probability >= self.near_subject else None
        if (
            examined.status in (AnswerStatus.ANSWERED.value, AnswerStatus.NO_EVIDENCE.value)
            and examined.probability is not None
            and probability - threshold < self.unsure_margin
        ):
            return "unsure"
        return None


@cache
def gap_rules() -> GapRules:
    """The rules as they are stored."""
    values: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "gaps.yaml").read_text(encoding="utf-8"))
    return GapRules(**values)
