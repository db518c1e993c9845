"""`app.py import-questions`: a list of questions and answers becomes entries of a corpus."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands import CommandError
from assistant.commands.lines import say


def import_questions(
    source: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="Excel, CSV or HTML, or the address of a web page.")
    ],
    corpus: Annotated[Path, typer.Option(help="Corpus folder with a programme.yaml.")],
) -> None:
    """Turn a list of questions and answers into entries, and say what an editor should look at."""
    from index.question_lists.importing import ImportRefused, import_list

    try:
        done = import_list(source, corpus)
    except ImportRefused as error:
        raise CommandError(str(error)) from error
    told = ", ".join(f"{count} in {code}" for code, count in done.languages.items())
    kept = "" if done.changed else "; nothing has changed"
    say(f"{done.entries} entries ({told}) in {done.path}{kept}")
    for line in done.notes:
        say(line)
