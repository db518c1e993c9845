"""Questions and answers that a web page holds as structured data (schema.org FAQPage)."""

import json
from collections.abc import Iterator
from typing import Any

from index.readers.repair import flat


def asked_in(root: Any) -> Iterator[tuple[str, Any]]:
    """The questions and answers of a page's structured data (schema.org FAQPage)."""
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json":
            try:
                yield from _asked(json.loads(script.text or ""))
            except (ValueError, RecursionError):
                continue


def _asked(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for part in value:
            yield from _asked(part)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        answer = value.get("acceptedAnswer") or value.get("suggestedAnswer")
        answer = answer[0] if isinstance(answer, list) and answer else answer
        if "Question" in (kinds if isinstance(kinds, list) else [kinds]) and isinstance(answer, dict):
            question = flat(_element(str(value.get("name") or value.get("text") or "")).text_content())
            if question and (text := str(answer.get("text") or "").strip()):
                yield question, _element(text)
            return
        for part in value.values():
            if isinstance(part, dict | list):
                yield from _asked(part)


def _element(text: str) -> Any:
    """What a text that may be written in HTML holds."""
    from lxml import html

    return html.fromstring(f"<div>{text}</div>")
