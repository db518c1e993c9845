"""A server of its own for tests of the desk: a copy of corpus and index, accounts, and a client without a browser."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
PASSWORD = "ein langes Passwort"
ACCOUNTS = {"anna": "editor", "bert": "editor", "chris": "agent", "dora": "admin"}
START_SECONDS = 90


@dataclass
class DeskServer:
    """A running server whose data lie in a folder of their own."""

    folder: Path
    address: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def prepare(self) -> None:
        """Copies corpus and index; the converted model is shared."""
        data = self.folder / "data"
        data.mkdir(parents=True)
        (data / "models").symlink_to(ROOT / "var" / "models")
        shutil.copytree(ROOT / "var" / "index", data / "index")
        shutil.copytree(ROOT / "corpus", self.folder / "corpus")
        self.environment = {
            **os.environ, "CLUSTERLOTSE_DATA": str(data), "CLUSTERLOTSE_CORPUS": str(self.folder / "corpus"), "CLUSTERLOTSE_RATE_PER_MINUTE": "1000",
            "CLUSTERLOTSE_SIGNATURE": "Hotline Probe\\n+49 30 1234567",
        }  # fmt: skip
        self.environment.pop("CLUSTERLOTSE_DATABASE_URL", None)
        for name, role in ACCOUNTS.items():
            self.command("staff", "add", name, "--role", role, said=PASSWORD + "\n")

    def command(self, *arguments: str, said: str = "") -> "subprocess.CompletedProcess[str]":
        """Runs `app.py` with this server's settings."""
        done = subprocess.run(
            [sys.executable, "app.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        return done

    def start(self, *options: str) -> None:
        """Starts and waits until it is ready."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "serve", "--port", str(port), *options],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the server did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(15)

    def ask(self, question: str, language: str = "de") -> Any:
        """An answer of the API."""
        body = json.dumps({"question": question, "language": language}).encode()
        request = urllib.request.Request(f"{self.address}/api/v1/ask", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())

    def client(self, name: str) -> "DeskClient":
        """A signed-in client."""
        client = httpx.Client(base_url=self.address, timeout=30)
        assert client.post("/desk/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
        found = re.search(r'name="csrf" content="([^"]+)"', client.get("/desk/").text)
        assert found is not None
        return DeskClient(client, found[1])


@dataclass(frozen=True)
class DeskClient:
    """Posts forms as a browser would."""

    http: httpx.Client
    csrf: str

    def post(self, path: str, **fields: str) -> httpx.Response:
        """A form."""
        return self.http.post(path, data={"csrf": self.csrf, **fields})
