"""The report of an evaluation: JSON, and one HTML page with tables and plots that loads nothing from elsewhere."""

import base64
import html
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.evaluation.answers import Judged

_STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:left}img{max-width:100%}"


def write_report(folder: Path, results: dict[str, Any], judged: Sequence[Judged]) -> None:
    """Writes `figures.json` and `report.html` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    parts = [f"<h1>Evaluation</h1><p>{html.escape(results['when'])} · {html.escape(results['model'])}</p>"]
    if "answers" in results:
        found = results["answers"]
        parts.append("<h2>Answers</h2>" + _table([(k, v) for k, v in found.items() if not isinstance(v, dict)]))
        parts += [
            f"<h3>{name}</h3>" + _table(found[name].items())
            for name in ("right_by_language", "right_by_topic", "right_by_tag", "wrong_steps")
        ]
        wrong = [
            (
                j.expected.id,
                " → ".join(j.expected.turns),
                "; ".join(j.faults),
                j.step,
                j.consideration.answer.text[:300],
            )
            for j in judged
            if not j.right
        ]
        parts.append("<h3>Wrong answers</h3>" + _table(wrong, ("id", "question", "fault", "step", "answer")))
    for direction, systems in results.get("retrieval", {}).items():
        rows = {label: row for label, row in systems.items() if isinstance(row, dict)}
        names = list(next(iter(rows.values())))
        parts.append(
            f"<h3>{html.escape(direction)}</h3><p>places lost against the exhaustive search: {systems['lost_places']}</p>"
        )
        parts.append(_table([(label, *row.values()) for label, row in rows.items()], ("system", *names)))
    if curves := {d: row["curve"] for d, row in results.get("decisions", {}).items()}:
        parts.append("<h2>Risk against coverage</h2>" + _plot(curves))
    if "attacks" in results:
        parts.append("<h2>Attacks</h2>" + _table(results["attacks"].items()))
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>Evaluation</title><style>{_STYLE}</style>{''.join(parts)}</html>"
    (folder / "report.html").write_text(page, encoding="utf-8")


def _table(rows: Any, head: Sequence[str] = ()) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    top = "<tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in head) + "</tr>" if head else ""
    return f"<table>{top}{cells}</table>"


def _plot(curves: dict[str, dict[str, float]]) -> str:
    try:
        import matplotlib as mpl
    except ImportError:
        return _table(
            [(name, *curve.values()) for name, curve in curves.items()], ("direction", *next(iter(curves.values())))
        )
    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name, curve in curves.items():
        axes.plot([float(c) for c in curve], [100 * v for v in curve.values()], marker="o", label=name)
    axes.set_xlabel("share of answerable questions answered")
    axes.set_ylabel("unanswerable answered, %")
    axes.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    pyplot.close(figure)
    return (
        f'<img alt="risk against coverage" src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'
    )
