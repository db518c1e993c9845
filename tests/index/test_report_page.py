"""The report as files: what an editor should look at comes first, and foreign text is escaped."""

import json
from pathlib import Path

from support import SmallCorpus

from index.report_page import report_page, write_report


def test_the_report_names_each_file_with_what_was_noticed(small_corpus: SmallCorpus, tmp_path: Path) -> None:
    small_corpus.write("documents/a.md", "---\nlanguage: de\nvalid_from: 2099-01-01\n---\nDer Antrag ist formlos.\n")
    small_corpus.write("documents/<b>.txt", b"\0\1\2" * 99)
    built = small_corpus.build()
    page = write_report(tmp_path, built.report, built.language)
    told = page.read_text(encoding="utf-8")
    assert json.loads(page.with_suffix(".json").read_text(encoding="utf-8")) == built.report
    assert "Bericht über den Index" in told
    assert "valid from 2099-01-01: nothing of it is answered before" in told
    assert "documents/&lt;b&gt;.txt" in told
    assert "<script" not in told
    assert "Report on the index" in report_page(built.report, "en")


def test_only_the_last_reports_are_kept(tmp_path: Path) -> None:
    for number in range(30):
        write_report(tmp_path, {"snapshot": f"{number:03}", "documents": [], "entries": [], "figures": []}, "de")
    assert len(list(tmp_path.glob("index-*.json"))) == 20
    assert (tmp_path / "index-029.html").exists()
