"""What the corpus check calls an error the assistant would withhold, and what it passes the assistant says."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, SmallCorpus

from assistant.answering.checking import Check, check_draft
from assistant.answering.composing.curated import compose_curated
from assistant.answering.composing.figures import compose_figures
from index.build import build_snapshot
from index.corpus_check import check
from index.embedder import Embedder
from index.findings import errors_of, found, line_of, report_lines
from index.search import SnapshotSearch, open_search
from index.values import Finding, Severity

GERMAN = "---\nid: rules\nlanguage: de\ntitle: Regeln\npublisher: Amt\nas_of: 2025-09-04\n---\n## Aufnahme\n\nDie Aufnahme kostet 5.400 Euro. Die EU zahlt 20 Prozent davon.\n"
SUMMARY = (
    "---\nid: digest\nlanguage: de\ntitle: Auszug 77\npublisher: P\nas_of: 2020\nkind: summary\n"
    "references: {A: {title: Satzung 12, publisher: Verein, as_of: 2024-03-01}}\n---\n## Sitz\n\nDer Verein sitzt in Leipzig.[^A]\n"
)
SOURCE = {"document": "rules", "quote": {"de": "Die Aufnahme kostet 5.400 Euro."}}
QUESTIONS = {"de": ["Was kostet die Aufnahme?", "Wie teuer ist sie?"], "en": ["What is the fee?", "How much is it?"]}
GOOD: dict[str, Any] = {
    "id": "fee",
    "questions": QUESTIONS,
    "answer": {"de": "Die Aufnahme kostet 5.400 Euro. [1]", "en": "Admission costs 5,400 euros. [1]"},
    "sources": [SOURCE],
}


def filled(corpus: SmallCorpus, *entries: dict[str, Any]) -> SmallCorpus:
    corpus.write("documents/rules.md", GERMAN)
    corpus.write("documents/digest.md", SUMMARY)
    corpus.entries(entries)
    return corpus


def of_entries(findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if f.id is not None]


def checks_of(search: SnapshotSearch, identity: str, language: str) -> list[Check]:
    entry = next(e for e in search.entries if e.id == identity)
    today = datetime.date.today().isoformat()
    return check_draft(compose_curated(search, entry, language, today), search)


@pytest.mark.parametrize(
    ("change", "code", "language"),
    [
        ({"answer": {"de": "Die Aufnahme kostet 5.300 Euro. [1]"}}, "unsupported", "de"),
        ({"answer": {"en": "Admission costs 5,300 euros. [1]"}}, "unsupported", "en"),
        ({"answer": {"de": "Die Aufnahme kostet den IHK-Satz. [1]"}}, "unsupported", "de"),
        ({"answer": {"de": "Die Aufnahme ist nicht frei. [1] Das gilt seit 1999."}}, "unsupported", "de"),
        ({"answer": {"de": "Die Aufnahme ist nicht frei. [1][2]"}}, "marker_without_source", "de"),
        ({"must_state": [{"de": "nur mit Ausweis"}]}, "condition_not_said", "de"),
        ({"answer": {"de": "Die Aufnahme kostet. [1] Euro braucht man dafür. [1]"}, "must_state": [{"de": "kostet Euro"}]}, "condition_not_said", "de"),
        (
            {"answer": {"de": "Der Verein sitzt laut Auszug 77 in Leipzig. [1]"}, "sources": [{"document": "digest", "quote": {"de": "Der Verein sitzt in Leipzig."}}]},
            "unsupported", "de",
        ),
    ],
)  # fmt: skip
def test_what_the_assistant_withholds_is_an_error(
    small_corpus: SmallCorpus, change: dict[str, Any], code: str, language: str
) -> None:
    questions = {tongue: QUESTIONS[tongue] for tongue in change.get("answer", QUESTIONS)}
    filled(small_corpus, {**GOOD, "questions": questions, **change})
    assert [f.code for f in errors_of(check(small_corpus.folder))] == [code]
    assert not all(made.holds for made in checks_of(small_corpus.search(), "fee", language))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"answer": {"de": "Sie kostet 5400 Euro, die EU zahlt 20 Prozent. [1]", "en": "It costs 5,400 euros; the EU pays 20 per cent. [1]"}},
        {"answer": {"de": "Stand ist der 4. September 2025. [1]", "en": "As of 4 September 2025. [1]"}},
        {"answer": {"de": "Laut Satzung 12 vom März 2024 in Leipzig. [1]", "en": "In Leipzig, by Satzung 12 of 2024. [1]"}, "sources": [{"document": "digest", "quote": {"de": "Der Verein sitzt in Leipzig."}}]},
        {"answer": {"de": "Sie kostet 5.300 Euro. [1]", "en": "It costs 5,300 euros. [1]"}, "sources": [{"url": "https://example.org", "title": "Aushang"}]},
        {"answer": {"de": "Sie kostet 5.300 Euro. [1] Sonst 5.400 Euro. [2]", "en": "It is 5,300 euros. [1] Else 5,400 euros. [2]"}, "sources": [{"title": "Aushang"}, SOURCE]},
        {"must_state": [{"de": "kostet 5.400 Euro", "en": "costs 5,400 euros"}]},
    ],
)  # fmt: skip
def test_what_the_assistant_says_is_no_error(small_corpus: SmallCorpus, change: dict[str, Any]) -> None:
    filled(small_corpus, {**GOOD, **change})
    assert errors_of(check(small_corpus.folder)) == []
    search = small_corpus.search()
    for language in ("de", "en"):
        assert [made for made in checks_of(search, "fee", language) if not made.holds] == []


def test_a_figure_whose_date_no_source_carries_is_an_error_and_withheld(small_corpus: SmallCorpus) -> None:
    figure = "id: count\ntitle: Zahl\nunit: Euro\nquestions: [Wie viel?]\nvalues: [{{{when}, value: 5400, source: {{document: rules, quote: Die Aufnahme kostet 5.400 Euro.}}}}]\n"
    filled(small_corpus)
    small_corpus.programme(languages=["de"])
    for when, codes in (("date: 2021-12-31", ["unsupported"]), ("period: '2025'", []), ("date: 2025-09-04", [])):
        small_corpus.write("figures/count.yaml", figure.format(when=when))
        assert [f.code for f in errors_of(check(small_corpus.folder))] == codes
        search = small_corpus.search()
        draft = compose_figures(search, search.content.figures[0], "Wie viel?", "de")
        assert all(made.holds for made in check_draft(draft, search)) is not bool(codes)


@pytest.fixture(scope="module")
def musterland(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> SnapshotSearch:
    index = tmp_path_factory.mktemp("musterland")
    built = build_snapshot(
        ROOT / "examples" / "musterland", index, model_id=embedder.model_id, embedder=lambda: embedder
    )
    return open_search(index, built.folder, embedder)


@pytest.mark.parametrize("name", ["corpus", "examples/musterland"])
def test_every_entry_of_our_corpora_passes_and_is_said(
    name: str, shipped_search: SnapshotSearch, musterland: SnapshotSearch
) -> None:
    search = shipped_search if name == "corpus" else musterland
    wrong = {f.id for f in errors_of(check(ROOT / name))}
    withheld = {identity for identity, checks in drafts(search) if not all(made.holds for made in checks)}
    assert (wrong, withheld) == (set(), set())


def drafts(search: SnapshotSearch) -> Iterator[tuple[str, list[Check]]]:
    languages = search.content.programme.languages
    for entry in search.entries:
        for language in languages:
            yield entry.id, checks_of(search, entry.id, language)
    for figure in search.content.figures:
        for language in languages:
            for question in figure.questions.get(language, ()):
                yield figure.id, check_draft(compose_figures(search, figure, question, language), search)


def test_errors_and_advice_are_told_apart(small_corpus: SmallCorpus) -> None:
    past = "2020-01-01"
    german: dict[str, Any] = {"questions": {"de": ["Was?"]}, "answer": {"de": "Das. [1]"}, "sources": [SOURCE]}
    filled(
        small_corpus,
        {"id": "plain", **german},
        {"id": "expired", **german, "questions": {"de": ["Wann?"]}, "valid_until": past},
        {"id": "due", **german, "questions": {"de": ["Wo?", "Wohin?"]}, "review_by": past},
        {"id": "long", **german, "questions": {"de": ["Wie?"]}, "answer": {"de": "Das ist so. " * 50}},
        {"id": "two", **german, "questions": {"de": ["Wer?"]}, "sources": [SOURCE, {"title": "Aushang"}]},
        {"id": "address", **german, "questions": {"de": ["Warum?"]}, "sources": [{"title": "Aushang"}]},
        {"id": "yes", **german, "questions": {"de": ["Darf ich?"]}, "answer": {"de": "Ja. [1]"}},
        {"id": "no", **german, "questions": {"de": ["darf ich"]}, "answer": {"de": "Nein. [1]"}},
        {"id": "again", **german},
        {"id": "lost", **german, "sources": [{"document": "rules", "quote": {"de": "Steht dort nicht."}}]},
    )
    small_corpus.write("documents/note.txt", "Eine Notiz.")
    small_corpus.write("outside.yaml", "de: [Wer?]\n")
    findings = check(small_corpus.folder)
    errors = {(f.id, f.code) for f in errors_of(findings)}
    assert errors == {
        ("expired", "expired"),
        ("no", "contradiction"),
        ("again", "asked_twice"),
        ("lost", "quote_not_found"),
        (None, "asked_outside"),
    }
    advice = {(f.id, f.code) for f in findings if f.severity is Severity.ADVICE}
    assert {
        ("plain", "answer_missing"), ("plain", "phrasings_missing"), ("plain", "one_phrasing"), ("due", "review_passed"),
        ("long", "too_long"), ("two", "source_never_marked"), ("address", "no_quoted_document"), (None, "derived"),
    } <= advice  # fmt: skip
    assert ("due", "one_phrasing") not in advice
    assert ("long", "source_never_marked") not in advice, "one source alone needs no marker"
    lost = next(f for f in findings if f.id == "lost")
    assert (lost.path, lost.field, dict(lost.values)) == (
        "curated/entries.yaml",
        "sources.1.quote.de",
        {"which": "rules", "quote": "Steht dort nicht."},
    )


SHORT = {"de": "Sie kostet 5.400 Euro. [1]", "en": "It costs 5,400 euros. [1]"}
CLAIM: dict[str, Any] = {
    "says": {"de": "sie kostet 5.400 Euro. [1]", "en": "it costs 5,400 euros. [1]"},
    "yes_to": {"de": ["Kostet die Aufnahme etwas?"], "en": ["Is there a fee?"]},
    "no_to": {"de": ["Ist die Aufnahme gratis?"], "en": ["Is admission free?"]},
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"short": SHORT, "claims": [CLAIM]}, []),
        ({"short": {**SHORT, "de": "Sie kostet 5.400 Euro. [2]"}}, [("short.de", "marker_without_source")]),
        ({"short": {**SHORT, "en": "It costs 5,300 euros. [1]"}}, [("short.en", "unsupported")]),
        ({"short": {"de": SHORT["de"]}}, [("short", "short_missing")]),
        ({"claims": [{**CLAIM, "says": {"de": CLAIM["says"]["de"]}}]}, [("claims.1", "short_missing")]),
        (
            {"claims": [CLAIM, {"says": {"de": "sie dauert 7 Tage. [1]", "en": "it takes days. [3]"}, "yes_to": {"de": ["Dauert sie?"]}}]},
            [("claims.2.de", "unsupported"), ("claims.2.en", "marker_without_source")],
        ),
    ],
)  # fmt: skip
def test_short_answers_and_claims_are_checked_like_the_answer(
    small_corpus: SmallCorpus, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    filled(small_corpus, {**GOOD, **change})
    found_there = [(f.field or "", f.code) for f in of_entries(check(small_corpus.folder))]
    assert sorted(found_there) == sorted(expected)


def asking(identity: str, *phrasings: str, says: str = "so ist es. [1]", **claims: list[str]) -> dict[str, Any]:
    """An entry in German whose claims are asked by `yes_to_1`, `no_to_1`, `yes_to_2` …"""
    rows: dict[str, dict[str, Any]] = {}
    for name, questions in claims.items():
        holds, _, number = name.rpartition("_")
        rows.setdefault(number, {"says": {"de": says}})[holds] = {"de": questions}
    row = {"id": identity, "questions": {"de": list(phrasings)}, "answer": {"de": "So. [1]"}, "sources": [SOURCE]}
    return {**row, "claims": list(rows.values())} if rows else row


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        # a phrasing may be a question of a claim of its own entry
        ([asking("a", "Ist das so?", yes_to_1=["Ist das so?"])], []),
        ([asking("a", "Was?", yes_to_1=["Ist das so?"]), asking("b", "Wo?", yes_to_1=["Ist das nun so?"])], []),
        ([asking("a", "Was?", yes_to_1=["Ist das so?"]), asking("b", "ist das so")], [("b", "questions", "asked_twice", "a")]),
        ([asking("a", "Ist das so?"), asking("b", "Was?", no_to_1=["Ist das so?"])], [("b", "claims.1", "asked_twice", "a")]),
        (
            [asking("a", "Was?", yes_to_1=["Ist das so?"]), asking("b", "Wo?", yes_to_1=["Ist das so?"])],
            [("b", "claims.1", "asked_twice", "a")],
        ),
        (
            [asking("a", "Was?", yes_to_1=["Ist das so?"]), asking("b", "Wo?", no_to_1=["Ist das so?"])],
            [("b", "claims.1", "contradiction", "a")],
        ),
        (
            [asking("a", "Was?", yes_to_1=["Ist das so?"], no_to_1=["Ist das so"])],
            [("a", "claims.1", "contradiction", "a")],
        ),
        (
            [asking("a", "Was?", yes_to_1=["Ist das so?"], unknown_to_2=["Ist das so?"])],
            [("a", "claims.2", "contradiction", "a")],
        ),
        ([asking("a", "Was?", yes_to_1=["Eins?"], yes_to_2=["Eins?"])], [("a", "claims.2", "asked_twice", "a")]),
        (
            [{**asking("a", "Ist das so?"), "answer": {"de": "Ja. [1]"}}, asking("b", "Was?", no_to_1=["Ist das so?"])],
            [("b", "claims.1", "contradiction", "a")],
        ),
    ],
)  # fmt: skip
def test_questions_of_claims_are_compared_with_each_other_and_with_phrasings(
    small_corpus: SmallCorpus, entries: list[dict[str, Any]], expected: list[tuple[str, str, str, str]]
) -> None:
    small_corpus.programme(languages=["de"])
    filled(small_corpus, *entries)
    wrong = [(f.id, f.field, f.code, f.values["other"]) for f in errors_of(check(small_corpus.folder))]
    assert wrong == expected


def test_a_question_of_a_claim_that_is_none_of_the_programmes_business_is_an_error(small_corpus: SmallCorpus) -> None:
    small_corpus.programme(languages=["de"])
    filled(small_corpus, asking("a", "Was?", yes_to_1=["Ist das so?"]))
    small_corpus.write("outside.yaml", "de: [Ist das so?]\n")
    assert [(f.code, f.values["other"]) for f in errors_of(check(small_corpus.folder))] == [("asked_outside", "a")]


def test_errors_have_a_line_each_and_advice_a_line_a_kind() -> None:
    findings = [found("one_phrasing", "curated/a.yaml", f"e{n}", "questions", where="de") for n in range(40)]
    findings += [found("derived", "documents/b.txt", field="derived", which="title")]
    findings += [found("unsupported", "curated/a.yaml", f"e{n}", "answer.de", which="7") for n in range(2)]
    assert report_lines(findings) == [
        "curated/a.yaml · e0: answer.de: 7 stands in no quoted passage",
        "curated/a.yaml · e1: answer.de: 7 stands in no quoted passage",
        "advice: 40 × entries with one phrasing only (curated/a.yaml · e0; curated/a.yaml · e1; curated/a.yaml · e2; …)",
        "advice: 1 × documents that do not name title, language, publisher or date themselves (documents/b.txt)",
    ]


def test_a_finding_is_one_line_whatever_it_quotes() -> None:
    assert line_of(found("quote_not_found", "p", "e", "sources.1.quote.de", which="d", quote="It's\ntwo lines")) == (
        "sources.1.quote.de: these words do not stand in 'd': 'It's two lines'"
    )


@pytest.mark.parametrize(("folder", "most"), [("corpus", 0), ("examples/musterland", 1)])
def test_our_corpora_have_no_errors_and_little_advice(folder: str, most: int) -> None:
    findings = check(Path(ROOT / folder))
    assert errors_of(findings) == []
    assert len(report_lines(findings)) <= most
