"""The words of what the corpus check finds: a finding is a value with a code, and findings.yaml says how severe it
is and how it is told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from index.values import Finding, Severity

EXAMPLES = 3
"""So many findings of one kind of advice are named."""


def found(code: str, path: str, identity: str | None = None, field: str | None = None, **values: str) -> Finding:
    """A finding of a code. Raises KeyError for one that findings.yaml does not hold."""
    return Finding(path, identity, field, code, Severity(_rows()[code]["severity"]), values)


def line_of(finding: Finding) -> str:
    """The field and what is wrong with it, in one line."""
    said = " ".join(_rows()[finding.code]["line"].format(**finding.values).split())
    return f"{finding.field}: {said}" if finding.field else said


def place_of(finding: Finding) -> str:
    """File and entry."""
    return f"{finding.path} · {finding.id}" if finding.id else finding.path


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop an entry."""
    return [f for f in findings if f.severity is Severity.ERROR]


def report_lines(findings: Iterable[Finding]) -> list[str]:
    """Each error in a line with file, entry and field; then each kind of advice in a line with its count and a few
    examples."""
    lines: list[str] = []
    advice: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.severity is Severity.ERROR:
            lines.append(f"{place_of(finding)}: {line_of(finding)}")
        else:
            advice[finding.code].append(finding)
    for code, alike in advice.items():
        places = list(dict.fromkeys(map(place_of, alike)))
        named = "; ".join(places[:EXAMPLES]) + ("; …" if len(places) > EXAMPLES else "")
        lines.append(f"advice: {len(places)} × {_rows()[code]['kind']} ({named})")
    return lines


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("findings.yaml").read_text(encoding="utf-8"))
