"""Fixed texts that stand in one file a language beside the code that shows them."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.languages.packs import pack


@cache
def language_texts(folder: Path, language: str) -> dict[str, Any]:
    """The texts of `<folder>/<language>.yaml`. Raises KeyError for a language that has no pack."""
    return yaml.safe_load((folder / f"{pack(language).code}.yaml").read_text(encoding="utf-8"))
