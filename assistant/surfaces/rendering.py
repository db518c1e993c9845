"""The one renderer: an answer's Markdown and markers -> safe HTML, for every surface. Texts are data, never
interpreted as HTML."""

import html
import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import nh3
from markdown_it import MarkdownIt

from assistant.answering.answer import Answer, Source
from assistant.desk.reply_mail import plain_text
from assistant.languages import spoken_date
from assistant.surfaces.texts import surface_text, surface_texts

LONGEST_LINK = 2000
"""Characters of an address that mail programs take on every system; Windows hands over 2,083."""
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


def markdown_html(markdown: str, language: str, markers: set[int] | None = None, anchor: str = "") -> str:
    """Safe HTML of Markdown; `[n]` becomes a link, named in the language, where a source n exists."""
    rendered = _MARKDOWN.render(markdown)

    def linked(match: re.Match[str]) -> str:
        number = int(match.group(1))
        if not markers or number not in markers:
            return match.group()
        label = html.escape(surface_text("source", language).format(n=number), quote=True)
        link = f'<a class="marker" href="#{anchor}-{number}" aria-label="{label}">{number}</a>'
        return f'<sup class="marker">{link}</sup>'

    def kept(match: re.Match[str]) -> str:
        """A marker stays on the line of the plain word before it."""
        marks = _MARKER.sub(linked, match.group(2))
        return f'<span class="kept">{match.group(1)}{marks}</span>' if "<sup" in marks else match.group()

    rendered = _MARKER.sub(linked, _LAST_WORD.sub(kept, rendered))
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


def summarised_from(source: Source) -> str:
    """Whose statement a summary tells, by publisher or title; empty for an original, and where nothing is told."""
    return source.publisher or source.title if source.kind == "summary" and (source.quote or source.context) else ""


def quoted_passage(source: Source) -> str:
    """The passage of a source as safe HTML; the quote alone where there is no passage. The quote is marked where it is
    one: of a summary the words are not those of the third party."""
    quote_text, context = source.quote or "", source.context or source.quote or ""
    if summarised_from(source) or not quote_text:
        return paragraphs(context)
    found = re.search(r"\s+".join(re.escape(word) for word in quote_text.split()), context)
    if found is None:
        return paragraphs(quote_text, marked=(0, len(quote_text)))
    return paragraphs(context, marked=found.span())


def paragraphs(text: str, marked: tuple[int, int] = (0, 0)) -> str:
    """A text as safe HTML, a paragraph a line; from `marked[0]` to `marked[1]` it is marked."""
    begin, end = marked
    quoted = f"<mark>{html.escape(text[begin:end])}</mark>" if end else ""
    lines = f"{html.escape(text[:begin])}{quoted}{html.escape(text[end:])}".split("\n")
    return "".join(f"<p>{line.removeprefix('- ')}</p>" for line in lines if line.strip())


def safe_link(url: str | None) -> str | None:
    """An address that may be linked: http(s) with a host."""
    if not url:
        return None
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def mail_link(answer: Answer, question: str, code: str | None) -> str:
    """A `mailto:` address with question and answer prepared for the hotline, as far as an address may be long: else
    without what is folded away, and of a long question the beginning. The code leads the hotline to all of it."""
    if answer.handover is None or not answer.handover.email:
        return ""
    words: Mapping[str, str] = surface_texts(answer.language)["letter"]
    link = ""
    for asked, told in (
        (question, answer.whole),
        (question, answer.text),
        *((f"{question[:most].rstrip()} …", answer.text) for most in (800, 400, 200)),
    ):
        lines = [words["greeting"], "", words["question"], asked, ""]
        lines += [words["answer"], _MARKER.sub("", plain_text(told))]
        lines += ["", words["code"].format(code=code)] if code else []
        body = quote("\n".join(lines))
        link = f"mailto:{answer.handover.email}?subject={quote(words['subject'])}&body={body}"
        if len(link) <= LONGEST_LINK:
            break
    return link
