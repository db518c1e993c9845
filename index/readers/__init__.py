"""Reads a corpus folder: one reader a format, all behind `read_corpus`."""

from index.readers.corpus import corpus_digest, read_corpus, read_programme
from index.readers.document import document_id, read_document
from index.readers.formats import ENDINGS as READERS

__all__ = ["READERS", "corpus_digest", "document_id", "read_corpus", "read_document", "read_programme"]
