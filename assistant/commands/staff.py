"""`app.py staff`: the accounts of the desk."""

import getpass
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import CommandError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.records.staff import StaffBook

staff_commands = typer.Typer(help="Accounts of the desk.", no_args_is_help=True)
BY = "command line"
Name = Annotated[str, typer.Argument(help="Name of the account.")]


def _book() -> "StaffBook":
    from assistant.records.staff import StaffBook
    from assistant.records.store import open_engine

    settings = Settings()
    return StaffBook(open_engine(settings.database_url, settings.data))


def _password() -> str:
    """By prompt, twice; from a pipe its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise CommandError("the passwords differ")
    return first


@staff_commands.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="agent, editor or admin.")] = "agent",
    provider: Annotated[
        bool, typer.Option("--provider", help="Without a password: sign-in through the identity provider only.")
    ] = False,
) -> None:
    """Add an account; the password is asked for, or read from stdin."""
    from assistant.records.staff import Role, StaffError

    if role not in list(Role):
        raise CommandError(f"role must be agent, editor or admin, got {role!r}")
    try:
        _book().add(name, Role(role), None if provider else _password(), BY)
    except StaffError as error:
        raise CommandError(str(error)) from error
    print(f"added {name} as {role}", file=sys.stderr)


@staff_commands.command("list")
def list_accounts(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List all accounts."""
    members = _book().members()
    if as_json:
        print(
            json.dumps(
                [
                    {"name": m.name, "role": m.role.value, "disabled": m.disabled, "password": m.has_password}
                    for m in members
                ],
                ensure_ascii=False,
            )
        )
        return
    for m in members:
        print(
            "\t".join(
                [
                    m.name,
                    m.role.value,
                    *([] if m.has_password else ["provider only"]),
                    *(["disabled"] if m.disabled else []),
                ]
            )
        )


@staff_commands.command()
def disable(name: Name, enable: Annotated[bool, typer.Option("--enable", help="Enable it again.")] = False) -> None:
    """Disable an account and end its sessions."""
    from assistant.records.staff import StaffError

    try:
        _book().disable(name, BY, disabled=not enable)
    except StaffError as error:
        raise CommandError(str(error)) from error


@staff_commands.command()
def password(name: Name) -> None:
    """Set a new password; ends all sessions of the account."""
    from assistant.records.staff import StaffError

    try:
        _book().change_password(name, _password(), BY)
    except StaffError as error:
        raise CommandError(str(error)) from error
