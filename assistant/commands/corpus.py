"""`app.py corpus`: brings what was approved at the desk into a corpus folder."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from assistant.commands import CommandError
from assistant.settings import Settings

corpus_commands = typer.Typer(help="The corpus and the desk.", no_args_is_help=True)
ENTRIES, QUESTIONS = Path("curated") / "desk.yaml", Path("questions") / "desk.jsonl"


@corpus_commands.callback()
def corpus() -> None:
    """The corpus and the desk."""


@corpus_commands.command()
def export(to: Annotated[Path, typer.Option("--to", help="Folder to write to.")]) -> None:
    """Write the entries approved at the desk as corpus YAML, and their evaluation questions as JSONL."""
    from assistant.commands.desk import desk_questions, desk_rows

    settings = Settings()
    rows = [dict(row) for row in desk_rows(settings)]
    questions = desk_questions(settings)
    try:
        for name, text in (
            (ENTRIES, yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=150)),
            (QUESTIONS, "".join(json.dumps(_question(q), ensure_ascii=False) + "\n" for q in questions)),
        ):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{to} cannot be written: {error.strerror}") from error
    print(f"{len(rows)} entries, {len(questions)} questions", file=sys.stderr)


@corpus_commands.command()
def thin(
    folder: Annotated[Path, typer.Option("--corpus", help="Corpus folder; its files are changed.")],
    most: Annotated[int, typer.Option(help="Phrasings an entry and language.", min=1)] = 10,
) -> None:
    """Keep the phrasings that stand for the others, at most so many an entry and language, the most telling first."""
    from assistant.commands.opening import question_embedder
    from assistant.evaluation.thinning import thinned

    embedder = question_embedder(Settings())
    changed = 0
    for path in sorted([*folder.glob("curated/**/*.yaml"), *folder.glob("figures/**/*.yaml")]):
        before = path.read_text(encoding="utf-8")
        after = thinned(before, most, embedder.embed_questions)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed += 1
    print(f"{changed} file(s) changed", file=sys.stderr)


def _question(expected: Any) -> dict[str, Any]:
    """A row of the question set."""
    return {
        "id": expected.id, "topic": expected.topic, "language": expected.language, "turns": list(expected.turns),
        "statuses": sorted(expected.statuses), "must": list(expected.must), "tags": sorted(expected.tags),
    }  # fmt: skip
