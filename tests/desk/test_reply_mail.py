"""The e-mail that is copied at the desk: the caller's question, each source once, the signature."""

import pytest

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.desk.reply_mail import own_question, reply_mail


def source(marker: int, title: str, as_of: str | None = None) -> Source:
    return Source(
        marker, "d", title, "Amt", None, "https://example.org/a", None, as_of, "de", "summary", f"Zitat {marker}"
    )


def test_a_mail_quotes_the_question_and_names_each_source_once() -> None:
    sources = (source(1, "Flyer"), source(2, "Meldung", "2025-09-04"), source(3, "Flyer"))
    draft = Draft(AnswerMode.CURATED, AnswerStatus.ANSWERED, "", sources, None)
    mail = reply_mail(
        "Wer kann Mitglied werden?",
        "**Jeder** Cluster. [1] Auch Ihrer. [2] [3]",
        draft,
        "de",
        "Hotline Probe\\n+49 30 1234567",
    )
    assert "„Wer kann Mitglied werden?“" in mail
    assert mail.count("Flyer") == 1
    assert (
        "[1], [3] Flyer, Amt, ohne Datum\n    https://example.org/a\n[2] Meldung, Amt, Stand: 4. September 2025" in mail
    )
    assert mail.endswith("Mit freundlichen Grüßen\nHotline Probe\n+49 30 1234567")


@pytest.mark.parametrize(
    ("typed", "question"),
    [("wer kann mitglied werden", "Wer kann mitglied werden?"), ("Was kostet  das Silber-Label?", "Was kostet das Silber-Label?"), ("can we apply from vienna", "Can we apply from vienna?"),
     ("Unser Netzwerk sitzt in Salzburg. Geht das?", "Unser Netzwerk sitzt in Salzburg. Geht das?"), ("seit wann gibt es das", "Seit wann gibt es das?"),
     ("silber label dauer", ""), ("kosten silber label", ""), ("hotline", ""), ("wer kann", ""), ("", "")],
)  # fmt: skip
def test_a_typed_question_is_quoted_and_keywords_are_not(typed: str, question: str) -> None:
    assert own_question(typed, ("de", "en")) == question
