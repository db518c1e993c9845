"""The files of a corpus folder, and why some of them are not read."""

from dataclasses import dataclass
from pathlib import Path

_SILENT = frozenset((".DS_Store", ".gitkeep", ".gitignore", ".gitattributes"))
"""Files that systems leave in folders, and nobody means as content."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file: its path, its name below the corpus (safe to print), and why it is not read (empty: it is)."""

    path: Path
    name: str
    reason: str = ""


def files_of(folder: Path, room: str = "") -> list[Listed]:
    """The files below a corpus folder (or a room of it) by name; those of a hidden folder are one."""
    root = folder.resolve()
    found: dict[str, Listed] = {}
    for path in sorted((folder / room).rglob("*")):
        relative = path.relative_to(folder)
        hidden = next((n for n, part in enumerate(relative.parts) if part.startswith((".", "~$"))), None)
        if hidden is not None:
            part = Path(*relative.parts[: hidden + 1])
            if part.name not in _SILENT:
                name = printable(part.as_posix())
                reason = (
                    "its name begins with a dot" if part.name.startswith(".") else "is left over by an office programme"
                )
                found.setdefault(name, Listed(folder / part, name, f"{reason}; it is left out"))
            continue
        if not path.is_file() and not path.is_symlink():
            continue
        listed = Listed(path, printable(relative.as_posix()), _fault(path, relative, root))
        if not (path.is_dir() and not listed.reason):
            found[listed.name] = listed
    return [found[name] for name in sorted(found)]


def printable(name: str) -> str:
    """A file name in one line: what cannot be printed is told by its number."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name)


def _fault(path: Path, relative: Path, root: Path) -> str:
    if any(not c.isprintable() for c in str(relative)):
        return "its name holds signs that cannot be printed; rename it"
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "is a link that leads nowhere"
    if not real.is_relative_to(root):
        return "is a link that leads out of the corpus; such files are not read"
    return "" if real.is_file() or real.is_dir() else "is no ordinary file"
