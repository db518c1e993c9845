"""Values of spreadsheet cells as people see them: shares, dates, amounts, in the way of a language."""

import datetime
import math
import re

from assistant.languages import LanguagePack

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]')
_DATE_SIGNS = re.compile(r"(?i)am/pm|a/p|y+|m+|d+|h+|s+(?:\.0+)?|\[h+\]|\[m+\]|.", re.DOTALL)
_DIGITS = re.compile(r"[0#?][0#?,. ]*(?:[eE][+-]0+)?")
_BUILT_IN_DATES = ("mm-dd-yy", "m/d/yy h:mm", "general")
PLAIN_DIGITS = 10
"""Digits after the decimal mark that a cell without a format shows at most."""


def shown(value: object, pattern: str, pack: LanguagePack) -> str:
    """What a cell with a value and a number format shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return _moment(value, pattern, pack)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if "s" in pattern.lower() else "")
    if isinstance(value, int | float):
        return _number(value, pattern, pack)
    return str(value)


def _number(value: float, pattern: str, pack: LanguagePack) -> str:
    if not math.isfinite(value):
        return str(value)
    sections = _sections(pattern)
    section = sections[0]
    if len(sections) > 2 and value == 0:
        section = sections[2]
    elif len(sections) > 1 and value < 0:
        section, value = sections[1], -value
    if section.strip().lower() in ("general", "@", "standard", ""):
        return _plain(value, pack)
    literals: list[str] = []

    def kept(match: re.Match[str]) -> str:
        literals.append(next((g for g in match.groups() if g is not None), ""))
        return chr(0xE000 + len(literals) - 1)

    bare = _LITERAL.sub(kept, section)
    if re.search(r"[?#0]\s*/\s*[?#0-9]", bare):  # fractions: the number says the same
        return _plain(value, pack)
    match = _DIGITS.search(bare)
    if match is None:
        text = bare
    else:
        digits = match.group().rstrip(" ")
        value *= 100 ** bare.count("%")
        before, after = bare[: match.start()], bare[match.start() + len(digits) :]
        text = f"{before}{_digits(value, digits, pack)}{after}"
        if value < 0:
            text = "-" + text.replace("-", "", 1)
    return " ".join(re.sub("[\ue000-\uf8ff]", lambda m: literals[ord(m.group()) - 0xE000], text).split())


def _digits(value: float, pattern: str, pack: LanguagePack) -> str:
    if "e" in pattern.lower():
        return _plain(value, pack)
    thousands = len(pattern) - len(pattern.rstrip(","))
    value /= 1000**thousands
    whole, _, fraction = pattern.rstrip(",").partition(".")
    least, most = fraction.count("0"), len(re.findall(r"[0#?]", fraction))
    rounded = _rounded(abs(value), most)
    text = f"{rounded:,.{most}f}" if "," in whole else f"{rounded:.{most}f}"
    integer, _, decimals = text.partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    integer = integer.rjust(whole.count("0"), "0") if "," not in whole else integer
    sign = "-" if value < 0 and rounded else ""
    joined = f"{integer.replace(',', pack.group)}{pack.decimal + decimals if decimals else ''}"
    return sign + joined


def _rounded(value: float, digits: int) -> float:
    """Rounded as a spreadsheet does: halves away from zero."""
    from decimal import ROUND_HALF_UP, Decimal

    return (
        float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)) if abs(value) < 1e20 else value
    )


def _plain(value: float, pack: LanguagePack) -> str:
    if isinstance(value, int) or float(value).is_integer():
        return str(int(value))
    return f"{round(value, PLAIN_DIGITS):.15g}".replace(".", pack.decimal)


def _sections(pattern: str) -> list[str]:
    """The parts of a format for positive, negative and zero, parted by semicolons outside of quotation marks."""
    return [
        part.replace("\x00", ";")
        for part in re.sub(r'"[^"]*"|\\.', lambda m: m.group().replace(";", "\x00"), pattern).split(";")
    ]


def _moment(value: datetime.date | datetime.time, pattern: str, pack: LanguagePack) -> str:
    """A date by its format; by a language's own way where the format is the locale's."""
    section = _sections(pattern)[0]
    bare = re.sub(r"\[\$[^\]]*\]", "", section)
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}" + (f":{value:%S}" if "s" in bare.lower() else "")
    if bare.lower() in _BUILT_IN_DATES or not re.search(r"(?i)[dmy]", bare) or "[$-F800]" in section:
        told = pack.date(value.isoformat()[:10])
        timed = isinstance(value, datetime.datetime) and (value.hour or value.minute)
        return f"{told}, {value:%H:%M}" if timed else told
    return _by_signs(value, bare, pack)


def _by_signs(value: datetime.date, pattern: str, pack: LanguagePack) -> str:
    clock = value if isinstance(value, datetime.datetime) else datetime.datetime(value.year, value.month, value.day)
    halves = bool(re.search(r"(?i)am/pm|a/p", pattern))
    literals: list[str] = []

    def kept(match: re.Match[str]) -> str:
        literals.append(next((g for g in match.groups() if g is not None), ""))
        return chr(0xE000 + len(literals) - 1)

    signs = _DATE_SIGNS.findall(_LITERAL.sub(kept, pattern))
    told: list[str] = []
    for at, sign in enumerate(signs):
        near = [s.lower()[0] for s in signs if s[0].lower() in "hmsyd"]
        kind = sign[0].lower()
        minutes = kind == "m" and _is_minute(signs, at)
        if sign.lower() in ("am/pm", "a/p"):
            told.append(f"{clock:%p}")
        elif kind == "y":
            told.append(f"{clock:%Y}" if len(sign) > 2 else f"{clock:%y}")
        elif kind == "m" and not minutes:
            name = pack.months[clock.month - 1]
            told.append({1: str(clock.month), 2: f"{clock.month:02}", 3: name[:3]}.get(len(sign), name))
        elif kind == "m":
            told.append(f"{clock.minute:02}")
        elif kind == "d":
            told.append({1: str(clock.day), 2: f"{clock.day:02}"}.get(len(sign), ""))
        elif kind == "h":
            hour = clock.hour % 12 or 12 if halves else clock.hour
            told.append(f"{hour:02}" if len(sign) > 1 else str(hour))
        elif kind == "s" and near:
            told.append(f"{clock.second:02}")
        else:
            told.append(sign)
    text = re.sub("[\ue000-\uf8ff]", lambda m: literals[ord(m.group()) - 0xE000], "".join(told))
    return " ".join(text.split()).strip(" ,")


def _is_minute(signs: list[str], at: int) -> bool:
    """Whether an `m` means minutes: after hours or before seconds."""
    before = next((s[0].lower() for s in reversed(signs[:at]) if s[0].lower() in "hsdy"), "")
    after = next((s[0].lower() for s in signs[at + 1 :] if s[0].lower() in "hsdym"), "")
    return before == "h" or after == "s"
