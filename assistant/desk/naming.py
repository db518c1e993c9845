"""Entries and documents by what people call them, instead of by their ids."""

from assistant.desk.desk import Desk


def title_of(desk: Desk, identity: str, language: str) -> str | None:
    """The first question of an entry, or the title of a document; None for anything else."""
    entry = desk.entries.entry(identity)
    questions = (
        entry.content["row"].get("questions")
        if entry
        else next((e.questions for e in desk.corpus.entries() if e.id == identity), None)
    )
    if questions:
        return next(iter(questions.get(language) or next(iter(questions.values()))), None)
    opened = desk.current()
    document = opened.library.document(identity) if opened else None
    return document.title if document else None
