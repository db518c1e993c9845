"""The desk in this process: an application with accounts, and clients without a browser."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support import ROOT

import app as commands
from assistant.commands.desk import open_desk
from assistant.desk.desk import Desk
from assistant.records.staff import Role, StaffBook
from assistant.records.store import Records, open_engine
from assistant.settings import Settings
from assistant.surfaces.web import build_web_app

PASSWORD = "ein langes Passwort"


class Live:
    """An index that is always open."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self._opened = commands.open_index(settings, self.folder)
        self.embedder = self._opened.search._embedder

    def current(self) -> Any:
        return self._opened

    def refresh(self) -> None:
        pass


@dataclass
class Served:
    """The whole application with its desk."""

    app: FastAPI
    desk: Desk
    settings: Settings

    def client(self, name: str | None = None, **options: Any) -> TestClient:
        client = TestClient(self.app, follow_redirects=False, base_url="https://desk.example", **options)
        if name is not None:
            assert client.post("/desk/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
        return client


def served_with(live: Live, folder: Path, **options: Any) -> Served:
    settings = Settings(
        data=ROOT / "var",
        corpus=folder / "corpus",
        public_url="https://desk.example",
        rate_per_minute=100_000,
        **options,
    )
    engine = open_engine(None, folder)
    desk = open_desk(settings, engine, live)
    object.__setattr__(
        desk, "staff", StaffBook(engine, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    )
    for name, role in (("agent", Role.AGENT), ("editor", Role.EDITOR), ("admin", Role.ADMIN)):
        desk.staff.add(name, role, PASSWORD, "test")
    return Served(build_web_app(settings, live.current, Records(engine), desk), desk, settings)


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([^"]+)"', client.get("/desk/").text)
    assert found is not None
    return found[1]
