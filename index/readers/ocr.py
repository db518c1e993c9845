"""Text in pictures of pages, where Tesseract is installed."""

import shutil
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from assistant.languages import pack
from index.readers.blocks import Hints
from index.readers.text import text_blocks

SECONDS = 14.0
"""Time for the pages of one file; the rest stays unread."""
DOTS = 200
"""An inch, of the picture of a page."""


def recognised(file: Any, pages: Sequence[int], hints: Hints) -> dict[int, list[str]]:
    """The paragraphs of pages without a text layer, by their number; nothing where Tesseract is not installed."""
    command = shutil.which("tesseract")
    if command is None:
        return {}
    languages = "+".join(pack(code).documents["tesseract"] for code in hints.languages)
    found: dict[int, list[str]] = {}
    until = time.monotonic() + SECONDS
    for number in pages:
        left = until - time.monotonic()
        if left < 1:
            break
        picture = _picture(file[number - 1])
        try:
            done = subprocess.run(
                [command, "stdin", "stdout", "-l", languages],
                input=picture,
                capture_output=True,
                timeout=left,
                check=False,
            )
        except subprocess.TimeoutExpired:
            break
        if texts := text_blocks(done.stdout.decode("utf-8", "replace").split("\n")):
            found[number] = texts
    return found


def _picture(page: Any) -> bytes:
    import io

    buffer = io.BytesIO()
    page.render(scale=DOTS / 72, grayscale=True).to_pil().save(buffer, "PNG")
    return buffer.getvalue()
