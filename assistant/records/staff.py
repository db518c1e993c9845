"""Accounts of the desk, sign-in with lock-out, and sessions."""

import datetime
import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from assistant.records.audit import note_event
from assistant.records.database import now_utc, one_at_a_time, reading, writing
from assistant.records.desk_tables import ProviderSignInRow, SessionRow, SignInTryRow, StaffRow

IDLE = datetime.timedelta(minutes=60)
LONGEST = datetime.timedelta(hours=10)
"""A session ends after an hour without use, and after a working day in any case."""
FREE_FAILURES = 5
FIRST_LOCK = datetime.timedelta(minutes=1)
LONGEST_LOCK = datetime.timedelta(hours=1)
SHORTEST_PASSWORD = 12
PROVIDER_MINUTES = datetime.timedelta(minutes=10)
_VERIFYING = threading.BoundedSemaphore(2)
"""Each verification takes 64 MB; a flood of sign-ins waits instead of taking the memory."""
_SEEN_EVERY = datetime.timedelta(minutes=1)


class Role(StrEnum):
    """What an account may do; each role may do what the one before may."""

    AGENT = "agent"
    EDITOR = "editor"
    ADMIN = "admin"

    def may(self, needed: "Role") -> bool:
        """Whether this role reaches another."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An account."""

    name: str
    role: Role
    disabled: bool
    has_password: bool
    created: datetime.datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A valid session: who, and the token that their forms carry."""

    name: str
    role: Role
    csrf: str


@dataclass(frozen=True, slots=True)
class SignInResult:
    """A new session's token, or the seconds until another try is heard (0: the name or password was wrong)."""

    token: str | None
    wait_seconds: int = 0


class StaffError(Exception):
    """An account cannot be made or changed so; the message says why."""


def hashed(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class StaffBook:
    """Keeps accounts and sessions. `now` is the clock."""

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc, hasher: PasswordHasher | None = None
    ) -> None:
        self._writing, self._reading, self._now = writing(engine), reading(engine), now
        self._hasher = hasher or PasswordHasher()
        self._decoy: str | None = None

    def add(self, name: str, role: Role, password: str | None, by: str) -> None:
        """A new account. Raises StaffError."""
        if not 2 <= len(name) <= 100 or not name.isprintable() or name != name.strip():
            raise StaffError(f"a name has 2 to 100 visible characters, got {name!r}")
        with self._writing.begin() as session:
            if session.get(StaffRow, name) is not None:
                raise StaffError(f"the account {name!r} exists already")
            session.add(
                StaffRow(
                    name=name,
                    role=role.value,
                    password=None if password is None else self._checked(password),
                    disabled=False,
                    created=self._now(),
                )
            )
            note_event(session, self._now(), by, "staff.add", name, role=role.value)

    def members(self) -> list[StaffMember]:
        """All accounts by name."""
        with self._reading() as session:
            rows = session.scalars(select(StaffRow).order_by(StaffRow.name))
            return [StaffMember(r.name, Role(r.role), r.disabled, r.password is not None, r.created) for r in rows]

    def disable(self, name: str, by: str, *, disabled: bool = True) -> None:
        """Disables an account and ends its sessions, or enables it again. Raises StaffError."""
        with self._writing.begin() as session:
            self._known(session, name).disabled = disabled
            session.execute(delete(SessionRow).where(SessionRow.staff == name))
            note_event(session, self._now(), by, "staff.disable" if disabled else "staff.enable", name)

    def change_password(self, name: str, password: str, by: str) -> None:
        """A new password; ends all sessions of the account and its lock. Raises StaffError."""
        with self._writing.begin() as session:
            self._known(session, name).password = self._checked(password)
            session.execute(delete(SessionRow).where(SessionRow.staff == name))
            session.execute(delete(SignInTryRow).where(SignInTryRow.key == f"account:{hashed(name)}"))
            note_event(session, self._now(), by, "staff.password", name)

    def sign_in(self, name: str, password: str, address: str) -> SignInResult:
        """A new session for the right name and password; after five failures of an account or an address nothing is
        heard for a growing time."""
        keys = (f"account:{hashed(name)}", f"address:{hashed(address)}")
        with self._reading() as session:
            wait = self._wait(session, keys)
            row = session.get(StaffRow, name)
            stored = row.password if row is not None and not row.disabled else None
        if wait:
            return SignInResult(None, wait)
        # an unknown name costs as much time as a known one
        decoy = self._decoy_hash()
        right = self._verifies(stored or decoy, password) and stored is not None
        with self._writing.begin() as session:
            one_at_a_time(session, "sign-in")
            if wait := self._wait(session, keys):
                return SignInResult(None, wait)
            if not right:
                known = name if stored is not None else "?"
                return SignInResult(None, self._count_failure(session, keys, known))
            session.execute(delete(SignInTryRow).where(SignInTryRow.key.in_(keys)))
            return SignInResult(self._new_session(session, name, "password"))

    def sign_in_known(self, name: str) -> str | None:
        """A session for a name that the identity provider vouches for; None without an account that was made for
        the provider (one without a password)."""
        with self._writing.begin() as session:
            row = session.get(StaffRow, name)
            if row is None or row.disabled or row.password is not None:
                note_event(session, self._now(), "?", "sign-in.refused", "provider")
                return None
            return self._new_session(session, name, "provider")

    def signed_in(self, token: str | None) -> SignedIn | None:
        """The session of a token, if it is valid."""
        if not token:
            return None
        with self._reading() as session:
            row = session.get(SessionRow, hashed(token))
            staff = session.get(StaffRow, row.staff) if row else None
            if row is None or staff is None or staff.disabled:
                return None
            now = self._now()
            if now - row.seen > IDLE or now - row.created > LONGEST:
                return None
            found, stale = SignedIn(staff.name, Role(staff.role), row.csrf), now - row.seen > _SEEN_EVERY
        if stale:
            with self._writing.begin() as session:
                if (again := session.get(SessionRow, hashed(token))) is not None:
                    again.seen = now
        return found

    def sign_out(self, token: str) -> None:
        """Ends a session."""
        with self._writing.begin() as session:
            row = session.get(SessionRow, hashed(token))
            if row is not None:
                note_event(session, self._now(), row.staff, "sign-out")
                session.delete(row)

    def begin_at_provider(self, nonce: str, verifier: str) -> str:
        """Remembers a sign-in that goes to the identity provider; the state that comes back with it."""
        state = secrets.token_urlsafe(32)
        with self._writing.begin() as session:
            session.add(
                ProviderSignInRow(state_hash=hashed(state), nonce=nonce, verifier=verifier, created=self._now())
            )
        return state

    def back_from_provider(self, state: str) -> tuple[str, str] | None:
        """Nonce and verifier of a state, once and within ten minutes."""
        with self._writing.begin() as session:
            row = session.get(ProviderSignInRow, hashed(state))
            if row is None:
                return None
            session.delete(row)
            return (row.nonce, row.verifier) if self._now() - row.created <= PROVIDER_MINUTES else None

    def _new_session(self, session: Session, name: str, way: str) -> str:
        token, now = secrets.token_urlsafe(32), self._now()
        session.add(
            SessionRow(token_hash=hashed(token), staff=name, csrf=secrets.token_urlsafe(32), created=now, seen=now)
        )
        note_event(session, now, name, "sign-in", way)
        return token

    def _wait(self, session: Session, keys: tuple[str, ...]) -> int:
        now = self._now()
        rows = session.scalars(select(SignInTryRow).where(SignInTryRow.key.in_(keys)))
        return max(
            (int((r.locked_until - now).total_seconds()) + 1 for r in rows if r.locked_until and r.locked_until > now),
            default=0,
        )

    def _count_failure(self, session: Session, keys: tuple[str, ...], known: str) -> int:
        """Counts a failure; the seconds of the lock that it caused, if any."""
        now, longest = self._now(), datetime.timedelta()
        for key in keys:
            row = session.get(SignInTryRow, key)
            if row is None:
                row = SignInTryRow(key=key, failures=0, last=now, locked_until=None)
                session.add(row)
            row.failures, row.last = row.failures + 1, now
            if row.failures >= FREE_FAILURES:
                lock = min(FIRST_LOCK * 2 ** min(row.failures - FREE_FAILURES, 10), LONGEST_LOCK)
                row.locked_until, longest = now + lock, max(longest, lock)
        note_event(session, now, known, "sign-in.failed", locked_seconds=int(longest.total_seconds()))
        return int(longest.total_seconds())

    def _checked(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise StaffError(f"a password has at least {SHORTEST_PASSWORD} characters, got {len(password)}")
        return self._hasher.hash(password)

    def _decoy_hash(self) -> str:
        if self._decoy is None:
            self._decoy = self._hasher.hash(secrets.token_urlsafe(16))
        return self._decoy

    def _verifies(self, stored: str, password: str) -> bool:
        try:
            with _VERIFYING:
                return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    @staticmethod
    def _known(session: Session, name: str) -> StaffRow:
        row = session.get(StaffRow, name)
        if row is None:
            raise StaffError(f"there is no account {name!r}; `staff list` shows all")
        return row
