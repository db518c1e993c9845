"""Staff, gaps, entries, take-over, counts and the switch, on both databases."""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy import text as sql

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.values import Turn
from assistant.records.audit import AuditLog
from assistant.records.counting import CountBook, class_ms, time_class
from assistant.records.entries import AskedAgain, EntryBook, EntryError, EvaluationQuestion
from assistant.records.forgetting import forget_daily
from assistant.records.gaps import Examined, GapBook
from assistant.records.staff import IDLE, LONGEST, Role, StaffBook, StaffError
from assistant.records.store import Records
from assistant.records.switch import Switch
from assistant.records.takeover import MISSES_EACH, TakeOver, TooManyCodes

PASSWORD = "ein langes Passwort"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 11, 4, 12, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += datetime.timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staff(engine: Engine, clock: Clock) -> StaffBook:
    book = StaffBook(engine, now=clock, hasher=QUICK)
    book.add("anna", Role.EDITOR, PASSWORD, "test")
    return book


def embed(texts: Sequence[str]) -> Any:
    """A vector a first word: texts that begin alike mean the same."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[sum(text.split()[0].encode()) % 64] = 1.0
    return rows


def cause(examined: Examined) -> str | None:
    return "rated" if examined.rated == "down" else "declined" if examined.status == "declined_no_evidence" else None


@pytest.fixture
def gaps(engine: Engine, clock: Clock) -> GapBook:
    return GapBook(engine, cause=cause, alike=0.9, now=clock)


@pytest.fixture
def records(engine: Engine, clock: Clock) -> Records:
    return Records(engine, now=clock)


def ask(
    records: Records,
    question: str,
    status: AnswerStatus = AnswerStatus.NO_EVIDENCE,
    *,
    within: str | None = None,
    standalone: str = "",
    topic: str | None = None,
) -> Answer:
    answer = Answer(status, AnswerMode.FIXED, "de", "Text", "Hinweis", timings_ms={"total": 12.0})
    return records.remember(
        within, Turn(question, standalone or question, "de", status.value, topic, None, 0.4, 0.5), answer
    )


# -- staff -----------------------------------------------------------------------------------------------------------


def test_a_session_holds_for_the_right_password_only(staff: StaffBook) -> None:
    assert staff.sign_in("anna", "falsch" * 3, "1.2.3.4").token is None
    token = staff.sign_in("anna", PASSWORD, "1.2.3.4").token
    found = staff.signed_in(token)
    assert found is not None
    assert (found.name, found.role) == ("anna", Role.EDITOR)
    assert token is not None
    staff.sign_out(token)
    assert staff.signed_in(token) is None
    assert staff.signed_in("x" * 43) is None


def test_every_sign_in_has_a_new_token(staff: StaffBook) -> None:
    assert staff.sign_in("anna", PASSWORD, "a").token != staff.sign_in("anna", PASSWORD, "a").token


@pytest.mark.parametrize(("steps", "alive"), [((50, 50, 50), True), ((61,), False), ((50,) * 13, False)])
def test_a_session_ends_idle_and_after_a_working_day(
    staff: StaffBook, clock: Clock, steps: tuple[int, ...], alive: bool
) -> None:
    token = staff.sign_in("anna", PASSWORD, "a").token
    found = None
    for minutes in steps:
        clock.pass_time(minutes=minutes)
        found = staff.signed_in(token)
    assert (found is not None) == alive
    assert datetime.timedelta(minutes=60) == IDLE
    assert datetime.timedelta(hours=10) == LONGEST


def test_five_failures_lock_an_account_for_a_growing_time(staff: StaffBook, clock: Clock) -> None:
    waits = [staff.sign_in("anna", "falsch", f"10.0.0.{n}").wait_seconds for n in range(5)]
    assert waits == [0, 0, 0, 0, 60]
    assert staff.sign_in("anna", PASSWORD, "10.0.0.9").token is None
    clock.pass_time(seconds=61)
    assert staff.sign_in("anna", "falsch", "10.0.0.10").wait_seconds == 120
    clock.pass_time(seconds=121)
    assert staff.sign_in("anna", PASSWORD, "10.0.0.11").token is not None
    assert staff.sign_in("anna", "falsch", "10.0.0.12").wait_seconds == 0


def test_five_failures_lock_an_address_and_unknown_names_behave_alike(staff: StaffBook) -> None:
    waits = [staff.sign_in(f"nobody {n}", "falsch", "10.0.0.1").wait_seconds for n in range(5)]
    assert waits[-1] == 60
    assert staff.sign_in("anna", PASSWORD, "10.0.0.1").token is None
    assert staff.sign_in("anna", PASSWORD, "10.0.0.2").token is not None
    assert [staff.sign_in("ghost", "falsch", f"10.1.0.{n}").wait_seconds for n in range(5)][-1] == 60


def test_disabling_and_a_new_password_end_sessions(staff: StaffBook) -> None:
    token = staff.sign_in("anna", PASSWORD, "a").token
    staff.change_password("anna", PASSWORD + "2", "test")
    assert staff.signed_in(token) is None
    token = staff.sign_in("anna", PASSWORD + "2", "a").token
    staff.disable("anna", "test")
    assert staff.signed_in(token) is None
    assert staff.sign_in("anna", PASSWORD + "2", "a").token is None
    with pytest.raises(StaffError, match="at least 12"):
        staff.add("kurz", Role.AGENT, "kurz", "test")
    with pytest.raises(StaffError, match="at least 12"):
        staff.add("leer", Role.AGENT, "", "test")


def test_the_provider_vouches_only_for_accounts_without_a_password(staff: StaffBook) -> None:
    staff.add("dora", Role.AGENT, None, "test")
    assert staff.sign_in_known("dora") is not None
    assert staff.sign_in_known("anna") is None


# -- gaps ------------------------------------------------------------------------------------------------------------


def test_gaps_group_count_and_show_a_trend(records: Records, gaps: GapBook, clock: Clock) -> None:
    ask(records, "Parkplatz am Haus?")
    assert gaps.collect(embed) == 1
    clock.pass_time(days=7)
    for text in ("Parkplatz kostenlos?", "Parkplatz wo?", "Hund erlaubt?"):
        ask(records, text)
    ask(records, "Fertig beantwortet", AnswerStatus.ANSWERED)
    assert gaps.collect(embed) == 4
    first, second = gaps.gaps()
    assert (first.asked, second.asked) == (3, 1)
    assert first.weeks[-2:] == (1, 2)
    assert first.trend == 1
    assert gaps.collect(embed) == 0


def test_a_follow_up_is_shown_as_typed_with_what_was_before_and_grouped_by_its_meaning(
    records: Records, gaps: GapBook
) -> None:
    first = ask(records, "silber preis", AnswerStatus.ANSWERED, topic="Was kostet das Silber-Label?").conversation
    ask(records, "Und für Gold?", within=first, standalone="Was kostet das Silber-Label? für Gold?")
    ask(records, "Was kostet ein Mittagessen?")
    ask(records, "Wie repariere ich denn nun meine alte Waschmaschine?", within=first)
    ask(records, "Und Bronze?", within=first, standalone="Was kostet das Bronze-Label?")
    gaps.collect(embed)
    found = {q.typed: (q.text, q.context, g.id) for g in gaps.gaps() for q in g.questions}
    assert found["Und für Gold?"][:2] == ("Was kostet das Silber-Label? für Gold?", "Was kostet das Silber-Label?")
    assert found["Und Bronze?"][1] is not None
    assert found["Und für Gold?"][2] == found["Was kostet ein Mittagessen?"][2] == found["Und Bronze?"][2], (
        "grouped by the completed text"
    )
    assert found["Wie repariere ich denn nun meine alte Waschmaschine?"][1] is None
    (gap,) = [g for g in gaps.gaps() if g.asked == 3]
    assert gap.texts()[0] == "Was kostet ein Mittagessen?"
    assert [q.typed for q in gap.different()] == ["Und Bronze?", "Was kostet ein Mittagessen?", "Und für Gold?"]


def test_nobody_waits_while_texts_are_embedded(records: Records, gaps: GapBook, engine: Engine) -> None:
    ask(records, "Parkplatz am Haus?")
    held: list[int] = []

    def slow(texts: Sequence[str]) -> Any:
        held.append(engine.pool.checkedout())  # type: ignore[attr-defined] - of a pool that counts
        ask(records, "Parkplatz inzwischen?")
        return embed(texts)

    assert gaps.collect(slow) == 1
    assert held == [0], "a connection was held while texts were embedded"
    assert gaps.collect(embed) == 1
    assert [g.asked for g in gaps.gaps()] == [2]


def test_two_that_collect_at_once_count_everything_once(
    records: Records, gaps: GapBook, engine: Engine, clock: Clock
) -> None:
    kept = ask(records, "Parkplatz am Haus?")
    records.rate(kept.answer_id, "down", None, None)
    ask(records, "Hund erlaubt?")
    other = GapBook(engine, cause=cause, alike=0.9, now=clock)
    seen: list[int] = []

    def overtaken(texts: Sequence[str]) -> Any:
        seen.append(other.collect(embed))
        return embed(texts)

    assert gaps.collect(overtaken) == 0
    assert seen == [3]
    assert [g.asked for g in gaps.gaps()] == [1, 1]
    counts = {(c.kind, c.key): c.count for c in CountBook(engine).since(datetime.date(2026, 11, 1))}
    assert counts["status", "declined_no_evidence"] == 2
    assert counts["rating", "down"] == 1


def test_a_bad_rating_makes_a_gap_once(records: Records, gaps: GapBook) -> None:
    kept = ask(records, "Beitrag hoch?", AnswerStatus.ANSWERED)
    gaps.collect(embed)
    assert gaps.gaps() == []
    for _ in range(2):
        records.rate(kept.answer_id, "down", "wrong", None)
        gaps.collect(embed)
    assert [(g.asked, g.questions[0].cause) for g in gaps.gaps()] == [(1, "rated")]


def test_a_dismissed_gap_counts_on_but_stays_closed(records: Records, gaps: GapBook, engine: Engine) -> None:
    ask(records, "Wetter morgen?")
    gaps.collect(embed)
    number = gaps.gaps()[0].id
    assert gaps.dismiss(number, "out_of_scope", "anna")
    assert not gaps.dismiss(number, "out_of_scope", "anna")
    ask(records, "Wetter heute?")
    gaps.collect(embed)
    assert gaps.gaps() == []
    assert gaps.gaps("dismissed")[0].asked == 2
    assert gaps.reopen(number, "anna")
    assert gaps.count("open") == 1
    assert [e.action for e in AuditLog(engine).newest()] == ["gap.open", "gap.dismissed"]


def test_merging_joins_questions_and_counts(records: Records, gaps: GapBook) -> None:
    for text in ("Parkplatz?", "Parkplatz da?", "Stellplatz?"):
        ask(records, text)
    gaps.collect(embed)
    numbers = [g.id for g in gaps.gaps()]
    assert gaps.merge(numbers, "anna") == numbers[0]
    (gap,) = gaps.gaps()
    assert (gap.asked, len(gap.questions), gap.weeks[-1]) == (3, 3, 3)
    assert gaps.merge([gap.id], "anna") is None


# -- entries ---------------------------------------------------------------------------------------------------------


def approved(engine: Engine, clock: Clock, gap: int | None = None) -> EntryBook:
    book = EntryBook(engine, now=clock)
    number = book.save("parking", {"id": "parking"}, "anna", gap=gap)
    book.submit("parking", "anna")
    book.approve(
        "parking", number, "bert", [EvaluationQuestion("parking", "de", "Parkplatz?", ("answered",), (), "desk")]
    )
    return book


def test_nobody_approves_what_they_wrote_or_submitted(engine: Engine) -> None:
    book = EntryBook(engine)
    book.save("e", {}, "anna", new=True)
    book.submit("e", "carla")
    for name in ("anna", "carla"):
        with pytest.raises(EntryError, match="same_person"):
            book.approve("e", 1, name, [])
    book.approve("e", 1, "bert", [])
    assert list(book.live()) == ["e"]
    with pytest.raises(EntryError, match="taken"):
        book.save("e", {}, "anna", new=True)


def test_a_rejected_version_goes_back_with_a_comment_and_versions_stay(engine: Engine) -> None:
    book = EntryBook(engine)
    book.save("e", {"text": "eins"}, "anna")
    book.submit("e", "anna")
    book.reject("e", 1, "bert", "Bitte die Zahl belegen")
    found = book.entry("e")
    assert found is not None
    assert (found.state, found.note) == ("rejected", "Bitte die Zahl belegen")
    assert book.save("e", {"text": "zwei"}, "anna") == 2
    assert book.content("e", 1) == {"text": "eins"}
    assert [s.action for s in book.steps("e")] == ["draft", "rejected", "submitted", "draft"]
    with pytest.raises(EntryError, match="state"):
        book.approve("e", 2, "bert", [])


def test_the_revision_rises_with_what_answers(engine: Engine, clock: Clock) -> None:
    book = approved(engine, clock)
    assert book.revision() == 1
    book.save("parking", {"id": "parking", "new": True}, "anna")
    assert book.live() == {"parking": {"id": "parking"}}
    assert book.suspend("parking", 1, "Zitat geändert")
    assert not book.suspend("parking", 1, "noch einmal")
    assert (book.revision(), book.live()) == (2, {})
    assert book.evaluation_questions() == []


def test_approval_answers_the_gap_and_keeps_the_questions(
    engine: Engine, clock: Clock, records: Records, gaps: GapBook
) -> None:
    ask(records, "Parkplatz da?")
    gaps.collect(embed)
    number = gaps.gaps()[0].id
    book = approved(engine, clock, gap=number)
    found = gaps.gap(number)
    assert found is not None
    assert (found.state, found.entry) == ("answered", "parking")
    assert [q.text for q in book.evaluation_questions()] == ["Parkplatz?"]
    book.keep_asked_again("parking", 1, [AskedAgain("Parkplatz?", "de", "answered", "parking")])
    assert book.asked_again("parking", 1)[0].answered_by == "parking"


def test_ticked_questions_of_drafts_are_forgotten_and_approved_ones_outlive_later_edits(
    engine: Engine, clock: Clock
) -> None:
    def question(*texts: str) -> list[EvaluationQuestion]:
        return [EvaluationQuestion("e", "de", t, ("answered",), (), "desk") for t in texts]

    row = {"questions": {"de": ["Phrasing"]}}
    book = EntryBook(engine, now=clock)
    book.save("e", {"row": row, "kept": [{"language": "de", "text": "Ticked"}]}, "anna")
    assert book.content("e", 1) == {"row": row}
    book.submit("e", "anna")
    book.approve("e", 1, "bert", question("Phrasing", "Ticked"))
    book.save(
        "e", {"row": {"questions": {"de": ["Other"]}}, "kept": [{"language": "de", "text": "Draft only"}]}, "anna"
    )
    assert [k["text"] for e in book.entries() for k in e.content["kept"]] == ["Draft only"]
    clock.pass_time(days=40)
    forget_daily(engine, clock.now.date(), 30)
    assert [e.content["kept"] for e in book.entries()] == [[]]
    book.submit("e", "anna")
    book.approve("e", 2, "bert", question("Other"))
    assert [q.text for q in book.evaluation_questions()] == ["Other", "Ticked"]


def test_an_entry_of_a_merged_gap_answers_the_target(
    engine: Engine, clock: Clock, records: Records, gaps: GapBook
) -> None:
    for words in ("Parkplatz eins?", "Parkplatz zwei?", "Stellplatz?"):
        ask(records, words)
    gaps.collect(embed)
    target, other = (g.id for g in gaps.gaps())
    book = EntryBook(engine, now=clock)
    book.save("e", {}, "anna", gap=other)
    gaps.merge([target, other], "anna")
    book.submit("e", "anna")
    book.approve("e", 1, "bert", [])
    found = gaps.gap(target)
    assert found is not None
    assert (found.state, found.entry) == ("answered", "e")


def test_only_the_version_that_was_refused_is_suspended(engine: Engine, clock: Clock) -> None:
    book = approved(engine, clock)
    book.save("parking", {"id": "parking", "new": True}, "anna")
    book.submit("parking", "anna")
    book.approve("parking", 2, "bert", [])
    assert not book.suspend("parking", 1, "Zitat geändert")
    assert list(book.live()) == ["parking"]


def test_drafts_and_suspended_entries_can_be_withdrawn(engine: Engine, clock: Clock) -> None:
    book = approved(engine, clock)
    book.suspend("parking", 1, "Zitat geändert")
    book.save("draft", {}, "anna")
    for identity in ("parking", "draft"):
        assert book.withdraw(identity, "–", "anna")
        assert not book.withdraw(identity, "–", "anna")
    assert {e.state for e in book.entries()} == {"withdrawn"}


def test_a_save_on_an_outdated_version_is_refused(engine: Engine) -> None:
    book = EntryBook(engine)
    book.save("e", {"text": "eins"}, "anna")
    book.save("e", {"text": "zwei"}, "bert", base=1)
    with pytest.raises(EntryError, match="state"):
        book.save("e", {"text": "drei"}, "anna", base=1)


# -- take-over
# -----------------------------------------------------------------------------------------------------------------


def test_a_code_opens_its_conversation_for_a_day(engine: Engine, clock: Clock, records: Records) -> None:
    kept = ask(records, "Parkplatz?")
    take_over = TakeOver(engine, now=clock)
    assert kept.code is not None
    opened = take_over.open(kept.code.lower().replace("-", " "), "anna")
    assert opened is not None
    assert (opened.turns[0].question, opened.turns[0].probability) == ("Parkplatz?", 0.4)
    assert take_over.note(kept.code, "solved", "Herr M., erika@example.org, 0170 1234567", "anna")
    opened = take_over.open(kept.code, "anna")
    assert opened is not None
    assert opened.outcomes[0][1] == "Herr M., ▒▒▒, ▒▒▒"
    clock.pass_time(hours=25)
    assert take_over.open(kept.code, "anna") is None
    assert not take_over.note(kept.code, "solved", "", "anna")


def test_guessing_codes_is_stopped_and_logged(engine: Engine, clock: Clock, records: Records) -> None:
    kept = ask(records, "Parkplatz?")
    assert kept.code is not None
    take_over = TakeOver(engine, now=clock)
    for _ in range(MISSES_EACH):
        assert take_over.open("AAAA-AAAA", "anna") is None
    with pytest.raises(TooManyCodes):
        take_over.open(kept.code, "anna")
    with pytest.raises(TooManyCodes):
        take_over.note(kept.code, "solved", "", "anna")
    assert take_over.open(kept.code, "bert") is not None
    clock.pass_time(minutes=16)
    assert take_over.open(kept.code, "anna") is not None
    log = AuditLog(engine, now=clock)
    assert log.count("code.miss", datetime.timedelta(days=1)) == MISSES_EACH
    assert log.count("code.refused", datetime.timedelta(days=1)) == 2


# -- forgetting, counts, switch --------------------------------------------------------------------------------------


def test_texts_are_forgotten_and_counts_stay(
    engine: Engine, clock: Clock, records: Records, gaps: GapBook, tmp_path: Path
) -> None:
    kept = ask(records, "Rumpelstilzchen parkt?")
    records.rate(kept.answer_id, "down", None, "Rumpelstilzchen meint")
    gaps.collect(embed)
    entries = EntryBook(engine, now=clock)
    entries.save("e", {}, "anna")
    entries.keep_asked_again("e", 1, [AskedAgain("Rumpelstilzchen parkt?", "de", "answered", "e")])
    uncounted = ask(records, "Rumpelstilzchen zum Zweiten")
    clock.pass_time(days=40)
    assert forget_daily(engine, clock.now.date(), 30) == 2
    assert forget_daily(engine, clock.now.date(), 30) is None
    assert not records.rate(uncounted.answer_id, "up", None, None)
    (gap,) = gaps.gaps()
    assert (gap.asked, gap.questions) == (1, ())
    counts = {(c.kind, c.key): c.count for c in CountBook(engine).since(datetime.date(2026, 11, 1))}
    assert counts["status", "declined_no_evidence"] == 2
    assert counts["rating", "down"] == 1
    assert not any(b"Rumpelstilzchen" in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_forgetting_is_tried_again_while_somebody_reads_the_file(
    engine: Engine, clock: Clock, records: Records
) -> None:
    ask(records, "Rumpelstilzchen parkt?")
    clock.pass_time(days=40)
    with engine.connect().execution_options(reads=True) as reader:
        reader.execute(sql("SELECT count(*) FROM turn"))
        first = forget_daily(engine, clock.now.date(), 30)
    assert (first is None) == (engine.dialect.name == "sqlite")
    assert (forget_daily(engine, clock.now.date(), 30) is None) == (engine.dialect.name != "sqlite")


def test_classes_of_time_are_close_to_the_time() -> None:
    for ms in (0.5, 7.0, 80.0, 2500.0):
        assert class_ms(time_class(ms)) == pytest.approx(ms, rel=0.1)


def test_the_switch_pauses_with_a_notice_and_is_logged(engine: Engine, clock: Clock) -> None:
    switch = Switch(engine, now=clock)
    assert switch.notice("de") is None
    switch.turn(True, {"de": "Wir sind gleich zurück."}, "chef")
    assert (switch.notice("de"), switch.notice("en")) == ("Wir sind gleich zurück.", "Wir sind gleich zurück.")
    assert Switch(engine).state().paused
    switch.turn(False, {}, "chef")
    assert switch.notice("de") is None
    assert [e.action for e in AuditLog(engine).newest()] == ["switch.resume", "switch.pause"]


def test_nul_characters_are_left_out(records: Records) -> None:
    kept = ask(records, "Park\0platz?")
    assert records.rate(kept.answer_id, "down", "x\0", "a\0b")
    assert not records.rate("a\0", "down", None, None)
    assert records.turns("a\0") is None
    assert kept.conversation is not None
    assert [t.question for t in records.turns(kept.conversation) or ()] == ["Parkplatz?"]


def test_what_looks_personal_is_masked_before_it_is_stored(records: Records) -> None:
    token = ask(records, "Rufen Sie 030 / 123 45 67 an oder DE89 3704 0044 0532 0130 00").conversation
    turns = records.turns(token)
    assert turns is not None
    assert turns[0].question == "Rufen Sie ▒▒▒ an oder ▒▒▒"
