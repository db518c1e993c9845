"""Commands beside those of `app.py`, and the joint of the desk with records and index."""


class CommandError(Exception):
    """Stops a command with one line on stderr and exit code 2."""
