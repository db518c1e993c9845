"""The composition root: joins index, answering, records and surfaces, and offers them as commands."""

import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands import CommandError
from assistant.commands.corpus import corpus_commands
from assistant.commands.import_questions import import_questions
from assistant.commands.lines import emit, read_batch, say
from assistant.commands.opening import LiveIndex, build_other, open_index, question_embedder
from assistant.commands.snapshots import snapshot_commands
from assistant.commands.staff import staff_commands
from assistant.faults import OneLineFormatter
from assistant.records.faults import RecordsUnusable
from assistant.settings import Settings

os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_RUN_HISTORY", "False")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# one product of a matrix and a vector gains nothing from threads, and two answers at once would fight over them
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

cli = typer.Typer(
    help="Clusterlotse: answers about a public programme, with source and date.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.add_typer(staff_commands, name="staff")
cli.add_typer(corpus_commands, name="corpus")
cli.command("import-questions")(import_questions)
cli.add_typer(snapshot_commands, name="snapshots")
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder that holds the snapshots.")]


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
    index: IndexOption = None,
) -> None:
    """Serve chat window, plain page, widget, desk and API."""
    settings = Settings()
    host, port = host or settings.host, port or settings.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
            ) from error
    import uvicorn

    from assistant.commands.desk import open_desk
    from assistant.records.store import Records, open_engine
    from assistant.surfaces.web import build_web_app

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    engine = open_engine(settings.database_url, settings.data)
    live = LiveIndex(settings, index or settings.index_folder)
    live.refresh()
    if live.current() is None:
        say(f"no index: {live.fault}")
    live.watch()
    desk = open_desk(settings, engine, live)
    app = build_web_app(settings, live.current, Records(engine), desk)
    desk.publisher.start()
    desk.rounds.start()
    say(f"Clusterlotse: http://{host}:{port}")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


@cli.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    language: Annotated[str | None, typer.Option(help="One of the programme's languages.")] = None,
    index: IndexOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole Answer as JSON.")] = False,
    explain: Annotated[bool, typer.Option(help="Show candidates, scores, decision and checks.")] = False,
    batch: Annotated[Path | None, typer.Option(help="JSONL file with id and turns.")] = None,
) -> None:
    """Answer a question, or a file of conversations."""
    from assistant.answering.values import Question
    from assistant.evaluation.answers import ask_in_turn

    settings = Settings()
    folder = index or settings.index_folder
    if batch is not None:
        rows = read_batch(batch, "turns")
        assistant = open_index(settings, folder).assistant
        spoken = assistant.programme.languages
        for row in rows:
            turns, wish = row["turns"], row.get("language")
            if not isinstance(turns, list):
                raise CommandError(f"{batch}: turns of {row['id']!r} must be a list of texts")
            considered = ask_in_turn(assistant, [str(turn) for turn in turns], wish if wish in spoken else None)
            token = considered[0].answer.conversation if considered else ""
            emit({"id": row["id"], "answers": [c.answer.within(token, None).as_json() for c in considered]})
        return
    if not question or not question.strip():
        raise CommandError("the question is empty; write it in quotation marks, or use --batch FILE")
    assistant = open_index(settings, folder).assistant
    if language is not None and language not in assistant.programme.languages:
        raise CommandError(f"language must be one of {', '.join(assistant.programme.languages)}, got {language!r}")
    considered = assistant.consider(Question(question, language))
    if as_json:
        emit(considered.answer.as_json())
    else:
        from assistant.surfaces.terminal import print_answer

        print_answer(considered.answer)
    if explain:
        from assistant.surfaces.terminal import print_explanation

        print_explanation(considered, to_stdout=not as_json)


@cli.command()
def index(
    corpus: Annotated[Path | None, typer.Option(help="Corpus folder.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Folder that holds the snapshots.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit 1 when a file or entry was rejected.")] = False,
) -> None:
    """Build or update the index of a corpus."""
    from assistant.commands.desk import desk_rows, suspend_refused
    from assistant.evaluation.calibrate import write_thresholds
    from assistant.surfaces.terminal import ProgressBars, print_report
    from index.build import BuildError, build_snapshot
    from index.embedder import model_id
    from index.report_page import write_report
    from index.values import CorpusError

    settings = Settings()
    target = to or settings.index_folder
    identity = model_id(settings.embedding_model)
    # the index that is served holds what was approved at the desk too; any other is made from its corpus alone
    own = (
        target.resolve() == settings.index_folder.resolve()
        and (corpus or settings.corpus).resolve() == settings.corpus.resolve()
    )
    with ProgressBars() as bars:
        rows = desk_rows(settings) if own else []
        try:
            built = build_snapshot(
                corpus or settings.corpus,
                target,
                model_id=identity,
                embedder=lambda: question_embedder(settings, building=True),
                watcher=bars,
                chroma_url=settings.chroma_url,
                desk=rows,
                kept=settings.snapshots_kept,
                finish=lambda folder: write_thresholds(
                    folder, question_embedder(settings).embed_questions, settings.error_budget
                ),
            )
        except (CorpusError, BuildError) as error:
            raise CommandError(str(error)) from error
    if own:
        suspend_refused(settings, built.report, rows)
    if report is not None:
        report.write_text(json.dumps(built.report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_report(settings.data / "reports", built.report, built.language)
    print_report(built.report)
    if strict and built.rejected:
        raise typer.Exit(1)


@cli.command()
def search(
    batch: Annotated[Path, typer.Option(help="JSONL file with id and text.")],
    index: IndexOption = None,
    k: Annotated[int, typer.Option("--k", help="Hits a question.", min=1, max=1000)] = 10,
) -> None:
    """Find documents for a file of questions."""
    settings = Settings()
    rows = read_batch(batch, "text")
    searcher = open_index(settings, index or settings.index_folder).search
    for row in rows:
        found = searcher.search(str(row["text"]) or " ", row.get("language"), count=max(3 * k, 20))
        emit(
            {
                "id": row["id"],
                "hits": [
                    {"document": r.document, "passage": r.passage, "score": round(r.score, 6)} for r in found.ranked[:k]
                ],
            }
        )


@cli.command()
def decide(
    batch: Annotated[Path, typer.Option(help="JSONL file with id and text.")], index: IndexOption = None
) -> None:
    """Say for a file of questions whether the index answers them."""
    settings = Settings()
    rows = read_batch(batch, "text")
    assistant = open_index(settings, index or settings.index_folder).assistant
    for row in rows:
        decided = assistant.decide(str(row["text"]), row.get("language"))
        emit({"id": row["id"], "answerable": round(decided.probability, 6), "status": decided.status})


@cli.command("check-corpus")
def check_corpus(corpus: Annotated[Path | None, typer.Option(help="Corpus folder.")] = None) -> None:
    """Check schema, sources, parity of languages, dates and contradictions: errors first, then advice by kind; exit
    1 for errors."""
    from index.corpus_check import check
    from index.findings import errors_of, report_lines
    from index.values import CorpusError

    try:
        findings = check(corpus or Settings().corpus)
    except CorpusError as error:
        raise CommandError(str(error)) from error
    for line in report_lines(findings):
        print(line)
    errors = len(errors_of(findings))
    say(f"{errors} error(s), {len(findings) - errors} piece(s) of advice")
    if errors:
        raise typer.Exit(1)


@cli.command()
def evaluate(
    corpus: Annotated[
        Path | None, typer.Option(help="Corpus folder; one that is not served is indexed for it.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="answers, efforts, retrieval, decisions, attacks; all by default.")
    ] = None,
    effort: Annotated[
        int | None,
        typer.Option(help="Only the first K phrasings an entry and language; 0: documents and figures.", min=0),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.")] = None,
    quick: Annotated[bool, typer.Option(help="The question sets only; fails below the stored figures.")] = False,
) -> None:
    """Measure answers, what an editor's effort brings, retrieval, decisions and attacks."""
    from assistant.commands.desk import desk_questions
    from assistant.evaluation.run import Tools
    from assistant.evaluation.run import evaluate as run

    settings, own = _of_corpus(corpus)
    tools = Tools(open_index, question_embedder, say)
    further = desk_questions(settings) if own else ()
    if not run(settings, only, json_file, tools=tools, quick=quick, effort=effort, further=further):
        raise typer.Exit(1)


@cli.command()
def bench(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.")] = None,
    most: Annotated[int, typer.Option(help="Largest number of passages.")] = 100_000,
) -> None:
    """Measure speed and memory, each figure beside its reference in the same run."""
    from assistant.evaluation.bench import bench as run

    run(Settings(), json_file, most, open_index=open_index, embedder=question_embedder, say=say)


@cli.command("widget-hash")
def widget_hash() -> None:
    """Print the integrity hash of the widget's script."""
    from assistant.surfaces.plain_page import sri_hash

    print(sri_hash())


@cli.command()
def forget() -> None:
    """Delete conversations that are older than the retention period; run it daily."""
    import datetime

    from assistant.records.store import Records, open_engine

    settings = Settings()
    records = Records(open_engine(settings.database_url, settings.data))
    gone = records.forget_before(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=settings.retention_days))
    say(f"{gone} conversation(s) deleted")


@cli.command()
def calibrate(corpus: Annotated[Path | None, typer.Option(help="Corpus folder.")] = None) -> None:
    """Fit the thresholds of a corpus on its own phrasings, and write them beside its index (each build does)."""
    from assistant.evaluation.calibrate import FILE, write_thresholds
    from index.snapshot import SnapshotError, current_snapshot

    settings, _ = _of_corpus(corpus)
    try:
        folder = current_snapshot(settings.index_folder)
    except SnapshotError as error:
        raise CommandError(str(error)) from error
    write_thresholds(folder, question_embedder(settings).embed_questions, settings.error_budget)
    print((folder / FILE).read_text(encoding="utf-8").strip())


@cli.command()
def fit() -> None:
    """Fit the shipped model from several question sets together (for those who work on the product)."""
    from assistant.evaluation.fit import fit as run

    run(Settings(), embedder=question_embedder, say=say)


def _of_corpus(corpus: Path | None) -> tuple[Settings, bool]:
    """The settings for a corpus, and whether it is the one that is served; the index of another is built below DATA."""
    settings = Settings()
    if corpus is None or corpus.resolve() == settings.corpus.resolve():
        return settings, True
    if not (corpus / "programme.yaml").is_file():
        raise CommandError(f"{corpus} holds no programme.yaml; name a corpus folder")
    apart = settings.model_copy(update={"corpus": corpus, "index": settings.data / "corpora" / corpus.resolve().name})
    build_other(settings, apart)
    return apart, False


def main() -> None:
    """Runs a command; a fault that stops it is one line on stderr and exit code 2."""
    from pydantic import ValidationError

    try:
        code = cli(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except (CommandError, RecordsUnusable) as error:
        say(f"error: {error}")
        sys.exit(2)
    except ValidationError as error:
        first = error.errors()[0]
        say(f"error: setting CLUSTERLOTSE_{'_'.join(str(p) for p in first['loc']).upper()}: {first['msg']}")
        sys.exit(2)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except Exception as error:
        if type(error).__module__.startswith(("click", "typer")):
            shown = getattr(error, "format_message", None)
            say(f"error: {shown() if shown else error}")
            sys.exit(2)
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        say(f"error: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
        sys.exit(2)


if __name__ == "__main__":
    main()
