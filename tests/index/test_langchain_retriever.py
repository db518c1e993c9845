"""The search as LangChain's users meet it: retriever, runnable, tool, and the documentation's own lines."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import BaseMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_core.tools import create_retriever_tool
from pydantic import ValidationError
from support import DATA, ROOT, SmallCorpus, apart

from index.langchain_retriever import ClusterlotseRetriever
from index.search import SnapshotSearch
from index.snapshot import SnapshotError

EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "retriever.md").read_text(encoding="utf-8"), re.DOTALL)


class Listening(FakeListChatModel):
    """Says what it is told to, and keeps what it heard."""

    heard: list[str] = []

    def _call(self, messages: list[BaseMessage], *arguments: Any, **more: Any) -> str:
        self.heard.append("\n".join(str(message.content) for message in messages))
        return super()._call(messages, *arguments, **more)


@pytest.fixture(scope="module")
def retriever(shipped_search: SnapshotSearch) -> ClusterlotseRetriever:
    del shipped_search
    return ClusterlotseRetriever.open(DATA / "index", k=3)


def test_it_finds_what_the_search_finds(retriever: ClusterlotseRetriever, shipped_search: SnapshotSearch) -> None:
    question = "Wer kann Mitglied werden?"
    found = retriever.invoke(question)
    ranked = shipped_search.search(question).ranked[:3]
    assert [d.metadata["document"] for d in found] == [place.document for place in ranked]
    assert all(d.page_content and d.metadata["title"] for d in found)
    assert {"document", "passage", "score", "kind", "title"} <= set(found[0].metadata)
    assert len(retriever.batch([question, "Was ist Bronze?"])) == 2
    assert [d.page_content for d in apart(retriever.ainvoke(question))] == [d.page_content for d in found]


def test_passages_entries_and_figures_become_documents(retriever: ClusterlotseRetriever) -> None:
    wide = ClusterlotseRetriever(search=retriever.search, k=30, language="en")
    kinds = {d.metadata["kind"] for d in wide.invoke("How many members were there in 2015?")}
    assert kinds == {"passage", "entry", "figure"}


def test_it_is_a_tool(retriever: ClusterlotseRetriever) -> None:
    tool = create_retriever_tool(retriever, "programme_documents", "Searches the documents of the programme.")
    text = tool.invoke({"query": "Wie viele Indikatoren hat das Gold-Label?"})
    assert all(d.page_content in text for d in retriever.invoke("Wie viele Indikatoren hat das Gold-Label?"))
    assert "query" in tool.args


def test_it_is_a_part_of_a_chain(retriever: ClusterlotseRetriever) -> None:
    model = Listening(responses=["So ist es."])
    prompt = ChatPromptTemplate.from_template("{context} || {question}")
    context = retriever | (lambda documents: "\n".join(d.page_content for d in documents))
    chain = {"context": context, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    question = "Wie viele Indikatoren hat das Gold-Label?"
    assert chain.invoke(question) == apart(chain.ainvoke(question)) == "So ist es."
    assert model.heard[0] == model.heard[1]
    assert model.heard[0].endswith(f" || {question}")
    assert retriever.invoke(question)[0].page_content in model.heard[0]


def test_a_folder_without_an_index_and_a_wrong_number_are_told(small_corpus: SmallCorpus, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="build one with"):
        ClusterlotseRetriever.open(tmp_path / "none")
    small_corpus.write("documents/d.md", "---\nlanguage: de\n---\nDer Verein hat seinen Sitz in Leipzig.\n")
    small_corpus.build()
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        ClusterlotseRetriever.open(small_corpus.index, k=0, data=DATA)
    found = ClusterlotseRetriever.open(small_corpus.index, data=DATA).invoke("Wo sitzt der Verein?")
    assert [d.page_content for d in found] == ["Der Verein hat seinen Sitz in Leipzig."]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_lines_of_the_documentation_run(number: int, shipped_search: SnapshotSearch, tmp_path: Path) -> None:
    del shipped_search
    assert len(EXAMPLES[number].strip().splitlines()) <= 14
    (tmp_path / "var").symlink_to(DATA)
    (tmp_path / "own.py").write_text(EXAMPLES[number], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "own.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) > 8
