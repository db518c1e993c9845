"""Lists of questions and answers become entries of a corpus."""

import functools
import http.server
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from support import DATA, PROGRAMME, ROOT

from index.question_lists.cells import missing_answer, phrasings
from index.question_lists.fetch import Refused, fetch, is_public
from index.question_lists.importing import Imported, ImportRefused, import_list

THINGS = "Antrag Zuschuss Beratung Frist Nachweis Gutachten Kredit Vertrag Rechnung Beleg".split()
PLACES = "Bremen Kassel Lübeck Mainz Gotha Trier Emden Fulda Passau Zwickau".split()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "programme.yaml").write_text(yaml.safe_dump(PROGRAMME), encoding="utf-8")
    return folder


def sheets(path: Path, *tables: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for number, rows in enumerate(tables):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(content.getvalue())
    return path


def entries(done: Imported) -> list[dict[str, Any]]:
    return yaml.safe_load(done.path.read_text(encoding="utf-8"))


def note(done: Imported, part: str) -> str:
    found = [line for line in done.notes if part in line]
    assert len(found) == 1, done.notes
    return found[0]


def hundred(path: Path, amount: int = 10) -> Path:
    rows: list[list[Any]] = [
        ["Häufige Fragen zum Programm", None, None, None],
        ["Stand: 14.05.2026"],
        [],
        ["Frage (deutsch)", "Antwort (deutsch)", "Question (English)", "Answer (English)"],
    ]
    for number, (thing, place) in enumerate(((t, p) for t in THINGS for p in PLACES), amount):
        rows.append(
            [
                f"Was gilt in {place} für {thing}?",
                f"In {place} gilt für {thing} die Regel {number}.",
                f"What holds in {place} for {thing}?",
                f"In {place} rule {number} holds for {thing}.",
            ]
        )
    return sheets(path, rows)


def test_a_workbook_with_two_languages_by_column(corpus: Path, tmp_path: Path) -> None:
    done = import_list(str(hundred(tmp_path / "FAQ Liste.xlsx")), corpus)
    assert (done.entries, done.languages, done.notes) == (100, {"de": 100, "en": 100}, ())
    assert done.path == corpus / "curated" / "imported" / "faq-liste.yaml"
    first = entries(done)[0]
    assert first == {
        "id": "was-gilt-in-bremen-fur-antrag",
        "questions": {"de": ["Was gilt in Bremen für Antrag?"], "en": ["What holds in Bremen for Antrag?"]},
        "answer": {
            "de": "In Bremen gilt für Antrag die Regel 10. [1]",
            "en": "In Bremen rule 10 holds for Antrag. [1]",
        },
        "sources": [{"title": "FAQ Liste.xlsx", "publisher": "FAQ Liste.xlsx", "as_of": "2026-05-14"}],
        "as_of": "2026-05-14",
    }


def test_a_second_import_keeps_ids_and_says_what_has_changed(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    head = "Frage,Antwort\n"
    path.write_text(
        f"{head}Was kostet es?,Nichts.\nWo ist das Büro?,In Bonn.\nWer hilft mir?,Die Hotline.\n", encoding="utf-8"
    )
    first = import_list(str(path), corpus)
    ids = [row["id"] for row in entries(first)]
    assert ids == ["was-kostet-es", "wo-ist-das-buro", "wer-hilft-mir"]
    assert not import_list(str(path), corpus).changed
    rows = entries(first)
    rows[0]["review_by"] = "2030-01-01"
    first.path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")
    path.write_text(
        f"{head}Wo finde ich das Büro?,In Bonn.\nWas kostet es?,Es kostet fünf Euro.\nWann ist offen?,Von 9 bis 12 Uhr.\n",
        encoding="utf-8",
    )
    second = import_list(str(path), corpus)
    told = {row["id"]: row for row in entries(second)}
    assert list(told) == ["wo-ist-das-buro", "was-kostet-es", "wann-ist-offen"]
    assert told["was-kostet-es"]["review_by"] == "2030-01-01"
    assert note(second, "changed").startswith("2 ×")
    assert "was-kostet-es: answer" in note(second, "changed")
    assert "wann-ist-offen" in note(second, "1 × new")
    assert "wer-hilft-mir" in note(second, "no longer in the list")


def test_semicolons_in_windows_1252_with_title_rows_sources_and_dates(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [
        "Übersicht;;;;",
        "Nr.;Frage;Antwort;Quelle;Stand",
        '1;"Wie hoch ist der Zuschuß?\nWie viel Geld gibt es?";"Höchstens <b>500</b> €.<br>Siehe <a href=""https://example.org/a"">Merkblatt</a>.";https://example.org/merkblatt;01.02.2026',
        "2;Wer prüft?;Die Prüfstelle [3].;Merkblatt, www.example.org/p;März 2025",
        "3;Wann?;Heute.;;31.02.2026",
    ]
    path.write_bytes("\r\n".join(rows).encode("cp1252"))
    done = import_list(str(path), corpus)
    first, second, third = entries(done)
    assert first["questions"] == {"de": ["Wie hoch ist der Zuschuß?", "Wie viel Geld gibt es?"]}
    assert first["answer"] == {"de": "Höchstens **500** €.\nSiehe [Merkblatt](https://example.org/a). [1]"}
    assert first["sources"][0]["url"] == "https://example.org/merkblatt"
    assert first["as_of"] == "2026-02-01"
    assert second["sources"] == [
        {"title": "Merkblatt", "url": "https://www.example.org/p", "publisher": "list.csv", "as_of": "2025-03"}
    ]
    assert second["answer"] == {"de": "Die Prüfstelle. [1]"}
    assert "as_of" not in third
    assert "31.02.2026" in note(done, "could not be read")


@pytest.mark.parametrize(
    "text", ["folgt", "TBD", "n/a", "…", "-", "siehe oben", "s. o.", "Wird noch ergänzt.", "xxx", "", "to follow", "k. A.", "Die Frist ist TBD.", "[…]", "à compléter", "Siehe Frage 3"]
)  # fmt: skip
def test_placeholders_are_no_answers(text: str) -> None:
    assert missing_answer(text) is not None


@pytest.mark.parametrize("text", ["Ja.", "Nein", "5", "Offen ist das Büro ab 9 Uhr.", "Der Bescheid folgt per Post.", "XXL", "None."])  # fmt: skip
def test_short_answers_are_answers(text: str) -> None:
    assert missing_answer(text) is None


def test_placeholders_are_reported_and_duplicates_joined(corpus: Path, tmp_path: Path) -> None:
    path = sheets(
        tmp_path / "a.xlsx",
        [
            ["Frage", "Antwort", "Question", "Answer"],
            ["Was ist das?", "Ein Programm für Betriebe.", "What is it?", "TBD"],
            ["Wer darf das?", "folgt", "Who may do it?", "see above"],
            ["Was ist das", "Ein Programm für Betriebe.", None, None],
            ["Wie geht es weiter?", None, None, None],
            [None, "Antwort ohne alles andere.", None, None],
        ],
    )
    done = import_list(str(path), corpus)
    (row,) = entries(done)
    assert row["answer"] == {"de": "Ein Programm für Betriebe. [1]"}
    assert row["questions"] == {"de": ["Was ist das?"]}
    assert note(done, "not written yet").startswith("3 ×")
    assert "Was ist das" in note(done, "joined")
    assert "Wie geht es weiter?" in note(done, "without an answer")
    assert note(done, "without a question").startswith("1 ×")


def test_two_sheets_are_paired_by_their_order_and_rows_by_their_id(corpus: Path, tmp_path: Path) -> None:
    german = [["Frage", "Antwort"], ["Wer kann Mitglied werden?", "Jeder Betrieb mit Sitz in der Stadt."], ["Was kostet es?", "TBD"], ["Wo ist das?", "In der Hauptstadt."]]  # fmt: skip
    english = [["Question", "Answer"], ["Who can become a member?", "Any company based in the city."], ["What does it cost?", "Nothing at all."], ["Where is it?", "It is in the capital."]]  # fmt: skip
    done = import_list(str(sheets(tmp_path / "a.xlsx", german, english)), corpus)
    assert [sorted(row["questions"]) for row in entries(done)] == [["de", "en"], ["en"], ["de", "en"]]
    assert entries(done)[2]["answer"] == {"de": "In der Hauptstadt. [1]", "en": "It is in the capital. [1]"}
    assert note(done, "paired by their order").startswith("3 ×")
    path = tmp_path / "b.csv"
    path.write_text(
        "id,language,question,answer\nf-1,DE,Wohin damit?,Dorthin.\nf-2,DE,Warum?,Darum.\nf-1,English,Where to?,There.\n",
        encoding="utf-8",
    )
    rows = entries(import_list(str(path), corpus))
    assert [row["id"] for row in rows] == ["f-1", "f-2"]
    assert rows[0]["answer"] == {"de": "Dorthin. [1]", "en": "There. [1]"}


def test_blocks_of_a_sheet_and_headings_with_more_words(corpus: Path, tmp_path: Path) -> None:
    rows = [
        ["Deutsch"],
        ["Nr.", "Frage des Anrufers", "Antwort", "Antwort geprüft von"],
        [1, "Wer kann einen Antrag stellen?", "Jeder Betrieb im Land.", "Meier"],
        [2, "Was kostet der Antrag?", "Der Antrag ist kostenlos.", "Meier"],
        [],
        ["English"],
        ["No.", "Question", "Answer"],
        [1, "Who can apply for a grant?", "Every company in the country."],
        [2, "What does it cost?", "It is free of charge."],
    ]
    done = import_list(str(sheets(tmp_path / "a.xlsx", rows)), corpus)
    assert [row["answer"] for row in entries(done)] == [
        {"de": "Jeder Betrieb im Land. [1]", "en": "Every company in the country. [1]"},
        {"de": "Der Antrag ist kostenlos. [1]", "en": "It is free of charge. [1]"},
    ]
    assert "Antwort geprüft von" in note(done, "not used")


def test_a_cell_that_leads_to_an_address_is_a_source_with_both(corpus: Path, tmp_path: Path) -> None:
    path = sheets(tmp_path / "a.xlsx", [["Frage", "Antwort", "Quelle"], ["Was ist das?", "Ein Programm.", "Merkblatt"]])
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["C2"].hyperlink = "https://example.org/m"
    book.create_sheet("intern").append(["Frage", "Antwort"])
    book.worksheets[1].append(["Was ist geheim?", "Dies hier."])
    book.worksheets[1].sheet_state = "hidden"
    book.save(path)
    (row,) = entries(import_list(str(path), corpus))
    assert row["sources"] == [{"title": "Merkblatt", "url": "https://example.org/m", "publisher": "a.xlsx"}]


def test_what_runs_is_taken_out(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Frage,Antwort,Quelle\n"
        "Was <script>alert(1)</script>ist das?,\"<img src=x onerror=a()>Gut <a href='javascript:a()'>hier</a>\",\n"
        "Was noch?,[mehr](javascript:alert(2)) dazu,javascript:alert(3)\n",
        encoding="utf-8",
    )
    done = import_list(str(path), corpus)
    assert [row["answer"]["de"] for row in entries(done)] == ["Gut hier [1]", "mehr dazu [1]"]
    assert "script" not in done.path.read_text(encoding="utf-8")


def test_what_another_file_answers_is_left_out(corpus: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("Frage,Antwort\nWas ist das?,Ein Programm.\n", encoding="utf-8")
    other.write_text("Frage,Antwort\nWas ist das?,Etwas anderes.\nWer fragt?,Alle.\n", encoding="utf-8")
    import_list(str(one), corpus)
    done = import_list(str(other), corpus)
    assert [row["id"] for row in entries(done)] == ["wer-fragt"]
    assert "was-ist-das" in note(done, "another file")


DETAILS = """<!doctype html><html lang="de"><head><title>Fragen</title></head><body><nav>Start</nav><main>
<h1>Häufige Fragen</h1><p>Stand: 3. März 2026</p>
<details><summary>Wer kann mitmachen?</summary><p>Alle <strong>Betriebe</strong>, wenn sie:</p>
<ul><li>klein sind</li><li>hier sitzen</li></ul><script>alert(1)</script></details>
<details><summary><h3>Was kostet es?</h3></summary>Nichts.</details>
<h2>Wo finde ich Hilfe?</h2><p>Bei der <a href="https://example.org/h">Hotline</a>.</p><p>Auch samstags.</p>
<dl><dt>Wann ist offen?</dt><dd>Immer.</dd></dl>
<div class="accordion"><button aria-expanded="false" aria-controls="a1">Wie lange dauert es?</button>
<div id="a1" style="height:0"><p>Drei Wochen.</p></div></div>
</main></body></html>"""


def test_a_page_with_details_headings_definitions_and_an_accordion(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "seite.html"
    path.write_text(DETAILS, encoding="utf-8")
    done = import_list(str(path), corpus)
    answers = {row["questions"]["de"][0]: row["answer"]["de"] for row in entries(done)}
    assert answers == {
        "Wer kann mitmachen?": "Alle **Betriebe**, wenn sie:\n\n- klein sind\n- hier sitzen [1]",
        "Was kostet es?": "Nichts. [1]",
        "Wann ist offen?": "Immer. [1]",
        "Wie lange dauert es?": "Drei Wochen. [1]",
        "Wo finde ich Hilfe?": "Bei der [Hotline](https://example.org/h). [1]\n\nAuch samstags. [1]",
    }
    assert {row["as_of"] for row in entries(done)} == {"2026-03-03"}


def faq_page() -> str:
    asked = [
        {"@type": "Question", "name": "Who can apply?", "acceptedAnswer": {"@type": "Answer", "text": "<p>Any firm.</p><ul><li>small</li><li>large</li></ul>"}},
        {"@type": "Question", "name": "What is the deadline?", "acceptedAnswer": {"@type": "Answer", "text": "TBA"}},
    ]  # fmt: skip
    data = json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "FAQPage", "mainEntity": asked}]})
    return f'<html lang="en"><head><title>Help</title><script type="application/ld+json">{data}</script></head><body><main><p>Hi.</p></main></body></html>'


def test_structured_data(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "faq.html"
    path.write_text(faq_page(), encoding="utf-8")
    done = import_list(str(path), corpus)
    (row,) = entries(done)
    assert row["answer"] == {"en": "Any firm. [1]\n\n- small\n- large [1]"}
    assert "What is the deadline?" in note(done, "not written yet")


def test_lines_of_a_cell_are_phrasings_unless_they_go_on() -> None:
    assert phrasings("Wie hoch ist\nder Zuschuss?\n- Wie viel gibt es?") == [
        "Wie hoch ist der Zuschuss?",
        "Wie viel gibt es?",
    ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "faq.html").write_text(faq_page(), encoding="utf-8")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "http://10.0.0.1/faq.html")
                self.end_headers()
                return
            super().do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_only_public_addresses_are_read(site: str, corpus: Path) -> None:
    with pytest.raises(ImportRefused, match="private address"):
        import_list(f"{site}/faq.html", corpus)
    done = import_list(f"{site}/faq.html", corpus, allowed=lambda ip: ip == "127.0.0.1")
    assert entries(done)[0]["sources"] == [{"title": "Help", "url": f"{site}/faq.html", "publisher": "Help"}]
    with pytest.raises(Refused, match=r"10\.0\.0\.1 is a private address"):
        fetch(f"{site}/away", lambda ip: ip == "127.0.0.1")
    with pytest.raises(Refused, match="status 404"):
        fetch(f"{site}/none", lambda ip: ip == "127.0.0.1")
    for url in ("file:///etc/passwd", "ftp://example.org/a", "http://user:word@example.org/"):
        with pytest.raises(Refused):
            fetch(url)


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.1.1", "169.254.169.254", "::1", "::ffff:192.168.0.1", "fd00::1", "0.0.0.0", "224.0.0.1", "100.64.0.1", "64:ff9b::a00:1"])  # fmt: skip
def test_private_addresses(ip: str) -> None:
    assert not is_public(ip)


def test_files_that_are_no_list_say_so(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,Ort\nA,B\n", encoding="utf-8")
    with pytest.raises(ImportRefused, match="holds no list of questions"):
        import_list(str(path), corpus)
    with pytest.raises(ImportRefused, match="is no file"):
        import_list(str(tmp_path / "none.csv"), corpus)


def app(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        check=False,
    )


def test_three_commands_from_a_list_to_an_answer(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text(
        "Frage;Antwort;Question;Answer\n"
        "Wie hoch ist der Zuschuss für eine Beratung?;Der Zuschuss beträgt höchstens 500 Euro.;"
        "How much is the grant for advice?;The grant is at most 500 euros.\n"
        "Wo stelle ich den Antrag?;Den Antrag stellen Sie im Portal.;"
        "Where do I apply?;You apply on the portal.\n"
        "Wer prüft?;folgt;Who checks?;TBD\n",
        encoding="utf-8",
    )
    done = app("import-questions", str(path), "--corpus", str(corpus))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "2 entries (2 in de, 2 in en)" in done.stderr
    checked = app("check-corpus", "--corpus", str(corpus))
    assert checked.returncode == 0, checked.stdout
    index = str(tmp_path / "index")
    settings = {"CLUSTERLOTSE_DATA": str(tmp_path / "data"), "CLUSTERLOTSE_EMBEDDING_MODEL": "bundled"}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(DATA / "models")
    built = app("index", "--corpus", str(corpus), "--to", index, "--strict", **settings)
    assert built.returncode == 0, built.stderr
    asked = app("ask", "Wie hoch ist der Zuschuss für eine Beratung?", "--index", index, "--json", **settings)
    answer = json.loads(asked.stdout)
    assert (answer["status"], answer["mode"]) == ("answered", "curated"), answer
    assert "500 Euro" in answer["text"]
    assert answer["sources"][0]["title"] == "faq.csv"


def test_a_folder_without_programme_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("Frage,Antwort\nWas?,Das.\n", encoding="utf-8")
    done = app("import-questions", str(path), "--corpus", str(tmp_path))
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "programme.yaml is missing; it needs name, hotline" in line
