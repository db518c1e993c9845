"""What is said when the records cannot be opened, read or written; no text of a question or an answer is ever part
of it."""


class RecordsUnusable(Exception):
    """The records cannot be opened at all; the message names them and the remedy."""


class RecordsFault(Exception):
    """The records cannot be read or written now; `fault` is class and code of what happened."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


REMEDIES = {
    "SQLITE_NOTADB": "is not a SQLite database; move it away to begin anew, or restore a backup",
    "SQLITE_CORRUPT": "is damaged; restore a backup, or move it away to begin anew",
    "SQLITE_READONLY": "cannot be written; make the file and its folder writable for this user, or set CLUSTERLOTSE_DATA or CLUSTERLOTSE_DATABASE_URL",
    "SQLITE_CANTOPEN": "cannot be opened; make the file and its folder readable and writable for this user, or set CLUSTERLOTSE_DATA or CLUSTERLOTSE_DATABASE_URL",
    "SQLITE_FULL": "cannot be written because the disk is full; free some space",
    "SQLITE_IOERR": "cannot be read or written by the file system; check the disk and its free space",
    "SQLITE_BUSY": "is locked by another process; end it, or wait for it",
    "ANY": "cannot be opened; check that it runs, and the address and account in CLUSTERLOTSE_DATABASE_URL",
}
"""What to do, by the beginning of SQLite's name of an error."""


def remedy(code: str | None) -> str:
    """What is the matter with the database and what to do about it."""
    return next((text for name, text in REMEDIES.items() if code and code.startswith(name)), REMEDIES["ANY"])
