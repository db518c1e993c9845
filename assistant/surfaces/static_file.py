"""A small static file that is served from memory: compressed once, with a digest in its address so that browsers
may keep it."""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

_MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FOREVER = "public, max-age=31536000, immutable"


def accepts_gzip(request: Request) -> bool:
    """Whether the client takes gzip."""
    return any(
        part.strip().partition(";")[0] == "gzip" and "q=0" not in part.replace("q=0.", "")
        for part in request.headers.get("accept-encoding", "").split(",")
    )


@dataclass(frozen=True)
class InlineStyle:
    """Stylesheets that stand in the page itself: a request less before the first paint. The content security policy
    names their digest."""

    paths: tuple[Path, ...]

    @cached_property
    def text(self) -> str:
        """The rules, without indentation and comment lines."""
        return "".join(_tightened(path.read_text(encoding="utf-8")) for path in self.paths)

    @cached_property
    def csp_source(self) -> str:
        """What the content security policy lists."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.text.encode()).digest()).decode()}'"


@dataclass(frozen=True)
class StaticFile:
    """A stylesheet or script. `fresh_seconds` is how long it may be used unasked where the address carries no
    digest."""

    path: Path
    fresh_seconds: int = 0
    fill: Callable[[str], str] = str
    """Fills in what the file leaves open."""

    @cached_property
    def body(self) -> bytes:
        """The file's bytes, without indentation and comment lines."""
        return self.fill(_tightened(self.path.read_text(encoding="utf-8"))).encode()

    @cached_property
    def digest(self) -> str:
        """The start of its SHA-256, in hex."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def integrity(self) -> str:
        """Its digest as browsers check it (subresource integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()

    @cached_property
    def compressed(self) -> bytes:
        """The same with gzip."""
        return gzip.compress(self.body, 9, mtime=0)

    @property
    def address(self) -> str:
        """Its address with the digest."""
        return f"/{self.path.name}?v={self.digest}"

    def response(self, request: Request, *, anyone: bool = False) -> Response:
        """The file, or 304 for a browser that has it. `anyone`: scripts of other origins may read it, which
        subresource integrity needs."""
        packed = accepts_gzip(request)
        tag = f'"{self.digest}{"-gz" if packed else ""}"'
        kept = (
            FOREVER
            if request.query_params.get("v") == self.digest
            else f"public, max-age={self.fresh_seconds}"
            if self.fresh_seconds
            else "no-cache"
        )
        headers = {"ETag": tag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
        if anyone:
            headers["Access-Control-Allow-Origin"] = "*"
        known = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
        if tag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return Response(self.compressed if packed else self.body, media_type=_MEDIA[self.path.suffix], headers=headers)


def _tightened(text: str) -> str:
    """Without indentation, comment lines and empty lines. Strings that run over several lines must not rely on
    theirs."""
    without = re.sub(r"^\s*/\*(?s:.*?)\*/\s*$", "", text, flags=re.MULTILINE)
    lines = (line.strip() for line in without.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
