"""The one renderer: an answer's Markdown and markers -> safe HTML, for every surface. Texts are data, never
interpreted as HTML."""

import html
import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import nh3
from markdown_it import MarkdownIt

from assistant.answering.answer import Answer, Source
from assistant.languages import spoken_date
from assistant.surfaces.texts import surface_text, surface_texts

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
    ["image", "html_inline", "html_block", "autolink"]
)
_TAGS = {
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "br",
    "a",
    "sup",
    "h2",
    "h3",
    "h4",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "blockquote",
    "code",
    "hr",
    "mark",
    "span",
}
_ATTRIBUTES = {"a": {"href", "class", "aria-label", "id"}, "sup": {"class"}, "span": {"class", "lang"}}
_MARKER = re.compile(r"\s*\[(\d+)\]")
_LAST_WORD = re.compile(r"([^\s<>&;]{1,40})((?:\s*\[\d+\])+)")


def answer_html(answer: Answer, anchor: str) -> str:
    """The text with small numbered markers that link to `#<anchor>-<marker>`."""
    return markdown_html(answer.text, answer.language, {s.marker for s in answer.sources}, anchor)


def markdown_html(markdown: str, language: str, markers: set[int] | None = None, anchor: str = "") -> str:
    """Safe HTML of Markdown; `[n]` becomes a link, named in the language, where a source n exists."""
    rendered = _MARKDOWN.render(markdown)

    def link(match: re.Match[str]) -> str:
        number = int(match.group(1))
        if not markers or number not in markers:
            return match.group()
        label = html.escape(surface_text("source", language).format(n=number), quote=True)
        return (
            f'<sup class="marker"><a class="marker" href="#{anchor}-{number}" aria-label="{label}">{number}</a></sup>'
        )

    def kept(match: re.Match[str]) -> str:
        """A marker stays on the line of the plain word before it."""
        marks = _MARKER.sub(link, match.group(2))
        return f'<span class="kept">{match.group(1)}{marks}</span>' if "<sup" in marks else match.group()

    rendered = _MARKER.sub(link, _LAST_WORD.sub(kept, rendered))
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener noreferrer",
    )


def provenance(answer: Answer) -> str:
    """`Stand: 4. September 2025 · 2 Quellen · freigegebene Antwort` as plain text; empty for fixed replies."""
    if not answer.sources:
        return ""
    words: Mapping[str, str] = surface_texts(answer.language)["provenance"]
    stand = words["as_of"].format(date=spoken_date(answer.as_of, answer.language)) if answer.as_of else words["undated"]
    count = words["one"] if len(answer.sources) == 1 else words["many"].format(n=len(answer.sources))
    if answer.mode.value in ("curated", "figures"):
        manner = words[answer.mode.value]
    elif any(s.kind == "summary" for s in answer.sources):
        names = list(dict.fromkeys(s.publisher or s.title for s in answer.sources if s.kind == "summary"))
        manner = words["summary"].format(name=names[0] if len(names) == 1 else words["others"].format(name=names[0]))
    else:
        manner = words["original"]
    return f"{stand} · {count} · {manner}"


def source_date(source: Source, language: str) -> str:
    """The date of a source in words."""
    words: Mapping[str, str] = surface_texts(language)["provenance"]
    return words["as_of"].format(date=spoken_date(source.as_of, language)) if source.as_of else words["undated"]


def highlighted(source: Source) -> str:
    """The passage with the quote marked, as safe HTML; the quote alone where there is no passage."""
    quote_text, context = source.quote or "", source.context or source.quote or ""
    if not context:
        return ""
    pattern = r"\s+".join(re.escape(word) for word in quote_text.split())
    found = re.search(pattern, context) if pattern else None
    if found is None:
        marked = f"<mark>{html.escape(quote_text)}</mark>"
    else:
        marked = f"{html.escape(context[: found.start()])}<mark>{html.escape(found.group())}</mark>{html.escape(context[found.end() :])}"
    lines = [line.removeprefix("- ") for line in marked.split("\n") if line.strip()]
    return "".join(f"<p>{line}</p>" for line in lines)


def safe_link(url: str | None) -> str | None:
    """An address that may be linked: http(s) with a host."""
    if not url:
        return None
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def mail_link(answer: Answer, question: str, code: str | None) -> str:
    """A `mailto:` address with question and answer prepared for the hotline."""
    if answer.handover is None or not answer.handover.email:
        return ""
    words: Mapping[str, str] = surface_texts(answer.language)["letter"]
    lines = [words["greeting"], "", words["question"], question, ""]
    lines += [words["answer"], _MARKER.sub("", answer.text).replace("**", "")]
    if code:
        lines += ["", words["code"].format(code=code)]
    return f"mailto:{answer.handover.email}?subject={quote(words['subject'])}&body={quote(chr(10).join(lines))}"
