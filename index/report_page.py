"""The report of a build as files: JSON for programmes, a page for editors."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

KEPT = 20
"""Reports that stay in the folder."""
_ROOMS = ("documents", "entries", "figures")
_PAGE = re.compile(r"\bpages?(?:\(s\))? (\d+)")


def write_report(folder: Path, report: Mapping[str, Any], language: str) -> Path:
    """Writes `index-<snapshot>.json` and `.html` (in a language, else in the first that there is) into a folder;
    gives the path of the page. Older ones are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"index-{report['snapshot']}"
    (folder / f"{name}.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page = folder / f"{name}.html"
    page.write_text(report_page(report, language), encoding="utf-8")
    for ending in ("json", "html"):
        for old in sorted(folder.glob(f"index-*.{ending}"))[:-KEPT]:
            old.unlink(missing_ok=True)
    return page


def remove_reports(folder: Path, gone: Callable[[str], bool]) -> None:
    """Removes the reports whose snapshot is `gone`: their remarks may quote what was withdrawn."""
    for path in [*folder.glob("index-*.json"), *folder.glob("index-*.html")]:
        if gone(path.stem.removeprefix("index-")):
            path.unlink(missing_ok=True)


def report_page(report: Mapping[str, Any], language: str) -> str:
    """A page without scripts and without anything from elsewhere: first what an editor should look at, then all
    that was read. Names and remarks are foreign text and escaped."""
    words = _words().get(language) or next(iter(_words().values()))
    rows = [(room, row) for room in _ROOMS for row in report[room]]
    doubtful = [(room, row) for room, row in rows if row["reason"] or _remarks(row)]
    parts = [
        f"<h1>{words['title']}</h1>",
        f"<p>{words['built'].format(snapshot=html.escape(str(report['snapshot'])), count=len(rows))}</p>",
        f"<h2>{words['look']} ({len(doubtful)})</h2>",
        _table(doubtful, words) if doubtful else f"<p>{words['nothing']}</p>",
        f"<h2>{words['all']} ({len(rows)})</h2>",
        _table(rows, words),
    ]
    head = f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{words["title"]}</title><style>{_STYLE}</style></head>'
    return f"{head}<body><main>{''.join(parts)}</main></body></html>\n"


def _table(rows: Sequence[tuple[str, Mapping[str, Any]]], words: Mapping[str, Any]) -> str:
    heads = "".join(
        f'<th scope="col">{words[name]}</th>' for name in ("file", "status", "pages", "passages", "remarks")
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(_rows(rows, words))}</tbody></table>"


def _rows(rows: Sequence[tuple[str, Mapping[str, Any]]], words: Mapping[str, Any]) -> Iterator[str]:
    for room, row in rows:
        told = [*([str(row["reason"])] if row["reason"] else []), *row["warnings"]]
        remarks = "".join(f"<li>{html.escape(remark)}</li>" for remark in told)
        pages = sorted({int(n) for remark in told for n in _PAGE.findall(remark)})
        places = f" ({words['page']} {', '.join(map(str, pages))})" if pages else ""
        name = f"{row['path']} · {row['id']}" if room != "documents" and row["id"] else row["path"] or row["id"] or ""
        yield (
            f'<tr class="{row["status"]}"><td>{html.escape(name)}{places}</td><td>{words["statuses"][row["status"]]}</td>'
            f"<td>{row['pages'] or ''}</td><td>{row['passages'] or ''}</td><td><ul>{remarks}</ul></td></tr>"
        )


def _remarks(row: Mapping[str, Any]) -> list[str]:
    return [warning for warning in row["warnings"] if not warning.startswith("derived:")]


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem;max-width:75rem}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top}ul{margin:0;padding-left:1rem}"
    ".rejected td{background:#fdecea}.withdrawn td{background:#f3f3f3}"
)


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    return yaml.safe_load(Path(__file__).with_name("report_page.yaml").read_text(encoding="utf-8"))
