"""`app.py snapshots`: which there are, going back to one, removing old ones."""

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands import CommandError
from assistant.commands.lines import say
from assistant.settings import Settings

snapshot_commands = typer.Typer(help="The snapshots of the index.", no_args_is_help=True)
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder that holds the snapshots.")]


@snapshot_commands.command("list")
def list_snapshots(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, index: IndexOption = None
) -> None:
    """List the snapshots, the newest first: id, date, counts, which is in use."""
    from index.snapshots import kept_snapshots

    kept = kept_snapshots(index or Settings().index_folder)
    if as_json:
        rows = [
            {"id": k.id, "created": k.created, "model": k.model, "in_use": k.in_use, "readable": k.readable, **k.counts}
            for k in kept
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return
    for k in kept:
        counts = ", ".join(f"{count} {name}" for name, count in k.counts.items())
        state = "in use" if k.in_use else "" if k.readable else f"format {k.format}: for another version"
        print("\t".join([k.id, k.created, counts, *([state] if state else [])]))


@snapshot_commands.command()
def activate(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The snapshot, as `list` names it.")],
    index: IndexOption = None,
) -> None:
    """Put an earlier snapshot to use, once it is verified; a running server takes it over. The next build replaces
    it."""
    from index.embedder import model_id
    from index.passage_index import StoreError
    from index.snapshot import SnapshotError
    from index.snapshots import activate as put_to_use

    settings = Settings()
    try:
        manifest = put_to_use(
            index or settings.index_folder, identity, model_id(settings.embedding_model), settings.chroma_url
        )
    except (SnapshotError, StoreError) as error:
        raise CommandError(str(error)) from error
    say(f"in use: {manifest.id} of {manifest.created}")


@snapshot_commands.command()
def prune(
    keep: Annotated[
        int | None, typer.Option(help="So many stay, the one in use among them (SNAPSHOTS_KEPT).", min=1)
    ] = None,
    index: IndexOption = None,
) -> None:
    """Remove all but the newest snapshots, their reports and what killed builds left."""
    from index.passage_index import StoreError
    from index.report_page import remove_reports
    from index.snapshot import SnapshotError
    from index.snapshots import kept_snapshots
    from index.snapshots import prune as remove

    settings = Settings()
    folder = index or settings.index_folder
    try:
        pruned = remove(folder, keep or settings.snapshots_kept, settings.chroma_url)
    except (SnapshotError, StoreError) as error:
        raise CommandError(str(error)) from error
    # the reports of the index of the settings go with all that is not there any more
    own = folder.resolve() == settings.index_folder.resolve()
    there = {kept.id for kept in kept_snapshots(folder)}
    remove_reports(settings.data / "reports", lambda name: name not in there if own else name in pruned.removed)
    say(f"{len(pruned.removed)} snapshot(s) and {pruned.leftovers} half-built one(s) removed")
