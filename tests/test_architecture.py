"""The direction of imports, and which room may import which library."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from assistant.languages import codes

ROOT = Path(__file__).parents[1]
FILES = sorted([ROOT / "app.py", *(ROOT / "assistant").rglob("*.py"), *(ROOT / "index").rglob("*.py")])
NAMES = [str(p.relative_to(ROOT)) for p in FILES]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


LEAVES = ("index.values", "assistant.languages")
"""What everybody may import; they import nothing of ours."""


def within(modules: set[str], *packages: str) -> set[str]:
    return {m for m in modules if any(m == p or m.startswith(f"{p}.") for p in packages)}


FORBIDDEN = {
    "assistant/answering": ("index", "assistant.records", "assistant.surfaces", "assistant.evaluation", "app"),
    "index": ("assistant", "app"),
    "assistant/records": ("index", "assistant.surfaces", "assistant.evaluation", "app"),
    "assistant/desk": ("index", "assistant.surfaces", "assistant.evaluation", "app"),
    "assistant/surfaces": ("index", "assistant.records", "app"),
}
ONLY_IN = {
    "gradio": ("assistant/surfaces/",),
    "chromadb": ("index/passage_index.py",),
    "sqlalchemy": ("assistant/records/",),
    "alembic": ("assistant/records/",),
    "argon2": ("assistant/records/",),
    "authlib": ("assistant/surfaces/desk/",),
    "langchain_core": (
        "index/langchain_retriever.py",
        "assistant/answering/composing/selecting.py",
        "assistant/answering/composing/generating.py",
        "assistant/answering/rephrasing.py",
    ),
    "sentence_transformers": ("index/embedder.py", "index/onnx_module.py", "index/reranker.py"),
}


@pytest.mark.parametrize("name", NAMES)
def test_rooms_import_only_downwards(name: str) -> None:
    used = imports(ROOT / name)
    for room, forbidden in FORBIDDEN.items():
        if name.startswith(f"{room}/"):
            assert not within(used - within(used, *LEAVES), *forbidden), f"{name} imports upwards"


def test_the_leaves_import_nothing_of_ours() -> None:
    for path in [ROOT / "index" / "values.py", *(ROOT / "assistant" / "languages").rglob("*.py")]:
        ours = within(imports(path), "assistant", "index", "app") - within(imports(path), "assistant.languages")
        assert not ours, f"{path.name} imports {ours}"


@pytest.mark.parametrize("name", NAMES)
def test_libraries_stay_in_their_rooms(name: str) -> None:
    used = imports(ROOT / name)
    if name.startswith("assistant/evaluation/"):
        return  # the references of a measurement are measured with their own libraries
    for library, places in ONLY_IN.items():
        if within(used, library):
            assert name.startswith(places), f"{name} imports {library}"


def test_nothing_heavy_happens_at_import_of_the_commands() -> None:
    top = {
        alias.name
        for node in ast.parse((ROOT / "app.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not top & {"gradio", "torch", "chromadb", "sentence_transformers"}


MEASURING = "assistant/evaluation/"
"""The benchmark sets have their languages."""


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith(MEASURING)])
def test_a_language_is_asked_for_and_not_known_by_name(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    named = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in codes()]
    assert named == [], f"{name} names a language in line {named}"


def test_no_programme_is_known_to_the_code() -> None:
    """Neither its name nor the names that it tells apart stand in the code or in a language pack."""
    told = yaml.load((ROOT / "corpus" / "programme.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    names = {told["name"], *(n for listed in told["contrasts"] for n in listed)}
    names |= {term for scope in told["neighbours"] for term in scope["terms"]}
    known = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names)))})(?!\w)", re.IGNORECASE)
    for path in [*FILES, *(ROOT / "assistant").rglob("*.yaml")]:
        found = known.findall(path.read_text(encoding="utf-8"))
        assert not found, f"{path.name} names the programme: {found[:3]}"
