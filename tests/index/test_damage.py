"""What layout and office programs do to text, in German and English, and the text that must come out of it."""

import datetime

import pytest
from papers import blocks, column, packed, pdf, read, rule, saved, word, workbook

from assistant.languages import pack
from index.readers.number_formats import shown
from index.readers.repair import clean, flat, joined_lines, together, without_contents, without_leader, words_of

LINES = [
    (["Bildungs-", "und Forschungspolitik"], "Bildungs- und Forschungspolitik"),
    (["die Bundes-, Landes-", "und Kommunalebene"], "die Bundes-, Landes- und Kommunalebene"),
    (["grund-", "sätzlich"], "grundsätzlich"),
    (["Clustermanagement-", "Organisationen"], "Clustermanagement-Organisationen"),
    (["Struktur-und", "Innovationspolitik"], "Struktur- und Innovationspolitik"),
    (["info@go-", "beispiel.example.org"], "info@go-beispiel.example.org"),
    (["siehe https://www.example.org/", "programm/antrag"], "siehe https://www.example.org/programm/antrag"),
    (["siehe www.example-", "stadt.example.org heute"], "siehe www.example-stadt.example.org heute"),
    (["E-", "Mail und"], "E-Mail und"),
    (["24-", "stündig"], "24-stündig"),
    (["KMU-", "Förderung"], "KMU-Förderung"),
    (["Geschäfts\u00ad", "stelle"], "Geschäftsstelle"),
    (["Bildungs\u00ad", "und Kulturpolitik"], "Bildungs- und Kulturpolitik"),
    (["mem-", "bership fee"], "membership fee"),
    (["long-", "term support"], "long-term support"),
    (["state-of-the-", "art methods"], "state-of-the-art methods"),
    (["short-", "and long-term"], "short- and long-term"),
    (["pre-and", "post-war"], "pre- and post-war"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "told"), LINES)
def test_words_cut_at_line_ends_are_whole_and_keep_their_own_hyphens(lines: list[str], told: str) -> None:
    assert joined_lines(lines) == told


def test_a_word_that_stands_whole_elsewhere_tells_whether_the_hyphen_is_its_own() -> None:
    assert joined_lines(["cross-", "over"], words_of(["a crossover event"])) == "crossover"
    assert joined_lines(["co-", "operate"], words_of(["they co-operate here"])) == "co-operate"
    assert joined_lines(["co-", "operate"]) == "cooperate"


def test_ligatures_invisible_signs_and_controls_go() -> None:
    assert clean("Pro\ufb01l, Au\ufb02age, o\ufb00en") == "Profil, Auflage, offen"
    assert clean("Mit\u00adglied\u200b\u202e\x07s") == "Mitglieds"
    assert flat("Bundes\u00ad, Landes\u00ad und  Kreis\u00a0ebene") == "Bundes-, Landes- und Kreis ebene"


def test_letter_spaced_headings_are_words_and_lists_of_letters_stay() -> None:
    assert together("K o n t a k t") == "Kontakt"
    assert together("U n s e r e  Z i e l e") == "Unsere Ziele"
    assert together("A B C D E F") == "A B C D E F"
    assert together("Das ist ein Satz") == "Das ist ein Satz"


def test_contents_go_and_prices_with_leaders_stay() -> None:
    lines = ["Aufnahme ........ 2", "Beitrag ......... 4", "Der Text beginnt hier."]
    assert without_contents(lines, 8) == ["Der Text beginnt hier."]
    assert without_leader("Beratung .......... 45 Euro") == "Beratung: 45 Euro"


@pytest.mark.parametrize(
    ("value", "pattern", "language", "told"),
    [
        (0.45, "0 %", "de", "45 %"), (0.45, "0%", "en", "45%"), (0.125, "0.0%", "de", "12,5%"),
        (12500.5, "#,##0.00 €", "de", "12.500,50 €"), (12500.5, '"€"#,##0.00', "en", "€12,500.50"),
        (1234567, "#,##0", "de", "1.234.567"), (2.5, "0", "de", "3"), (7, "000", "de", "007"),
        (-3.5, "0.0;[Red]-0.0", "de", "-3,5"), (1500000, '0.0,," Mio. €"', "de", "1,5 Mio. €"),
        (12500.5, '#,##0.00\\ [$€-407]', "de", "12.500,50 €"), (12.5, "General", "de", "12,5"), (4200, "General", "de", "4200"),
        (0.1 + 0.2, "General", "en", "0.3"), (True, "General", "de", "✓"), ("01067", "@", "de", "01067"),
        (datetime.datetime(2027, 5, 14), "DD.MM.YYYY", "de", "14.05.2027"), (datetime.datetime(2027, 5, 14), "mm-dd-yy", "de", "14. Mai 2027"),
        (datetime.datetime(2027, 5, 14), "d mmmm yyyy", "en", "14 May 2027"), (datetime.datetime(2027, 5, 14, 9, 30), "dd.mm.yy hh:mm", "de", "14.05.27 09:30"),
        (datetime.datetime(2027, 5, 14), "MMM YY", "de", "Mai 27"), (datetime.time(9, 5), "h:mm", "de", "09:05"),
    ],
)  # fmt: skip
def test_cells_show_what_people_see(value: object, pattern: str, language: str, told: str) -> None:
    assert shown(value, pattern, pack(language)) == told


def test_merged_heads_hidden_parts_and_lost_formulas_of_a_workbook() -> None:
    book = workbook([["Standorte"], ["Haus", "Plan", None, "Intern"], [None, "2026", "2027", None], ["Ahorn", 4, 5, "x"], ["Birke", 6, 7, "y"], ["Summe", "=SUM(B4:B5)", 12, "z"]])  # fmt: skip
    sheet = book.active
    for area in ("A1:D1", "B2:C2", "A2:A3"):
        sheet.merge_cells(area)
    sheet.column_dimensions["D"].hidden = True
    found = read(saved(book), ".xlsx")
    assert found.sections[0].heading[-1] == "Standorte"
    assert blocks(found) == ["Haus: Ahorn; Plan 2026: 4; Plan 2027: 5", "Haus: Birke; Plan 2026: 6; Plan 2027: 7"]
    said = "\n".join(found.warnings)
    assert "hidden columns are left out: D" in said
    assert "formulas without a stored value in B6" in said


GUIDE = {
    "de": ("Wer kann teilnehmen?", "Teilnehmen können Betriebe mit Sitz im Land, die mindestens fünf Personen beschäftigen.", "Anträge nimmt die Geschäftsstelle bis Ende März entgegen.", "Seite"),
    "en": ("Who can take part?", "Enterprises with a seat in the state can take part if they employ at least five people.", "The office accepts applications until the end of March.", "Page"),
}  # fmt: skip


def wrapped(text: str, width: int) -> str:
    import textwrap

    return " / ".join(textwrap.wrap(text, width))


@pytest.mark.parametrize("language", GUIDE)
@pytest.mark.parametrize("columns", [2, 3])
def test_columns_are_read_one_after_the_other(language: str, columns: int) -> None:
    heading, first, last, page = GUIDE[language]
    texts = [f"{first} {last}" + f" {first}" * 2 for _ in range(columns)]
    width = 450 / columns
    lines = [column(wrapped(t, int(width / 5.6)), x=60 + n * (width + 20), y=700, size=9) for n, t in enumerate(texts)]
    mixed = [line for row in zip(*lines, strict=True) for line in row]  # by line across the page, as layout does
    body = [*column(heading, y=760, size=18), *mixed]
    pages = [[*body, (60.0, 812.0, 7.0, "Netzwerk | 2027"), (290.0, 25.0, 8.0, f"{page} {n}")] for n in (1, 2)]
    found = read(pdf(*pages), ".pdf", language)
    told = " ".join(blocks(found))
    assert told.count(first) == 2 * columns * 3
    assert told.count(last) == 2 * columns
    assert "Netzwerk |" not in told
    assert page not in told
    assert {s.page for s in found.sections} == {1, 2}


@pytest.mark.parametrize("language", GUIDE)
def test_a_heading_over_columns_and_a_line_below_stay_in_their_places(language: str) -> None:
    heading, first, last, _ = GUIDE[language]
    left = column(wrapped(first, 34), x=60, y=700)
    right = column(wrapped(last, 34), x=320, y=700)
    below = column(wrapped(f"{last} {first}", 88), x=60, y=560)
    found = read(pdf([*below, *right, *left, *column(heading, y=750, size=16)]), ".pdf", language)
    assert blocks(found) == [first, last, f"{last} {first}"]


def test_columns_of_different_length_are_read_to_their_ends() -> None:
    left = [
        *column("**Ziele", y=740),
        *column("Das Programm stärkt kleine Betriebe in / allen Kreisen des Landes.", y=722, size=9),
    ]
    left += [*column("**Wege", y=670), *column("Wir beraten vor Ort. Wir helfen beim / Antrag und begleiten das Vorhaben bis / zum Abschluss.", y=652, size=9)]  # fmt: skip
    right = [
        *column("**Mittel", x=320, y=733),
        *column("Der Zuschuss beträgt die Hälfte / der Kosten des Vorhabens.", x=320, y=714, size=9),
    ]
    found = read(pdf([*right, *left]), ".pdf")
    assert [s.heading[-1] for s in found.sections] == ["Ziele", "Wege", "Mittel"]
    assert (
        blocks(found)[1] == "Wir beraten vor Ort. Wir helfen beim Antrag und begleiten das Vorhaben bis zum Abschluss."
    )


def test_a_table_is_read_in_rows_with_its_heads() -> None:
    rows = [("Angebot", "Dauer", "Entgelt"), ("Erstberatung", "2 Stunden", "kostenfrei"), ("Lotsengespräch", "1 Tag", "180 Euro"), ("Messestand", "3 Tage", "450 Euro")]  # fmt: skip
    cells = [(60 + 150.0 * c, 700 - 22.0 * r, 10.0, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    rules = [rule(60, 716 - 22 * n, 420) for n in range(5)]
    above = column("Die Tabelle nennt alle Angebote des Netzwerks und was sie kosten.", y=745, size=10)
    found = read(pdf([*above, *cells, *rules]), ".pdf")
    assert blocks(found)[1:] == [
        "Angebot: Erstberatung; Dauer: 2 Stunden; Entgelt: kostenfrei",
        "Angebot: Lotsengespräch; Dauer: 1 Tag; Entgelt: 180 Euro",
        "Angebot: Messestand; Dauer: 3 Tage; Entgelt: 450 Euro",
    ]


def test_footnotes_stand_apart_and_their_marks_go() -> None:
    text = column(
        "Gefördert werden Betriebe mit bis zu 250 Beschäftigten / und einem Jahresumsatz von höchstens 50 Millionen.",
        size=11,
    )
    mark = (text[0][0] + 270.5, text[0][1] + 4, 6.0, "1")
    note = [(60.0, 70.0, 8.0, "1 Es gilt die Zahl am Tag des Antrags.")]
    found = read(pdf([*text, mark, *note]), ".pdf")
    assert blocks(found) == [
        "Gefördert werden Betriebe mit bis zu 250 Beschäftigten und einem Jahresumsatz von höchstens 50 Millionen.",
        "Es gilt die Zahl am Tag des Antrags.",
    ]


def flyer(front_last: bool) -> bytes:
    """Two landscape sheets of three panels; the outer one holds flap, back and front."""

    def panel(n: int, heading: str, text: str, size: float = 13) -> list[tuple[float, float, float, str]]:
        return [
            *column(heading, x=20 + 280.0 * n, y=540, size=size),
            *column(wrapped(text, 40), x=20 + 280.0 * n, y=500, size=9),
        ]

    front = ("Netzwerk Musterland", "Gemeinsam für kleine Betriebe in allen vier Kreisen.")
    outer = [panel(0, "Ihr Weg zu uns", "Rufen Sie an. Wir nennen Ihnen einen Termin."), panel(1, "Kontakt", "Die Geschäftsstelle ist werktags erreichbar. Sie sitzt im Rathaus.")]  # fmt: skip
    outer.insert(2 if front_last else 1, panel(2, *front, size=24))
    inner = [
        panel(n, f"Angebot {'ABC'[n]}", f"Das Angebot {'ABC'[n]} dauert zwei Tage. Es kostet nichts.") for n in range(3)
    ]
    return pdf([line for part in outer for line in part], [line for part in inner for line in part], size=(842, 595))


def test_a_folded_flyer_begins_with_its_front() -> None:
    found = read(flyer(True), ".pdf")
    heads = [section.heading[-1] for section in found.sections if section.heading]
    assert heads[-5:] == ["Angebot A", "Angebot B", "Angebot C", "Ihr Weg zu uns", "Kontakt"]
    assert blocks(found)[0] == "Gemeinsam für kleine Betriebe in allen vier Kreisen."
    assert any("folded flyer" in warning for warning in found.warnings)


@pytest.mark.parametrize(("language", "heading"), [("de", "Maßnahmen"), ("en", "Measures")])
def test_a_heading_that_nothing_follows_is_told_and_not_read(language: str, heading: str) -> None:
    page = [
        *column("Start", size=16),
        *column("Ein ganzer Satz steht hier im Text.", y=730),
        *column(heading, y=680, size=14),
    ]
    page += [*column("Ende", y=440, size=14), *column("Noch ein ganzer Satz steht hier im Text.", y=420)]
    found = read(pdf(page), ".pdf", language)
    assert any(heading in warning and "content not readable" in warning for warning in found.warnings)
    assert heading not in str(found.sections)


def test_word_reads_changes_fields_notes_and_tables_once() -> None:
    def p(*runs: str) -> str:
        return f"<w:p>{''.join(runs)}</w:p>"

    def r(text: str, more: str = "") -> str:
        return f'<w:r>{more}<w:t xml:space="preserve">{text}</w:t></w:r>'

    struck_end = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{r('Der Antrag ')}</w:p>{p(r('ist formlos.'))}"
    empty = p(
        r("Name: "),
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('Klicken Sie hier')}</w:sdtContent></w:sdt>",
    )
    hidden = p(r("Sichtbar."), r(" Geheim.", "<w:rPr><w:vanish/></w:rPr>"))
    moved = p(f"<w:moveFrom>{r('Alt.')}</w:moveFrom>", f"<w:moveTo>{r('Neu.')}</w:moveTo>")
    field = p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "<w:r><w:instrText>DATE</w:instrText></w:r>", '<w:r><w:fldChar w:fldCharType="separate"/></w:r>', r("3. Mai 2027"), '<w:r><w:fldChar w:fldCharType="end"/></w:r>', r(" ist der Stichtag."))  # fmt: skip
    found = read(word(struck_end, empty, hidden, moved, field), ".docx")
    assert blocks(found) == ["Der Antrag ist formlos.", "Name:", "Sichtbar.", "Neu.", "3. Mai 2027 ist der Stichtag."]
    assert set(found.warnings) == {"form fields that nobody filled in are left out", "hidden text is left out"}


def test_labels_reach_over_rows_in_word() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<w:tc><w:tcPr>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    rows = [cell("Region") + cell("Haus") + cell("Plätze"), cell("Nord", '<w:vMerge w:val="restart"/>') + cell("Ahorn") + cell("24"), cell("", "<w:vMerge/>") + cell("Birke") + cell("18")]  # fmt: skip
    table = (
        f"<w:tbl><w:tblGrid>{'<w:gridCol/>' * 3}</w:tblGrid>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"
    )
    assert blocks(read(word(table), ".docx")) == [
        "Region: Nord; Haus: Ahorn; Plätze: 24",
        "Region: Nord; Haus: Birke; Plätze: 18",
    ]


PAGE = "<html lang=de><head><title>T</title></head><body><nav><a href=/>Start</a></nav>{}<footer>Impressum</footer></body></html>"


def test_accordions_of_every_make_have_their_question_as_heading() -> None:
    body = (
        "<main><h1>Fragen</h1><h3><button aria-expanded=false>Wer darf kommen?</button></h3><div hidden>Alle Betriebe dürfen kommen.</div>"
        "<button class=accordion>Was kostet es?</button><div class=panel><p>Es kostet 35 Euro.</p></div>"
        "<div class=faq-question>Wann geht es los?</div><div class=faq-answer>Es geht um neun Uhr los.</div>"
        "<dl><dt>Ort</dt><dd>Musterstadt</dd></dl></main>"
    )
    found = read(PAGE.format(body).encode(), ".html")
    told = {s.heading[-1]: s.blocks[0] for s in found.sections if s.heading}
    assert told["Wer darf kommen?"] == "Alle Betriebe dürfen kommen."
    assert told["Was kostet es?"] == "Es kostet 35 Euro."
    assert told["Wann geht es los?"] == "Es geht um neun Uhr los."
    assert "Ort: Musterstadt" in blocks(found)
    assert "Start" not in str(found.sections)
    assert "Impressum" not in str(found.sections)
    assert not any(block.endswith("?") for block in blocks(found))


def test_open_document_text_is_read() -> None:
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:text="{names}:text:1.0" xmlns:table="{names}:table:1.0"><office:body><office:text>'
        "<text:tracked-changes><text:p>Altes</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">Beitrag</text:h><text:p>Der Beitrag<text:s/>ist frei.</text:p>'
        "<text:list><text:list-item><text:p>Erster Punkt</text:p></text:list-item></text:list>"
        "</office:text></office:body></office:document-content>"
    )
    raw = packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})
    found = read(raw, ".odt")
    assert (found.title, blocks(found)) == ("Beitrag", ["Der Beitrag ist frei.", "- Erster Punkt"])
