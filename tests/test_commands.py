"""The commands as people and scripts call them."""

import json
from pathlib import Path

import jsonschema
import pytest
from support import Command, SmallCorpus, json_lines

STATUSES = "answered partial clarify declined_out_of_scope declined_no_evidence declined_personal_data declined_unsafe declined_unreadable handover smalltalk error_model error_index error_busy".split()
SOURCE = {"marker", "document", "title", "publisher", "heading", "url", "page", "as_of", "language", "kind", "quote"}
ANSWER_SCHEMA = {
    "type": "object",
    "required": ["answer_id", "conversation", "code", "status", "mode", "language", "text", "more", "missing", "entry", "sources", "as_of", "suggestions", "options", "handover", "notice", "timings_ms"],
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "string", "minLength": 1} for name in ("answer_id", "conversation", "text", "notice")},
        **{name: {"type": ["string", "null"]} for name in ("code", "more", "missing", "entry", "as_of")},
        "status": {"enum": STATUSES},
        "mode": {"enum": ["curated", "figures", "quoted", "selected", "generated", "fixed"]},
        "language": {"enum": ["de", "en"]},
        "sources": {"type": "array", "items": {"type": "object", "required": sorted(SOURCE), "additionalProperties": False, "properties": {key: {} for key in SOURCE}}},
        "suggestions": {"type": "array"}, "options": {"type": "array"}, "handover": {"type": ["object", "null"]}, "timings_ms": {"type": "object", "required": ["total"]},
    },
}  # fmt: skip


def test_ask_prints_one_answer_as_json_and_nothing_else(command: Command) -> None:
    done = command("ask", "--json", "Wer kann sich um eine Mitgliedschaft bewerben?")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, ANSWER_SCHEMA)
    assert answer["status"] == "answered"
    assert answer["code"] is None
    assert "Deutschland" in answer["text"]


def test_ask_explains_candidates_decision_and_checks(command: Command) -> None:
    out = command("ask", "--explain", "Wie viele Indikatoren hat das Gold-Label?").stdout
    for part in (
        "verdict: answer",
        "probability",
        "threshold",
        "labels-gold-indicators",
        "check: numbers and names stand in their source: holds",
    ):
        assert part in out


def test_batches_answer_turn_by_turn_search_and_decide(command: Command, tmp_path: Path) -> None:
    conversations = tmp_path / "turns.jsonl"
    rows = [
        {"id": 1, "turns": ["Was ist das Silber-Label?", "", "x" * 2100, "Auch mit Gold?"]},
        {"id": "b", "turns": ["Who runs the programme?"], "language": "en"},
    ]
    conversations.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    done = command("ask", "--batch", str(conversations))
    first, second = json_lines(done.stdout)
    assert [a["status"] for a in first["answers"]][1:3] == ["declined_unreadable", "declined_unreadable"]
    assert len({a["conversation"] for a in first["answers"]}) == 1
    assert second["id"] == "b"
    for answer in [*first["answers"], *second["answers"]]:
        jsonschema.validate(answer, ANSWER_SCHEMA)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        '{"id": "s", "text": "Wie viele Indikatoren hat das Gold-Label?"}\n{"id": "w", "text": "What will the weather be tomorrow?"}\n',
        encoding="utf-8",
    )
    found = json_lines(command("search", "--batch", str(questions), "--k", "5").stdout)
    assert found[0]["hits"][0]["document"] == "labels-gold-indicators"
    assert all(len({h["document"] for h in row["hits"]}) == len(row["hits"]) == 5 for row in found)
    decided = json_lines(command("decide", "--batch", str(questions)).stdout)
    assert decided[0]["status"] == "answered"
    assert decided[0]["answerable"] > 0.9 > 0.3 > decided[1]["answerable"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", ""], "the question is empty"),
        (["ask", "Was?", "--language", "fr"], "language must be one of de, en, got 'fr'"),
        (["ask", "--batch", "no-such-file"], "no-such-file cannot be read"),
        (["ask", "Was?", "--index", "no-such-folder"], "no index at no-such-folder"),
        (["index", "--corpus", "no-such-folder"], "no corpus folder at no-such-folder"),
        (["search", "--batch", "README.md"], "README.md, line 1: is not JSON"),
        (["serve", "--port", "99999"], "--port"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(command: Command, arguments: list[str], said: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named(command: Command) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = command("serve", "--port", str(port))
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_an_unknown_model_and_a_wrong_setting_are_named(command: Command) -> None:
    model = command("index", "--to", "var/never", CLUSTERLOTSE_EMBEDDING_MODEL="no/such-model")
    assert model.returncode == 2
    assert "no/such-model" in model.stderr.splitlines()[-1]
    setting = command("ask", "Was?", CLUSTERLOTSE_PORT="seven")
    assert setting.returncode == 2
    assert "CLUSTERLOTSE_PORT" in setting.stderr


def test_index_reports_and_is_strict_on_wish(command: Command, small_corpus: SmallCorpus, tmp_path: Path) -> None:
    small_corpus.write("documents/a.md", "---\nlanguage: de\n---\nEin Satz.\n")
    small_corpus.write("documents/b.md", "---\nodd: 1\n---\nEin Satz.\n")
    arguments = [
        "index",
        "--corpus",
        str(small_corpus.folder),
        "--to",
        str(small_corpus.index),
        "--report",
        str(tmp_path / "report.json"),
    ]
    assert command(*arguments).returncode == 0
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert {r["path"]: r["status"] for r in report["documents"]} == {
        "documents/a.md": "indexed",
        "documents/b.md": "rejected",
    }
    assert command(*arguments, "--strict").returncode == 1


def test_the_shipped_corpus_has_no_findings(command: Command) -> None:
    done = command("check-corpus")
    assert (done.returncode, done.stdout) == (0, "")


def test_findings_name_file_entry_and_field(command: Command, small_corpus: SmallCorpus) -> None:
    small_corpus.write(
        "documents/a.md",
        "---\nid: a\nlanguage: de\ntitle: A\npublisher: P\nas_of: null\n---\nDer Kurs kostet 5 Euro. Ohne Quelle.\n",
    )
    entry = {
        "questions": {"de": ["Was?", "Was denn?", "Wie?"]},
        "answer": {"de": "Ja, 7 Euro. [1][2]"},
        "sources": [{"document": "a", "quote": {"de": "Der Kurs kostet 5 Euro."}}],
        "must_state": [{"de": "im Rathaus"}],
    }
    small_corpus.entries([{"id": "one", **entry}, {"id": "two", **entry, "answer": {"de": "Nein. [1]"}}])
    out = command("check-corpus", "--corpus", str(small_corpus.folder)).stdout
    for said in (
        "one: answer.de: marker [2] has no source",
        "7 stands in no quoted passage",
        "'im Rathaus' is not said",
        "'Was?' is asked by one too, and the answers contradict each other",
        "advice: 2 × answers not in every language of the programme (curated/entries.yaml · one; curated/entries.yaml · two)",
    ):
        assert said in out


def test_advice_alone_does_not_fail(command: Command, small_corpus: SmallCorpus) -> None:
    entry = {"id": "one", "questions": {"de": ["Was?"]}, "answer": {"de": "Das."}, "sources": [{"title": "Aushang"}]}
    small_corpus.entries([entry])
    done = command("check-corpus", "--corpus", str(small_corpus.folder))
    assert (done.returncode, [line.split(":")[0] for line in done.stdout.splitlines()]) == (0, ["advice"] * 4)
    assert "0 error(s)" in done.stderr


def test_every_setting_is_documented() -> None:
    from assistant.settings import Settings

    example = (Path(__file__).parents[1] / ".env.example").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"CLUSTERLOTSE_{name.upper()}=" in example, name


def test_records_that_cannot_be_opened_are_one_line_with_the_remedy(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite"
    file.write_bytes(bytes(range(256)) * 32)
    for arguments in (("serve", "--port", "7999"), ("staff", "list"), ("forget",)):
        done = command(*arguments, CLUSTERLOTSE_DATA=str(tmp_path), CLUSTERLOTSE_DATABASE_URL=f"sqlite:///{file}")
        assert done.returncode == 2
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith(f"error: the records database {file} is not a SQLite database; move it away")
        assert "Traceback" not in done.stderr
