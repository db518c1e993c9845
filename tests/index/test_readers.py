"""Every format is read, and every faulty file is one clear line that stops nothing else."""

import csv
import datetime
import io
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from support import SmallCorpus
from three_languages import three_languages

from index.readers import document_id, read_corpus
from index.readers.text import text_blocks
from index.values import Corpus, CorpusError

GOOD = "---\nid: good\nlanguage: de\n---\n# Titel\n\n## Antrag\n\nDer Antrag kostet nichts.[^A] Er ist formlos.\n"


def words(corpus: Corpus, identity: str) -> str:
    document = next(d for d in corpus.documents if d.id == identity)
    return " ".join(block for section in document.sections for block in section.blocks)


def minimal_pdf(text: str) -> bytes:
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length " + str(len(stream)).encode() + b">>stream\n" + stream + b"\nendstream", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + content + b"endobj\n"
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined] - each of the libraries' documents has it
    return buffer.getvalue()


def test_markdown_keeps_headings_lists_tables_and_front_matter(small_corpus: SmallCorpus) -> None:
    small_corpus.write(
        "documents/a.md",
        GOOD + "\n- erster Punkt\n- zweiter Punkt\n\n| Stufe | Preis |\n|---|---|\n| Bronze | 10 Euro |\n",
    )
    document = read_corpus(small_corpus.folder).documents[0]
    assert (document.id, document.title, document.kind) == ("good", "Titel", "summary")
    assert document.sections[0].heading == ("Antrag",)
    assert "- erster Punkt" in document.sections[0].blocks
    assert "Bronze | 10 Euro" in document.sections[0].blocks


def test_every_other_format_is_read(small_corpus: SmallCorpus) -> None:
    word = docx.Document()
    word.add_heading("Gebühren", 1)
    word.add_paragraph("Die Gebühr beträgt 12 Euro.")
    word.add_table(1, 2).rows[0].cells[0].text = "Zelle"
    slides = pptx.Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Ablauf", "Zuerst der Antrag."
    book = openpyxl.Workbook()
    book.active.append(["Stufe", "Preis"])
    book.active.append(["Silber", 3620])
    small_corpus.write("documents/brief.docx", saved(word))
    small_corpus.write("documents/folien.pptx", saved(slides))
    small_corpus.write("documents/preise.xlsx", saved(book))
    small_corpus.write(
        "documents/seite.html",
        "<html lang=de><head><title>Seite</title></head><body><article><h1>Seite</h1><p>Der Verein hat seinen Sitz in Berlin und berät Netzwerke aus ganz Deutschland.</p></article></body></html>",
    )
    small_corpus.write("documents/flyer.pdf", minimal_pdf("Das Programm hilft Netzwerken."))
    small_corpus.write("documents/flyer.pdf.yaml", "title: Flyer\npublisher: Amt\nas_of: 2019\n")
    small_corpus.write("documents/notiz.txt", "Erste Zeile.\n\nZweiter Absatz.")
    corpus = read_corpus(small_corpus.folder)
    assert not corpus.rejections
    assert "12 Euro" in words(corpus, "brief")
    assert "Zelle" in words(corpus, "brief")
    assert "Zuerst der Antrag." in words(corpus, "folien")
    assert "Stufe: Silber; Preis: 3620" in words(corpus, "preise")
    assert "Sitz in Berlin" in words(corpus, "seite")
    assert "Das Programm hilft Netzwerken." in words(corpus, "flyer")
    assert "Zweiter Absatz." in words(corpus, "notiz")
    flyer = next(d for d in corpus.documents if d.id == "flyer")
    assert (flyer.title, flyer.publisher, flyer.as_of, flyer.kind, flyer.pages) == (
        "Flyer",
        "Amt",
        "2019",
        "original",
        1,
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("documents/b.md", "---\nid: b\ncolour: red\n---\nText.", "colour: unknown field"),
        ("documents/empty.pdf", minimal_pdf(""), "holds no text"),
        ("documents/nothing.pdf", b"", "is empty"),
        ("documents/broken.pdf", b"%PDF-1.4 broken", "is no readable PDF"),
        ("documents/binary.md", bytes(range(256)) * 20, "binary content"),
        ("documents/broken.docx", b"PK\x03\x04 broken", "cannot be read as DOCX"),
        ("documents/z-second.md", "---\nid: good\n---\nNoch ein Text.", "is taken by documents/a.md"),
        ("documents/date.md", "---\nas_of: gestern\n---\nText.", "as_of: is no date"),
        ("documents/picture.jpeg", b"\xff\xd8", "unknown format .jpeg"),
        ("curated/x.yaml", "- id: x\n  questions: {de: [Was?]}\n  answer: {de: Das.}\n  sources: [{document: nowhere, quote: {de: Das.}}]", "no document has the id 'nowhere'"),
        ("curated/x.yaml", "- id: x\n  questions: {de: [Was?]}\n  answer: {de: Das.}\n  sources: [{document: good, quote: {de: Der Antrag kostet viel.}}]", "these words do not stand in 'good'"),
        ("curated/x.yaml", "- id: x\n  questions: {de: [Was?]}\n  answer: {de: Das.}\n", "sources: mandatory field is missing"),
        ("curated/x.yaml", "- id: x\n  id: y\n", "stands twice"),
        ("curated/x.csv", "question,reply\nWas?,Das.\n", "unknown column"),
        ("outside.yaml", "xx: [Quoi?]\n", "xx: no language 'xx' is known"),
        ("outside.yaml", "de: Was?\n", "de: "),
        ("figures/f.yaml", "id: f\ntitle: T\nunit: U\nquestions: [Wie viel?]\nvalues: [{value: 3, source: {url: 'https://example.org'}}]", "exactly one of date, period and undated"),
    ],
)  # fmt: skip
def test_faulty_input_is_one_line_and_stops_nothing(
    small_corpus: SmallCorpus, name: str, content: str | bytes, said: str
) -> None:
    small_corpus.write("documents/a.md", GOOD)
    small_corpus.write(name, content)
    corpus = read_corpus(small_corpus.folder)
    assert [d.id for d in corpus.documents] == ["good"]
    assert len(corpus.rejections) == 1
    reason = corpus.rejections[0].reason
    assert said in reason
    assert "\n" not in reason


def test_tables_hold_one_entry_a_row(small_corpus: SmallCorpus) -> None:
    small_corpus.write(
        "curated/faq.csv",
        "question,answer,language,source,as_of\nWas ist das?,Eine Probe.,de,https://example.org,2020\nWhat?,A test.,en,Leaflet,\nNo source?,No.,en,,\n",
    )
    corpus = read_corpus(small_corpus.folder)
    assert [(e.id, e.sources[0].url, e.sources[0].title) for e in corpus.entries] == [
        ("faq-1", "https://example.org", None),
        ("faq-2", None, "Leaflet"),
    ]
    assert corpus.rejections[0].id == "faq-3"


SHEET = {
    "two languages a row": [
        ["question_de", "answer_de", "question_en", "answer_en", "source", "as_of", "question_de_2"],
        ["Was kostet es?", "Nichts.", "What does it cost?", "Nothing.", "https://example.org", "2025-09-04", "Wie teuer ist es?"],
    ],
    "one id in two rows": [
        ["id", "language", "question", "answer", "source", "as_of"],
        ["faq-1", "de", "Was kostet es?\nWie teuer ist es?", "Nichts.", "https://example.org", "2025-09-04"],
        ["faq-1", "en", "What does it cost?", "Nothing.", "https://example.org", "2025-09-04"],
    ],
    "columns for further phrasings": [
        ["id", "question", "question_2", "answer", "question_en", "answer_en", "source", "as_of"],
        ["faq-1", "Was kostet es?", "Wie teuer ist es?", "Nichts.", "What does it cost?", "Nothing.", "https://example.org", "2025-09-04"],
    ],
}  # fmt: skip


def as_csv(rows: list[list[str]], delimiter: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue().encode()


def as_xlsx(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([datetime.date.fromisoformat(c) if c.startswith("2025-") else c for c in row])
    return saved(book)


@pytest.mark.parametrize("shape", SHEET)
@pytest.mark.parametrize("kind", [",", ";", ".xlsx"])
def test_tables_hold_several_languages_and_phrasings(small_corpus: SmallCorpus, shape: str, kind: str) -> None:
    rows = SHEET[shape]
    table = as_xlsx(rows) if kind == ".xlsx" else as_csv(rows, kind)
    small_corpus.write(f"curated/faq{kind if kind == '.xlsx' else '.csv'}", table)
    corpus = read_corpus(small_corpus.folder)
    assert corpus.rejections == ()
    entry = corpus.entries[0]
    assert len(corpus.entries) == 1
    assert entry.questions == {"de": ("Was kostet es?", "Wie teuer ist es?"), "en": ("What does it cost?",)}
    assert (entry.id, dict(entry.answer), entry.as_of) == ("faq-1", {"de": "Nichts.", "en": "Nothing."}, "2025-09-04")
    assert [(s.url, s.as_of) for s in entry.sources] == [("https://example.org", "2025-09-04")]


def test_an_answer_with_a_semicolon_does_not_part_a_table_with_commas(small_corpus: SmallCorpus) -> None:
    small_corpus.write("curated/faq.csv", 'question,answer,source\nWas?,"Das; und das, ja.",Blatt\n')
    assert read_corpus(small_corpus.folder).entries[0].answer == {"de": "Das; und das, ja."}


def test_an_entry_without_a_source_rests_on_the_default_publisher(small_corpus: SmallCorpus) -> None:
    small_corpus.programme(defaults={"publisher": "Amt", "as_of": "2026-03-01"})
    bare: dict[str, object] = {"questions": ["Was?"], "answer": "Das."}
    small_corpus.entries(
        [
            {"id": "bare", **bare},
            {"id": "dated", **bare, "as_of": 2020},
            {"id": "undated", **bare, "as_of": None},
            {"id": "named", **bare, "sources": [{"title": "Aushang"}]},
            {"id": "sourced", **bare, "sources": [{"title": "Aushang", "as_of": 2019}]},
        ]
    )
    small_corpus.write("curated/table.csv", "question,answer\nWie?,So.\n")
    corpus = read_corpus(small_corpus.folder)
    assert corpus.rejections == ()
    assert {e.id: e.as_of for e in corpus.entries} == {
        "bare": "2026-03-01",
        "dated": "2020",
        "undated": None,
        "named": "2026-03-01",
        "sourced": None,
        "table-1": "2026-03-01",
    }
    source = corpus.entries[0].sources[0]
    assert (source.title, source.publisher, source.as_of, source.document) == ("Amt", "Amt", "2026-03-01", None)
    assert corpus.entries[3].sources[0].title == "Aushang"


def test_without_a_default_publisher_a_source_is_mandatory_and_the_remedy_is_named(small_corpus: SmallCorpus) -> None:
    small_corpus.programme(defaults={"as_of": "2026-03-01"})
    small_corpus.entries([{"id": "bare", "questions": ["Was?"], "answer": "Das."}])
    reason = read_corpus(small_corpus.folder).rejections[0].reason
    assert reason.startswith("sources: mandatory field is missing")
    assert "defaults of programme.yaml" in reason


@pytest.mark.parametrize(("hotline", "ways"), [({"phone": "+49 30 1"}, "phone"), ({"email": "a@b.org"}, "email")])
def test_a_hotline_has_a_phone_or_an_email(small_corpus: SmallCorpus, hotline: dict[str, str], ways: str) -> None:
    small_corpus.programme(hotline=hotline)
    found = read_corpus(small_corpus.folder).programme.hotline
    assert {"phone": found.phone, "email": found.email} == {"phone": "", "email": "", **hotline}
    assert found.ways == ways
    small_corpus.programme(hotline={"hours": "nie"})
    with pytest.raises(CorpusError, match="neither a phone nor an email"):
        read_corpus(small_corpus.folder)


def test_without_a_programme_there_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"programme\.yaml is missing"):
        read_corpus(tmp_path)


def test_ids_follow_the_path() -> None:
    assert document_id("Sub Folder/My File.PDF") == "sub-folder-my-file"


def test_words_split_at_line_ends_are_joined() -> None:
    assert text_blocks("Das Grundgeset-\nzes gilt für alle\nund überall.".split("\n")) == [
        "Das Grundgesetzes gilt für alle und überall.",
    ]


def test_a_language_that_no_file_names_is_guessed_among_those_of_the_programme(small_corpus: SmallCorpus) -> None:
    french = "La procédure est gratuite et le réseau décide de la demande.\n"
    small_corpus.programme(languages=["en", "de", "fr"])
    small_corpus.write("documents/a.txt", french)
    small_corpus.write("documents/b.txt", "Der Antrag ist kostenlos, und über ihn wird beraten.\n")
    small_corpus.write("documents/c.txt", "The application is free and the network decides.\n")
    small_corpus.write("documents/d.txt", "2019 2020 2021\n")
    assert [d.language for d in read_corpus(small_corpus.folder).documents] == ["fr", "de", "en", "en"]
    small_corpus.programme(languages=["de"])
    assert {d.language for d in read_corpus(small_corpus.folder).documents} == {"de"}


def test_every_language_with_a_pack_is_read_and_its_numbers_are_written_its_way(small_corpus: SmallCorpus) -> None:
    corpus = read_corpus(three_languages(small_corpus).folder)
    assert not corpus.rejections
    assert corpus.programme.languages == ("de", "en", "fr")
    assert sorted(d.language for d in corpus.documents) == ["de", "en", "fr"]
    assert list(corpus.entries[0].answer) == ["de", "en", "fr"]
    assert corpus.figures[0].values[0].value == {"de": "12.345,5", "en": "12,345.5", "fr": "12\u202f345,5"}
    assert {page.language for page in corpus.pages} == {"de", "en", "fr"}


def test_a_language_without_a_pack_is_named(small_corpus: SmallCorpus) -> None:
    small_corpus.write("documents/a.md", GOOD.replace("language: de", "language: xx"))
    small_corpus.write("curated/x.yaml", "- {id: x, questions: {xx: [Quo]}, answer: {xx: a}, sources: [{title: t}]}\n")
    reasons = [rejection.reason for rejection in read_corpus(small_corpus.folder).rejections]
    assert len(reasons) == 2
    assert all("no language 'xx' is known; known are de, en, fr" in reason for reason in reasons)
    small_corpus.programme(languages=["de", "xx"])
    with pytest.raises(CorpusError, match=r"languages\.1: no language 'xx' is known"):
        read_corpus(small_corpus.folder)


def test_a_page_without_a_language_in_its_name_is_in_the_programmes_first(small_corpus: SmallCorpus) -> None:
    small_corpus.programme(languages=["en", "de"])
    small_corpus.write("pages/imprint.md", "# Imprint\n\nText.\n")
    assert [page.language for page in read_corpus(small_corpus.folder).pages] == ["en"]
