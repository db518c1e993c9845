"""Speed and memory, each figure beside its reference in the same run: ratios count, this or another machine's
absolute times do not."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.assistant import Assistant
from assistant.answering.values import Question
from assistant.evaluation.benchmarks import write_corpus
from assistant.evaluation.desk import LOOKED_UP_PASSAGES, bench_look_up, bench_typing
from assistant.evaluation.load import bench_load, bench_pages
from assistant.evaluation.question_sets import own_rows
from assistant.settings import Settings

TWENTY_TOKENS = "Welche Voraussetzungen muss unser Netzwerk für eine Mitgliedschaft im Programm erfüllen?"
SENTENCES_A_PASSAGE = 6
INDEXED = 300
SIZES = (1_000, 5_000, 20_000, 100_000)
SERVED = (5_000, 100_000)


def bench(
    settings: Settings,
    json_file: Path | None,
    most: int,
    *,
    open_index: Callable[..., Any],
    embedder: Callable[..., Any],
    say: Callable[[str], None],
) -> None:
    """Prints the figures, writes them and a plot below DATA/reports."""
    model = embedder(settings)
    results: dict[str, Any] = {"cores": os.cpu_count(), "model": model.model_id}
    results["embedding"] = bench_embedding(model, say)
    results["own_corpus"] = bench_answers(
        "own corpus", open_index(settings, settings.index_folder, model).assistant, model, say
    )
    results["indexing"] = bench_indexing(model, say)
    results["sizes"] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in (s for s in SIZES if s <= most):
            folder = synthetic_snapshot(Path(scratch) / str(size), settings.index_folder, size, model)
            opened = open_index(settings, folder, model)
            results["sizes"][size] = bench_answers(f"{size} passages", opened.assistant, model, say)
            results["sizes"][size]["nearest"] = bench_nearest(folder, opened.search, model, say)
            if size == LOOKED_UP_PASSAGES:
                results["look_up"] = bench_look_up(opened, opened.search.content.entries, say)
            if size in SERVED:
                results["sizes"][size]["serving"] = serve_figures(
                    folder, settings, say, with_typing=size == LOOKED_UP_PASSAGES
                )
    results["serving"] = serve_figures(settings.index_folder, settings, say, with_load=True)
    folder = settings.data / "reports" / time.strftime("bench-%Y%m%dT%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    _plot(results, folder / "latency.png")
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    say(f"report: {folder}")


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds: minimum, median, 95th percentile."""
    ms = np.asarray(seconds) * 1e3
    return {
        "min": round(float(ms.min()), 2),
        "p50": round(float(np.median(ms)), 2),
        "p95": round(float(np.percentile(ms, 95)), 2),
    }


def _timed(action: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def bench_embedding(model: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """One question through our class against onnxruntime's own run of the same input; passages a second."""
    results: dict[str, Any] = {}
    encoder = getattr(model, "_encoder", None)
    pairs: list[tuple[float, float]] = []
    if encoder is not None:
        features = encoder.features([f"query: {TWENTY_TOKENS}"])
        for _ in range(120):
            pairs.append(
                (
                    _timed(lambda: encoder.session.run(None, features)),
                    _timed(lambda: model.embed_questions([TWENTY_TOKENS])),
                )
            )
        raw, ours = quantiles([p[0] for p in pairs[20:]]), quantiles([p[1] for p in pairs[20:]])
        results |= {"onnxruntime_ms": raw, "question_ms": ours, "ratio_p50": round(ours["p50"] / raw["p50"], 3)}
        say(
            f"one question: onnxruntime alone {raw['p50']} ms, through our class {ours['p50']} ms, ratio {results['ratio_p50']}"
        )
    text = "Der Antrag wird nach den Regeln des Programms geprüft und die Antwort kommt schriftlich. " * 5
    seconds = min(_timed(lambda: model.embed_passages([f"{n} {text}" for n in range(64)])) for _ in range(3))
    results["passages_per_second"] = round(64 / seconds, 1)
    say(f"passages of about 112 tokens: {results['passages_per_second']}/s")
    return results


def bench_answers(
    name: str, assistant: Assistant, model: Any, say: Callable[[str], None], count: int = 150
) -> dict[str, Any]:
    """Question -> finished answer against the forward pass of the same questions, taken in turn."""
    rows = [r for r in own_rows() if len(r.turns) == 1 and r.answerable and "multi" not in r.tags]
    questions = [rows[i % len(rows)].turns[0] for i in range(count)]
    encoder = getattr(model, "_encoder", None)
    forward: list[float] = []
    whole: list[float] = []
    for question in questions[:10]:
        assistant.answer(Question(question))
    for question in questions:
        if encoder is not None:
            features = encoder.features([f"query: {question}"])
            forward.append(_timed(lambda features=features: encoder.session.run(None, features)))
        else:
            forward.append(_timed(lambda question=question: model.embed_questions([question])))
        whole.append(_timed(lambda question=question: assistant.answer(Question(question))))
    f, w = quantiles(forward), quantiles(whole)
    result = {
        "forward_ms": f,
        "answer_ms": w,
        "ratio_p50": round(w["p50"] / f["p50"], 2),
        "ratio_p95": round(w["p95"] / f["p50"], 2),
    }
    say(
        f"{name}: forward pass p50 {f['p50']} ms; answer p50 {w['p50']} ms ({result['ratio_p50']} x), p95 {w['p95']} ms ({result['ratio_p95']} x)"
    )
    return result


def bench_nearest(index: Path, search: Any, model: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """The vector search in use, a comparison one by one, and Chroma's graph: milliseconds, and which share of the
    nearest each of them misses."""
    from index.exact_scan import PlainScan
    from index.passage_index import open_passage_index
    from index.search import mapped
    from index.snapshot import current_snapshot

    folder = current_snapshot(index)
    vectors = mapped(folder / "passages.npy")
    graph = open_passage_index(folder / "chroma", vectors, model_id=model.model_id, exact_below=0)
    asked = model.embed_questions([r.turns[0] for r in own_rows()[:60]])
    count = min(search.depth, len(vectors))
    ways = {"in use": search.nearest, "one by one": PlainScan(vectors).nearest, "Chroma's graph": graph.nearest}
    result: dict[str, Any] = {}
    for name, nearest in ways.items():
        seconds: list[float] = []
        lost = 0
        for vector in asked:
            begin = time.perf_counter()
            rows, _ = nearest(vector, count)
            seconds.append(time.perf_counter() - begin)
            similarities = vectors @ vector
            least = np.partition(similarities, -count)[-count]
            lost += int((similarities[rows] < least - 1e-6).sum()) + count - len(rows)
        result[name] = {"ms": quantiles(seconds), "lost": round(lost / (count * len(asked)), 5)}
    say(
        f"nearest {count} of {len(vectors)}: "
        + " · ".join(f"{name} p50 {row['ms']['p50']} ms, lost {row['lost']:.2%}" for name, row in result.items())
    )
    return result


def bench_indexing(model: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """Passages a second of a whole index run, and a second run with nothing changed."""
    from index.build import build_snapshot

    with tempfile.TemporaryDirectory() as scratch:
        sentence = "Die Stelle {n} prüft den Antrag Nummer {m} und antwortet innerhalb von {n} Wochen schriftlich."
        texts = [
            (f"d{n}", "de", " ".join(sentence.format(n=n, m=n * 10 + i) for i in range(SENTENCES_A_PASSAGE)))
            for n in range(INDEXED)
        ]
        corpus = write_corpus(Path(scratch) / "corpus", texts)
        first = _timed(
            lambda: build_snapshot(corpus, Path(scratch) / "index", model_id=model.model_id, embedder=lambda: model)
        )
        for n in range(INDEXED, 1000):
            (corpus / "documents" / f"d{n}.md").write_text(
                f"---\nlanguage: de\n---\n{texts[n % INDEXED][2]}\n", encoding="utf-8"
            )
        build_snapshot(corpus, Path(scratch) / "index", model_id=model.model_id, embedder=lambda: model)
        second = _timed(
            lambda: build_snapshot(corpus, Path(scratch) / "index", model_id=model.model_id, embedder=lambda: model)
        )
    result = {
        "passages_per_second": round(INDEXED / first, 1),
        "sentences_a_passage": SENTENCES_A_PASSAGE,
        "unchanged_1000_documents_s": round(second, 2),
    }
    say(
        f"indexing: {result['passages_per_second']} passages/s with {SENTENCES_A_PASSAGE} sentences each; 1,000 unchanged documents {result['unchanged_1000_documents_s']} s"
    )
    return result


def synthetic_snapshot(folder: Path, own: Path, size: int, model: Any) -> Path:
    """A snapshot of `size` passages with the entries of the own corpus; vectors are random about the mean of real
    ones."""
    from index.build import write_parts
    from index.snapshot import Content, current_snapshot, point_to
    from index.units import asked_units
    from index.values import Corpus, Passage, Sentence, SourceDocument

    rng = np.random.default_rng(size)
    source = current_snapshot(own)
    content = Content(source / "content.sqlite")
    real = np.load(source / "passages.npy")
    words = np.asarray([w for p in content.passages_at(range(len(real))) for w in p.text.split()])
    documents: list[SourceDocument] = []
    passages: list[Passage] = []
    for n in range(size):
        texts = [" ".join(rng.choice(words, 14)) for _ in range(SENTENCES_A_PASSAGE)]
        ends = np.cumsum([len(t) + 1 for t in texts])
        sentences = tuple(Sentence(int(e) - 1 - len(t), int(e) - 1, t) for e, t in zip(ends, texts, strict=True))
        if n % 10 == 0:
            documents.append(
                SourceDocument(f"s{n}", f"documents/s{n}.md", "", f"S {n}", "de", None, None, None, "original", ())
            )
        passages.append(Passage(f"s{n}#1", documents[-1].id, (), " ".join(texts), sentences, "de"))

    def near_real(count: int) -> Any:
        vectors = real[rng.integers(0, len(real), count)] + 0.35 / np.sqrt(real.shape[1]) * rng.standard_normal(
            (count, real.shape[1])
        ).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    asked = asked_units((*content.entries, *content.itself), content.figures, content.outside)
    vectors = np.concatenate(
        [near_real(size), near_real(size * SENTENCES_A_PASSAGE), np.load(source / "asked.npy")]
    ).astype(np.float32)
    corpus = Corpus(
        content.programme, tuple(documents), content.entries, content.figures, (), (), content.outside, content.itself
    )
    target = folder / "snapshots" / "synthetic"
    target.mkdir(parents=True)
    write_parts(target, "synthetic", "0" * 64, model.model_id, corpus, passages, asked, vectors)
    point_to(folder, "synthetic")
    return folder


def serve_figures(
    index: Path, settings: Settings, say: Callable[[str], None], *, with_load: bool = False, with_typing: bool = False
) -> dict[str, Any]:
    """Seconds from process start to `/readyz`, and memory after 20 answers, of a real server process; with its
    behaviour under load, and the desk's while somebody types."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = Path(__file__).parents[2] / "app.py"
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            **os.environ,
            "CLUSTERLOTSE_DATABASE_URL": f"sqlite:///{scratch}/records.sqlite",
            "CLUSTERLOTSE_RATE_PER_MINUTE": "100000",
        }
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(app), "serve", "--port", str(port), "--index", str(index)],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            ready = _wait_until_ready(port, begin)
            for n in range(20):
                body = json.dumps({"question": f"{TWENTY_TOKENS} {n}"}).encode()
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}/api/v1/ask", body, {"Content-Type": "application/json"}
                )
                urllib.request.urlopen(request, timeout=30).read()
            urllib.request.urlopen(
                f"http://127.0.0.1:{port}/", timeout=60
            ).read()  # the chat window is made after the rest
            memory = _memory(process.pid)
            further: dict[str, Any] = (
                {"load": bench_load(port, 10.0, say), "pages": bench_pages(port, say)} if with_load else {}
            )
            if with_typing:
                further["typing"] = bench_typing(port, environment, say)
        finally:
            process.terminate()
            process.wait(20)
    say(
        f"server on {index.name}: ready after {ready:.1f} s, {memory['resident_mb']:.0f} MB resident, {memory['private_mb']:.0f} MB of them not in mapped files"
    )
    return {"ready_s": round(ready, 2), **memory, **further}


def _wait_until_ready(port: int, begin: float) -> float:
    while time.perf_counter() - begin < 120:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as response:
                if response.status == 200:
                    return time.perf_counter() - begin
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError("the server was not ready after 120 s")


def _memory(pid: int) -> dict[str, float]:
    """Megabytes in memory, and those of them that belong to no mapped file: pages of files are given back when
    memory is short."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        resident = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3, 1)
        return {"resident_mb": resident, "private_mb": resident}
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines() if ":" in line)
    return {
        name: round(int(lines[field].split()[0]) / 1e3, 1)
        for name, field in (("resident_mb", "VmRSS"), ("private_mb", "RssAnon"))
    }


def _plot(results: dict[str, Any], path: Path) -> None:
    try:
        import matplotlib as mpl
    except ImportError:
        return
    mpl.use("Agg")
    from matplotlib import pyplot

    sizes = results["sizes"]
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for label, key, quantile in (
        ("forward pass p50", "forward_ms", "p50"),
        ("answer p50", "answer_ms", "p50"),
        ("answer p95", "answer_ms", "p95"),
    ):
        axes.plot(list(sizes), [row[key][quantile] for row in sizes.values()], marker="o", label=label)
    axes.set_xscale("log")
    axes.set_xlabel("passages")
    axes.set_ylabel("ms")
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
