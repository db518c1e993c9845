"""What every language pack holds, and how each writes dates, numbers and quotations."""

import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import ROOT

from assistant.languages import codes, language_texts, pack, spoken_date

FOLDERS = sorted(path for path in (ROOT / "assistant").rglob("texts") if path.is_dir())
NAMES = [str(path.relative_to(ROOT)) for path in FOLDERS]


def leaves(texts: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(texts, dict):
        for key, value in texts.items():
            yield from leaves(value, f"{at}/{key}")
    else:
        yield at, texts


def test_there_are_texts_of_every_room() -> None:
    assert NAMES == ["assistant/desk/texts", "assistant/surfaces/desk/texts", "assistant/surfaces/texts"]


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
@pytest.mark.parametrize("language", codes())
def test_every_language_has_the_same_texts(folder: Path, language: str) -> None:
    assert {path.stem for path in folder.glob("*.yaml")} == set(codes())
    own, first = dict(leaves(language_texts(folder, language))), dict(leaves(language_texts(folder, codes()[0])))
    assert sorted(own) == sorted(first)
    assert [key for key, text in own.items() if not text or (isinstance(text, str) and not text.strip())] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
@pytest.mark.parametrize("language", codes())
def test_every_language_fills_in_the_same_values(folder: Path, language: str) -> None:
    def filled(texts: Any) -> dict[str, set[str]]:
        named = {
            key: {name or "" for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            for key, text in leaves(texts)
            if isinstance(text, str)
        }
        # a language is named as such or inside a sentence, whichever fits
        return {key: {name.replace("in_small", "language") for name in names} for key, names in named.items()}

    assert filled(language_texts(folder, language)) == filled(language_texts(folder, codes()[0]))


def test_no_key_of_a_file_stands_twice() -> None:
    for path in (path for folder in FOLDERS for path in folder.glob("*.yaml")):
        keys = [key.value for key, _ in yaml.compose(path.read_text(encoding="utf-8")).value]
        assert sorted(keys) == sorted(set(keys)), path


@pytest.mark.parametrize(
    ("language", "dates", "numbers", "quoted"),
    [
        ("de", ("2019", "April 2019", "11. April 2019", "1. Mai 2019"), ("3.620", "1.234,5", "12,30"), "„so“"),
        ("en", ("2019", "April 2019", "11 April 2019", "1 May 2019"), ("3,620", "1,234.5", "12.30"), "“so”"),
        ("fr", ("2019", "avril 2019", "11 avril 2019", "1er mai 2019"), ("3\u202f620", "1\u202f234,5", "12,30"), "«\u00a0so\u00a0»"),
    ],
)  # fmt: skip
def test_each_language_writes_dates_numbers_and_quotations(
    language: str, dates: tuple[str, ...], numbers: tuple[str, ...], quoted: str
) -> None:
    assert tuple(spoken_date(iso, language) for iso in ("2019", "2019-04", "2019-04-11", "2019-05-01")) == dates
    own = pack(language)
    assert (own.number(3620), own.number(1234.5), own.number(12.3, 2)) == numbers
    assert own.quoted("so") == quoted


def test_every_pack_has_a_case_above() -> None:
    assert set(codes()) == {"de", "en", "fr"}


def test_an_unknown_language_is_named_with_those_that_are_known() -> None:
    with pytest.raises(KeyError, match="'xx'; known are de, en, fr"):
        pack("xx")
