"""Who may do what at the desk, for the pages."""

from assistant.records.entries import EntryError
from assistant.records.staff import Role, SignedIn
from assistant.records.takeover import OUTCOMES, TooManyCodes

__all__ = ["OUTCOMES", "EntryError", "Role", "SignedIn", "TooManyCodes"]
