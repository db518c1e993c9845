"""Files that are damaged, huge, hostile or misnamed: each is one clear reason, in time, and takes no other with it."""

import time
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from papers import column, packed, pdf, saved, word, workbook
from support import SmallCorpus

from index.readers import read_corpus
from index.readers.blocks import Hints, Unreadable
from index.readers.sandbox import FileParser
from index.values import Corpus

GOOD = "---\nid: good\nlanguage: de\n---\nDer Antrag ist formlos.\n"
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = word("<w:p><w:r><w:t>Der Antrag ist formlos und kostet nichts.</w:t></w:r></w:p>")
WORD_PARTS = {name: ZipFile(BytesIO(WORD)).read(name) for name in ZipFile(BytesIO(WORD)).namelist()}
BOOK = saved(workbook([["Haus", "Plätze"], ["Ahorn", 24]]))
ONE = pdf(column("Ein ganzer Satz steht hier."))
NESTED = b"<html><body>" + b"<div>" * 60_000 + b"Text"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


def inflated(megabytes: int) -> bytes:
    body = (
        b"<w:document><w:body><w:p><w:r><w:t>" + b"0" * (megabytes << 20) + b"</w:t></w:r></w:p></w:body></w:document>"
    )
    return packed({"[Content_Types].xml": TYPES.encode(), "word/document.xml": body})


def with_zeros() -> bytes:
    return word(f"<w:p><w:r><w:t>{'0' * 9_000_000}</w:t></w:r></w:p>")


def locked_pdf() -> bytes:
    entry = (
        "/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <"
        + "41" * 32
        + "> /U <"
        + "42" * 32
        + "> >> /ID [<00> <00>] "
    )
    return ONE.replace(b"trailer << ", b"trailer << " + entry.encode())


def many_pages(count: int) -> bytes:
    return pdf(*[column(f"Auf Seite {n} steht ein ganzer Satz.") for n in range(count)])


BAD: dict[str, tuple[bytes, str]] = {
    "empty.pdf": (b"", "is empty"),
    "blank.txt": (b" \n\t\n", "is empty"),
    "zeros.txt": (b"\0" * 46_000, "is empty"),
    "cut.pdf": (ONE[:300], "is no readable PDF"),
    "noise.pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 400, "is no readable PDF"),
    "locked.pdf": (locked_pdf(), "is protected by a password"),
    "scan.pdf": (pdf([(0, 0, 0, "q 400 0 0 180 60 480 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 30C0C030> EI Q")]), "scanned"),
    "nothing.pdf": (pdf([]), "holds no text on its 1 page(s) (empty)"),
    "text.pdf": (b"Ein Satz ohne alles.", "is no readable PDF"),
    "cut.docx": (WORD[: len(WORD) // 2], "the file is damaged or cut off"),
    "noise.docx": (b"PK\x03\x04" + bytes(range(256)) * 40, "the file is damaged or cut off"),
    "text.docx": (b"Ein Satz ohne alles.", "it is no DOCX file"),
    "folder.docx": (packed({"a.txt": b"Text", "../../evil.txt": b"Text"}), "it is a packed folder (zip) and no document"),
    "bomb.docx": (inflated(1024), "unpacks to 1024 MB of text"),
    "zeros.docx": (with_zeros(), "holds no words"),
    "hollow.docx": (packed({"[Content_Types].xml": TYPES.encode(), "word/document.xml": b""}), "the file is damaged or incomplete"),
    "broken.docx": (packed({"[Content_Types].xml": TYPES.encode(), "word/document.xml": b"<w:document"}), "the file is damaged or incomplete"),
    "nobody.docx": (word(), "holds no text"),
    "cut.xlsx": (BOOK[:-400], "the file is damaged or cut off"),
    "hollow.xlsx": (packed({"[Content_Types].xml": TYPES.encode(), "xl/workbook.xml": b"<workbook/>"}), "the file is damaged or incomplete"),
    "entities.xlsx": (packed({"[Content_Types].xml": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>', "xl/workbook.xml": b"<workbook/>"}), "the file is damaged or incomplete"),
    "blank.xlsx": (saved(workbook([])), "holds no text"),
    "cut.pptx": (packed({"[Content_Types].xml": TYPES.encode(), "ppt/presentation.xml": b"<p/>"}), "the file is damaged or incomplete"),
    "many.odt": (packed({f"{n}.xml": b"" for n in range(20_001)}), "more than 20000 are no document"),
    "locked.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old Office file"),
    "rich.docx": (b"{\\rtf1 Text}", "is an RTF file"),
    "picture.pdf": (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "is a picture"),
    "picture.jpeg": (b"\xff\xd8\xff\xe0", "unknown format .jpeg"),
    "binary.txt": (bytes(range(256)) * 99, "is not a text file"),
    "binary.csv": (b"a;b\n" + bytes(range(1, 9)) * 99, "is not a text file"),
    "endless.csv": (b'a,b\n"' + b"x" * 1_500_000, "is no table that can be read"),
    "nested.html": (NESTED + b"</body></html>", "holds no text"),
    "same.txt": (b"Der Satz ist immer derselbe.\n\n" * 60_000, "holds the same few words over and over"),
    "laughs.md": (f"---\n{LAUGHS}---\nText.\n".encode(), "unfolds to more than"),
    "scheme.md": (b"---\nsource: ' JavaScript:alert(1)'\n---\nText.\n", "source: is no web address"),
    "new\nline.md": (GOOD.encode(), "its name holds signs that cannot be printed"),
    ".secret.md": (GOOD.encode(), "its name begins with a dot"),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, float]:
    folder = tmp_path_factory.mktemp("bad")
    corpus = SmallCorpus(folder, None)  # type: ignore[arg-type] - nothing is embedded here
    corpus.write("documents/good.md", GOOD)
    for name, (raw, _) in BAD.items():
        corpus.write(f"documents/{name}", raw)
    started = time.monotonic()
    return read_corpus(corpus.folder), time.monotonic() - started


def test_bad_files_stop_no_other_and_take_no_long_time(outcome: tuple[Corpus, float]) -> None:
    corpus, seconds = outcome
    assert "good" in {d.id for d in corpus.documents}
    assert len(BAD) >= 28
    assert seconds < 20 * 3


@pytest.mark.parametrize("name", [name for name, (_, said) in BAD.items() if said])
def test_each_bad_file_has_one_clear_reason(outcome: tuple[Corpus, float], name: str) -> None:
    shown = name.replace("\n", "\\x0a")
    reasons = [r.reason for r in outcome[0].rejections if r.path == f"documents/{shown}"]
    assert len(reasons) == 1
    assert BAD[name][1] in reasons[0]
    assert "\n" not in reasons[0]
    assert "Error" not in reasons[0]


def test_a_file_that_needs_too_much_memory_is_stopped() -> None:
    body = (
        b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>"
        + b"<w:p/>" * 22_000_000
    )
    raw = WORD_PARTS | {"word/document.xml": body + b"</w:body></w:document>"}
    parser = FileParser(processes=1)
    try:
        with pytest.raises(Unreadable, match=r"needs more than 2 GB of memory|takes longer than 20 seconds"):
            parser.parse(packed(raw), ".docx", Hints(None, ("de",)))
    finally:
        parser.close()


def test_links_out_of_the_corpus_are_refused_and_links_within_are_read(
    small_corpus: SmallCorpus, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("Das Kennwort ist geheim.", encoding="utf-8")
    (tmp_path / "room").mkdir()
    (tmp_path / "room/also.md").write_text("Auch das ist geheim.", encoding="utf-8")
    small_corpus.write("documents/a.md", GOOD)
    (small_corpus.folder / "documents/out.md").symlink_to(secret)
    (small_corpus.folder / "documents/room").symlink_to(tmp_path / "room")
    (small_corpus.folder / "documents/gone.md").symlink_to(tmp_path / "nowhere.md")
    corpus = read_corpus(small_corpus.folder)
    assert [d.id for d in corpus.documents] == ["good"]
    reasons = {r.path: r.reason for r in corpus.rejections}
    assert "leads out of the corpus" in reasons["documents/out.md"]
    assert "leads out of the corpus" in reasons["documents/room"]
    assert "leads nowhere" in reasons["documents/gone.md"]


def test_the_content_tells_the_format_and_a_wrong_name_is_told(small_corpus: SmallCorpus) -> None:
    small_corpus.write("documents/brief.pdf", WORD)
    small_corpus.write("documents/liste.dat", BOOK)
    corpus = read_corpus(small_corpus.folder)
    assert [d.id for d in corpus.documents] == ["brief", "liste"]
    assert [d.warnings[0] for d in corpus.documents] == [
        "is a DOCX file, though its name ends in .pdf",
        "is a XLSX file, though its name ends in .dat",
    ]


def test_five_hundred_pages_are_read_in_time(small_corpus: SmallCorpus) -> None:
    small_corpus.write("documents/band.pdf", many_pages(500))
    corpus = read_corpus(small_corpus.folder)
    assert corpus.documents[0].pages == 500
    assert len(corpus.documents[0].sections) == 500


def test_a_file_that_takes_too_long_is_stopped_and_the_next_is_read() -> None:
    parser = FileParser(processes=1, seconds=0.001)
    try:
        with pytest.raises(Unreadable, match="takes longer than"):
            parser.parse(many_pages(300), ".pdf", Hints(None, ("de",)))
    finally:
        parser.close()
    parser = FileParser(processes=1)
    try:
        assert parser.parse(GOOD.encode(), ".md", Hints(None, ("de",)))[0] == ".md"
    finally:
        parser.close()


def test_dates_in_the_future_are_not_taken(small_corpus: SmallCorpus) -> None:
    small_corpus.write("documents/a.md", "---\nas_of: 2099-01-01\nlanguage: de\n---\nEin Satz.\n")
    small_corpus.entries(
        [{"id": "x", "questions": ["Was?"], "answer": "Das.", "as_of": 2099, "sources": [{"title": "T"}]}]
    )
    corpus = read_corpus(small_corpus.folder)
    assert corpus.documents[0].as_of is None
    assert corpus.documents[0].warnings == ("as_of: 2099-01-01 lies in the future and is not taken",)
    assert "lies in the future" in corpus.rejections[0].reason


TEXT = "Der Zuschuss beträgt {} Euro je Tag und wird nach dem Ende des Vorhabens ausgezahlt.\n\nAnträge nimmt die Geschäftsstelle entgegen.\n"


def test_of_two_versions_the_newer_stays_and_both_are_named(small_corpus: SmallCorpus) -> None:
    for name, front, amount in (
        ("alt", "title: Zuschuss 2024\nas_of: 2024", 100),
        ("neu", "title: Zuschuss 2026\nas_of: 2026", 200),
    ):
        small_corpus.write(f"documents/{name}.md", f"---\nlanguage: de\n{front}\n---\n{TEXT.format(amount)}")
    corpus = read_corpus(small_corpus.folder)
    assert [d.id for d in corpus.documents] == ["neu"]
    assert "documents/alt.md" in corpus.documents[0].warnings[0]
    assert corpus.rejections[0].reason.startswith(
        "the same document as documents/neu.md (2026), which is kept because it is newer"
    )


def test_an_undated_copy_gives_way_to_the_dated_one(small_corpus: SmallCorpus) -> None:
    body = f"Ein Satz, der in beiden Fassungen wörtlich gleich steht.\n\n{TEXT.format(100)}"
    small_corpus.write("documents/a-kopie.txt", body)
    small_corpus.write("documents/b.md", f"---\nas_of: 2026-03-01\n---\n{body}")
    assert [d.id for d in read_corpus(small_corpus.folder).documents] == ["b"]


def test_the_date_a_document_states_is_found(small_corpus: SmallCorpus) -> None:
    small_corpus.write("documents/de.txt", "Der Antrag ist frei und formlos.\n\nStand: 16. Februar 2026\n")
    small_corpus.write(
        "documents/en.txt", "The application is free of charge for all.\n\nLast updated on 3 March 2025.\n"
    )
    small_corpus.write("documents/none.txt", "Am 1. Mai 2024 fand das Treffen der Mitglieder statt.\n")
    assert {d.id: d.as_of for d in read_corpus(small_corpus.folder).documents} == {
        "de": "2026-02-16",
        "en": "2025-03-03",
        "none": None,
    }
