"""The desk without a browser: every route by role, sign-in, fixation, CSRF, brute force, code guessing, the
identity provider."""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from argon2 import PasswordHasher
from desk_app import PASSWORD, Live, Served, csrf, served_with
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from support import ROOT

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.values import Turn
from assistant.records.staff import Role, StaffBook
from assistant.records.store import Records, open_engine
from assistant.settings import Settings
from assistant.surfaces.desk.guard import DeskRoute
from assistant.surfaces.desk.rendering import Words
from assistant.surfaces.desk.routes import UPLOAD, add_desk
from index.search import SnapshotSearch

PUBLIC = {"/desk/sign-in", "/desk/sign-in/provider", "/desk/sign-in/to-provider", "/desk/sign-in.css", "/desk"}


@pytest.fixture(scope="module")
def live(shipped_search: SnapshotSearch) -> Live:
    del shipped_search
    return Live(Settings(data=ROOT / "var", corpus=ROOT / "corpus"), ROOT / "var" / "index")


@pytest.fixture
def served(live: Live, tmp_path: Path) -> Served:
    return served_with(live, tmp_path)


def table(served: Served) -> list[DeskRoute]:
    return add_desk(FastAPI(), served.desk, served.settings).table


def path_of(route: DeskRoute) -> str:
    return (
        route.path.replace("{document}", "membership")
        .replace("{entry}", "membership-who-can-apply")
        .replace("{rest:path}", "anything/else")
    )


def test_every_route_below_desk_is_in_the_table_or_public(served: Served) -> None:
    guarded = {route.path for route in table(served)}
    below = {path for route in served.app.routes if (path := getattr(route, "path", "")).startswith("/desk")}
    assert below <= guarded | PUBLIC


def test_without_a_session_every_route_leads_to_sign_in_and_tells_nothing(served: Served) -> None:
    client = served.client()
    for route in table(served):
        response = client.request(route.method, path_of(route), headers={"X-CSRF-Token": "x"})
        if route.kind == "page":
            assert (response.status_code, response.headers["location"], response.content) == (
                303,
                "/desk/sign-in",
                b"",
            ), route
        else:
            assert response.status_code == 401, route
            assert len(response.content) < 200
    for path in (
        "/desk/templates/base.html",
        "/desk/texts.yaml",
        "/desk/../desk/desk.js",
        "/desk/sign-in.css/../desk.css",
    ):
        assert client.get(path).status_code in (303, 401), path
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert client.request(method, "/desk/answers").status_code in (401, 405)


@pytest.mark.parametrize("name", ["agent", "editor", "admin"])
def test_each_role_reaches_what_it_may_and_nothing_else(served: Served, name: str) -> None:
    client = served.client(name)
    token = csrf(client)
    for route in table(served):
        if route.path in ("/desk/sign-out", UPLOAD):
            continue
        response = client.request(
            route.method,
            path_of(route),
            headers={"X-CSRF-Token": token},
            **({"data": {"x": "y"}} if route.method == "POST" else {}),
        )
        allowed = Role(name).may(route.role)
        assert (response.status_code == 403) == (not allowed), f"{name}: {route} gave {response.status_code}"
        assert response.status_code < 500, route


def test_a_post_needs_the_sessions_own_token_and_comes_from_our_pages(served: Served) -> None:
    client, other = served.client("admin"), served.client("editor")
    token, fields = csrf(client), {"to": "resume"}
    assert client.post("/desk/switch", data=fields).status_code == 403
    assert client.post("/desk/switch", data={**fields, "csrf": csrf(other)}).status_code == 403
    assert (
        client.post(
            "/desk/switch", data={**fields, "csrf": token}, headers={"Origin": "https://evil.example"}
        ).status_code
        == 403
    )
    assert client.post("/desk/switch", data={**fields, "csrf": token}, headers={"Origin": "null"}).status_code == 403
    assert (
        client.post(
            "/desk/switch", data={**fields, "csrf": token}, headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert (
        client.post(
            "/desk/switch",
            data={**fields, "csrf": token},
            headers={"Origin": "https://desk.example", "Sec-Fetch-Site": "same-origin"},
        ).status_code
        == 303
    )
    signing_in = {"name": "agent", "password": PASSWORD}
    assert (
        served.client().post("/desk/sign-in", data=signing_in, headers={"Origin": "https://evil.example"}).status_code
        == 403
    )


def test_sign_in_gives_a_new_token_in_a_strict_cookie(served: Served) -> None:
    client = served.client()
    client.cookies.set("desk_session", "planted-by-an-attacker", path="/desk")
    response = client.post("/desk/sign-in", data={"name": "agent", "password": PASSWORD})
    cookie = response.headers["set-cookie"]
    assert "planted-by-an-attacker" not in cookie
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/desk"):
        assert part in cookie
    assert served.desk.staff.signed_in("planted-by-an-attacker") is None
    token = cookie.split("=", 1)[1].split(";")[0]
    fresh = TestClient(
        served.app, follow_redirects=False, base_url="https://desk.example", cookies={"desk_session": token}
    )
    assert fresh.get("/desk/").status_code == 200
    assert fresh.post("/desk/sign-out", data={"csrf": csrf(fresh)}).status_code == 303
    assert (
        TestClient(served.app, follow_redirects=False, cookies={"desk_session": token}).get("/desk/").status_code == 303
    )


def test_brute_force_is_locked_out_and_tells_nothing_about_names(served: Served) -> None:
    client = served.client()
    pages = [client.post("/desk/sign-in", data={"name": name, "password": "falsch"}) for name in ("agent", "nobody")]
    assert [p.status_code for p in pages] == [401, 401]
    assert pages[0].text.replace("agent", "") == pages[1].text.replace("nobody", "")
    for _ in range(3):
        last = client.post("/desk/sign-in", data={"name": "agent", "password": "falsch"})
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
    assert client.post("/desk/sign-in", data={"name": "agent", "password": PASSWORD}).status_code == 429


class CountingHasher(PasswordHasher):
    """Counts how often a password is compared, which is what takes the time."""

    compared = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002 - the library's name
        self.compared += 1
        return super().verify(hash, password)


def test_unknown_names_cost_as_much_as_known_ones(live: Live, tmp_path: Path) -> None:
    del live
    hasher = CountingHasher(time_cost=1, memory_cost=8192, parallelism=1)
    book = StaffBook(open_engine(None, tmp_path), hasher=hasher)
    book.add("known", Role.AGENT, PASSWORD, "test")
    compared: dict[str, int] = {}
    for name in ("known", "unknown"):
        before = hasher.compared
        book.sign_in(name, "falsch", "10.0.0.1")
        compared[name] = hasher.compared - before
    assert compared["known"] == compared["unknown"] == 1


def test_guessing_caller_codes_is_refused_over_http(served: Served) -> None:
    client = served.client("agent")
    token = csrf(client)
    statuses = [
        client.post("/desk/conversations", data={"csrf": token, "code": f"AAAA-{n:04d}"}).status_code for n in range(12)
    ]
    assert statuses[:10] == [404] * 10
    assert statuses[10:] == [429] * 2


def test_pages_have_a_strict_policy_and_are_never_kept(served: Served) -> None:
    response = served.client("agent").get("/desk/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", response.text)


def test_uploads_are_limited_in_size_and_kind(served: Served) -> None:
    editor, agent = served.client("editor"), served.client("agent")
    token = csrf(editor)
    files = {"file": ("x.exe", b"MZ")}
    assert editor.post(UPLOAD, data={"csrf": token}, files=files).status_code == 400
    assert editor.post(UPLOAD, data={"csrf": token}, files={"file": ("../../../etc/x.md", b"# x")}).status_code == 303
    assert served.desk.documents.names() == ["x.md"]
    assert editor.post(UPLOAD, data={"csrf": token}, files={"file": ("x.md", b"# y")}).status_code == 409
    assert (
        editor.post(UPLOAD, data={"csrf": token, "replace": "yes"}, files={"file": ("x.md", b"# y")}).status_code == 303
    )
    assert agent.post(UPLOAD, data={"csrf": csrf(agent)}, files={"file": ("y.md", b"# y")}).status_code == 403
    assert (
        editor.post(
            UPLOAD, content=b"x", headers={"Content-Length": str(50 * 1024 * 1024), "X-CSRF-Token": token}
        ).status_code
        == 413
    )
    assert served.client().post(UPLOAD, data={}, files=files).status_code == 303


def test_a_paused_service_says_so_with_503_and_the_desk_works(served: Served) -> None:
    served.desk.switch.turn(True, {"de": "Pause bis drei.", "en": "Back at three."}, "admin")
    client = served.client("agent")
    response = client.post("/api/v1/ask", json={"question": "Wer kann Mitglied werden?"})
    assert (response.status_code, response.json()["answer_status"], response.json()["detail"]) == (
        503,
        "error_busy",
        "Pause bis drei.",
    )
    assert client.post("/api/v1/ask", json={"question": "Who?", "language": "en"}).json()["detail"] == "Back at three."
    assert "Pause bis drei." in client.get("/embed?question=Wer%20kann%20Mitglied%20werden%3F").text
    assert client.get("/desk/results?q=mitglied").status_code == 200
    served.desk.switch.turn(False, {}, "admin")
    assert client.post("/api/v1/ask", json={"question": "Wer kann Mitglied werden?"}).status_code == 200


def test_documents_are_changed_only_where_the_index_is_built(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.desk.publisher, "enabled", False)
    editor = served.client("editor")
    token = csrf(editor)
    answers = [
        editor.post(UPLOAD, data={"csrf": token}, files={"file": ("x.md", b"# x")}),
        editor.post("/desk/documents/withdraw", data={"csrf": token, "name": "x.md"}),
        editor.post("/desk/documents/rebuild", data={"csrf": token}),
    ]
    assert [r.status_code for r in answers] == [409, 409, 409]
    assert served.desk.documents.names() == []
    assert {e.action for e in served.desk.audit.newest()}.isdisjoint(
        {"document.upload", "document.withdraw", "index.rebuild"}
    )


def test_figures_hold_counts_only(served: Served) -> None:
    client = served.client("agent")
    client.post("/api/v1/ask", json={"question": "Rumpelstilzchen, wer kann Mitglied werden?"})
    page, table_ = client.get("/desk/figures").text, client.get("/desk/figures.csv").text
    assert "Rumpelstilzchen" not in page + table_
    assert table_.splitlines()[0].endswith("day,kind,language,key,count")
    assert ",status,de," in table_


def test_a_conversation_shows_what_was_folded_away_too(served: Served) -> None:
    records = Records(served.desk.gaps._writing.kw["bind"])
    answer = Answer(AnswerStatus.ANSWERED, AnswerMode.CURATED, "de", "Erstes.", "Hinweis", more="Der **Rest**.")
    kept = records.remember(None, Turn("Was?", "Was?", "de", "answered", None), answer)
    client = served.client("agent")
    page = client.post("/desk/conversations", data={"csrf": csrf(client), "code": kept.code}).text
    assert re.search(r"<summary>Mehr dazu</summary>\s*<div lang=\"de\"><p>Der <strong>Rest</strong>", page)


def test_gaps_and_editor_show_a_follow_up_as_it_was_typed(served: Served) -> None:
    records, answer = (
        Records(served.desk.gaps._writing.kw["bind"]),
        Answer(AnswerStatus.NO_EVIDENCE, AnswerMode.FIXED, "de", "Text", "Hinweis"),
    )
    first = records.remember(
        None, Turn("Was kostet Silber?", "Was kostet Silber?", "de", "answered", None), answer
    ).conversation
    records.remember(
        first,
        Turn("Und für Platin?", "Was kostet Silber? für Platin?", "de", "declined_no_evidence", None),
        replace(answer, answer_id="other"),
    )
    editor = served.client("editor")
    text = editor.get("/desk/gaps").text
    assert re.search(r"<h2[^>]*>Und für Platin\?</h2>", text)
    assert '<q lang="de">Was kostet Silber?</q>' in text
    assert "Was kostet Silber? für Platin?" not in text
    gap = next(g for g in served.desk.gaps.gaps() if g.questions[0].typed == "Und für Platin?")
    text = editor.get(f"/desk/answers/new?gap={gap.id}").text
    assert 'value="Was kostet Silber? für Platin?"> Und für Platin?</label>' in text


def test_where_nothing_fits_the_page_says_what_to_say_and_takes_the_question_as_a_gap(served: Served) -> None:
    agent = served.client("agent")
    text = agent.get("/desk/results?q=Waschmaschine reparieren").text
    assert "Dazu wurde nichts Passendes gefunden" in text
    assert "+49 30 310078-387" in text
    assert "Freigegebene Antworten" not in text
    assert 'data-text="mail-en"' in text
    assert "Dazu wurde nichts Passendes gefunden" not in agent.get("/desk/results?q=wer kann mitglied werden").text
    for question in ("Waschmaschine reparieren", "Wie kann ich eine Waschmaschine reparieren? 030 1234567"):
        response = agent.post("/desk/gaps/report", data={"csrf": csrf(agent), "question": question, "language": "de"})
        assert (response.status_code, response.headers["location"]) == (303, "/desk/?said=reported")
    assert "als Lücke gemeldet" in agent.get("/desk/?said=reported").text
    questions = [q for g in served.desk.gaps.gaps() for q in g.questions]
    assert {q.cause for q in questions} == {"reported"}
    assert sorted(q.text for q in questions) == [
        "Waschmaschine reparieren",
        "Wie kann ich eine Waschmaschine reparieren? ▒▒▒",
    ]
    assert "vom Auskunftsplatz gemeldet" in agent.get("/desk/gaps").text
    assert "gap.report" in [e.action for e in served.desk.audit.newest()]


def test_a_missing_signature_is_said_on_the_page(live: Live, tmp_path: Path) -> None:
    for number, (signature, said) in enumerate({"": True, "Hotline Probe": False}.items()):
        page = served_with(live, tmp_path / str(number), signature=signature).client("agent").get("/desk/").text
        assert ("CLUSTERLOTSE_SIGNATURE" in page) == said
        assert ("E-Mail kopiert – ohne Unterschrift" in page) == said


def test_editing_needs_two_people_and_a_draft_without_faults(served: Served) -> None:
    editor, admin = served.client("editor"), served.client("admin")
    quote = served.desk.current().library.document_passages("membership")[0].sentences[0].text  # type: ignore[union-attr] - there is one, or the test fails here
    form = {
        "csrf": csrf(editor), "id": "desk-probe", "status": "answered", "questions_de": "Was ist eine Probe am Auskunftsplatz?", "answer_de": "Sie hat 4711 Teile. [1]",
        "source_1_document": "membership", "source_1_quote_de": quote, "then": "submit", "known": "",
    }  # fmt: skip
    assert editor.post("/desk/answers/save", data=form).status_code == 409
    assert served.desk.entries.entry("desk-probe").state == "draft"  # type: ignore[union-attr] - there is one, or the test fails here
    form |= {"known": "desk-probe", "answer_de": "Das steht in den Unterlagen. [1]"}
    assert editor.post("/desk/answers/save", data=form).status_code == 303
    assert (
        editor.post("/desk/answers/desk-probe/approve", data={"csrf": csrf(editor), "version": "2"}).status_code == 403
    )
    assert (
        admin.post(
            "/desk/answers/desk-probe/reject", data={"csrf": csrf(admin), "version": "2", "comment": ""}
        ).status_code
        == 400
    )
    assert (
        admin.post(
            "/desk/answers/desk-probe/reject", data={"csrf": csrf(admin), "version": "2", "comment": "Kürzer"}
        ).status_code
        == 303
    )
    assert "Kürzer" in editor.get("/desk/answers/desk-probe").text
    assert editor.post("/desk/answers/desk-probe/submit", data={"csrf": csrf(editor)}).status_code == 303
    assert admin.post("/desk/answers/desk-probe/approve", data={"csrf": csrf(admin), "version": "1"}).status_code == 409
    assert admin.post("/desk/answers/desk-probe/approve", data={"csrf": csrf(admin), "version": "2"}).status_code == 303
    assert list(served.desk.entries.live()) == ["desk-probe"]
    assert (
        editor.post("/desk/answers/save", data={**form, "known": "", "id": "membership-who-can-apply"}).status_code
        == 400
    )


def test_checks_and_lists_speak_in_titles_and_not_in_ids(served: Served) -> None:
    editor, admin = served.client("editor"), served.client("admin")
    form = {"csrf": csrf(editor), "known": "", "id": "desk-twice"}
    empty = editor.post(
        "/desk/answers/check", data={"csrf": form["csrf"], "status": "answered", "review_by": "2999-01-01"}
    ).text
    assert "Sobald eine Antwort dasteht" in empty
    assert "Nichts zu beanstanden" not in empty + editor.get("/desk/answers/new").text
    form |= {
        "questions_de": "Was ist ein Cluster?",
        "answer_de": "Das. [1]",
        "source_1_document": "membership",
        "source_1_quote_de": "Das steht da nicht",
        "source_1_as_of": "gestern",
    }
    assert "Kein gültiges Datum: „gestern“" in editor.post("/desk/answers/check", data=form).text
    form["source_1_as_of"] = ""
    found = editor.post("/desk/answers/check", data=form).text
    assert "Diese Worte stehen nicht (mehr) in „Mitglied in go-cluster werden“: „Das steht da nicht“" in found
    assert "„Was ist ein Cluster?“ ist schon eine Formulierung von „Was ist ein Cluster?“" in found
    assert "Antwort fehlt (Englisch)" in found
    assert "cluster-what-is-cluster" not in re.sub(r'href="[^"]*"', "", found)
    assert editor.post("/desk/answers/save", data=form).status_code == 303
    seen = ""
    for path in (
        "/desk/answers/desk-twice",
        "/desk/answers/membership-fee",
        "/desk/documents",
        "/desk/switch",
        "/desk/figures",
    ):
        page = admin.get(path).text
        seen += re.sub(r"<[^>]*>", " ", page[page.index("<main") :])
    assert "Zugang angelegt" in seen
    assert "Entwurf gespeichert" in seen
    assert "Mitglied werden" in seen
    assert not re.search(r"desk-twice|membership-fee|staff\.add|entry\.draft|sign-in|2\d{7}T\d{6}|Korpus|Index\b", seen)


def test_every_event_has_words() -> None:
    source = "".join(
        p.read_text(encoding="utf-8")
        for folder in ("records", "surfaces/desk")
        for p in (ROOT / "assistant" / folder).glob("*.py")
    )
    noted = re.findall(r"(?:note_event|note)\((.*)\n", source)
    events = {e for line in noted for e in re.findall(r'"([a-z-]+\.[a-z]+|sign-in|sign-out)"', line)}
    events |= {
        f"entry.{state}" for state in ("draft", "submitted", "approved", "rejected", "suspended", "withdrawn")
    } | {"gap.open", "gap.dismissed"}
    assert len(events) > 20
    for language in ("de", "en"):
        words = Words(language)
        assert [e for e in sorted(events) if words.or_key("action", e) == e] == []


def test_answers_are_found_by_words_and_state(served: Served) -> None:
    editor, admin = served.client("editor"), served.client("admin")
    form = {
        "csrf": csrf(editor),
        "known": "",
        "answer_de": "Für die Clubkarte gibt es keine Gebühr. [1]",
        "source_1_title": "Flyer",
        "review_by": "2999-01-01",
    }
    for name in ("draft", "active", "suspended", "overdue"):
        own = {
            **form,
            "id": f"desk-{name}",
            "questions_de": f"Gibt es die Clubkarte ({name})?",
            **({"review_by": "2020-01-01"} if name == "overdue" else {}),
        }
        assert editor.post("/desk/answers/save", data=own).status_code == 303
    for name in ("active", "suspended"):
        served.desk.entries.submit(f"desk-{name}", "editor")
        served.desk.entries.approve(f"desk-{name}", 1, "admin", [])
    served.desk.entries.suspend("desk-suspended", 1, "valid_until: 2020-01-01")

    def found(query: str, state: str) -> list[str]:
        page = admin.get("/desk/answers", params={"q": query, "state": state}).text
        return re.findall(r'<td><a href="/desk/answers/([^"]+)"', page)

    assert set(found("clubkarte gebühr", "")) == {"desk-draft", "desk-active", "desk-suspended", "desk-overdue"}
    assert set(found("GEBUHR Clubk", "active")) == {"desk-active"}
    assert found("clubkarte", "suspended") == found("", "suspended") == ["desk-suspended"]
    assert set(found("clubkarte", "draft")) == {"desk-draft", "desk-overdue"}
    assert found("clubkarte", "due") == ["desk-overdue"]
    assert "membership-fee" in found("kostet Mitgliedschaft", "active")
    assert "membership-fee" not in found("kostet Mitgliedschaft", "draft")
    assert found("Rumpelstilzchen", "") == []
    assert "Keine Antwort passt" in admin.get("/desk/answers?q=Rumpelstilzchen").text
    assert len(found("", "nonsense")) > 100


def test_what_people_write_is_shown_as_text(served: Served) -> None:
    editor = served.client("editor")
    nasty = "<img src=x onerror=alert(1)>\"'{{ 7777*7777 }}"
    form = {
        "csrf": csrf(editor),
        "id": "desk-nasty",
        "known": "",
        "questions_de": nasty,
        "answer_de": f"{nasty} [1]",
        "source_1_title": nasty,
        "source_1_url": "javascript:alert(1)",
    }
    assert editor.post("/desk/answers/save", data=form).status_code == 303
    for path in ("/desk/answers/desk-nasty", "/desk/answers", "/desk/answers/desk-nasty/edit"):
        text = editor.get(path).text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text
        assert "60481729" not in re.sub(r"\d{2}:49|2\d49", "", text[text.find("<main") : text.find("<main") + 900])


NUL_FIELDS = (
    "name", "password", "code", "outcome", "note", "gap", "reason", "id", "known", "base", "topic", "status", "questions_de", "answer_de", "must_de", "missing_de", "as_of", "review_by",
    "source_1_document", "source_1_quote_de", "source_1_title", "comment", "version", "kept", "then", "title", "to", "notice_de", "notice_en",
)  # fmt: skip


def test_nul_characters_in_fields_and_addresses_are_left_out(served: Served) -> None:
    assert "\0" not in served.client().post("/desk/sign-in", data={"name": "ag\0ent", "password": "fal\0sch"}).text
    client = served.client("admin")
    token = csrf(client)
    for route in table(served):
        if route.path in ("/desk/sign-out", UPLOAD):
            continue
        fields = {"data": {name: f"{name}\0x" for name in NUL_FIELDS}} if route.method == "POST" else {}
        response = client.request(
            route.method,
            path_of(route) + "%00?q=Wer%00+kann%0%000&passage=%00&state=%00&days=%00&gap=1%00&said=%00&lang=%00",
            headers={"X-CSRF-Token": token},
            **fields,
        )
        assert response.status_code < 500, route
        assert "\0" not in response.text, route
    form = {
        "csrf": token,
        "id": "desk-n\0ul",
        "known": "",
        "questions_de": "Gibt es\0 das?",
        "answer_de": "Ja\0. [1]",
        "source_1_title": "Ti\0tel",
    }
    assert client.post("/desk/answers/save", data=form).status_code == 303
    kept = served.desk.entries.entry("desk-nul")
    assert kept is not None
    assert "\0" not in str(kept.content)
    assert (kept.content["row"]["questions"]["de"], kept.content["row"]["sources"][0]["title"]) == (
        ["Gibt es das?"],
        "Titel",
    )
    notice = {"csrf": token, "to": "pau\0se", "notice_de": "Pau\0se", "notice_en": "Pau\0se"}
    assert client.post("/desk/switch", data=notice).status_code == 303
    assert served.desk.switch.state().notice == {"de": "Pause", "en": "Pause"}
    assert client.post("/desk/switch", data={"csrf": token, "to": "resume"}).status_code == 303


# -- the identity provider -------------------------------------------------------------------------------------------


class Issuer:
    """A tiny OpenID Connect provider on this machine."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.challenge = ""
        issuer = self

        class Answers(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                base = issuer.address
                described = {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/auth",
                    "token_endpoint": f"{base}/token",
                    "jwks_uri": f"{base}/keys",
                }
                self._send(
                    described if "openid-configuration" in self.path else {"keys": [issuer.key.as_dict(private=False)]}
                )

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                assert form["code_verifier"]
                token = jwt.encode({"alg": "RS256", "kid": "k1"}, issuer.claims, issuer.key)
                self._send({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token})

            def _send(self, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = HTTPServer(("127.0.0.1", 0), Answers)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    found = Issuer()
    yield found
    found.close()


def through_provider(served: Served, issuer: Issuer, **claims: Any) -> httpx.Response:
    client = served.client()
    to = client.get("/desk/sign-in/to-provider")
    assert to.status_code == 303
    query = parse_qs(urlsplit(to.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == ["https://desk.example/desk/sign-in/provider"]
    now = int(time.time())
    issuer.claims = {
        "iss": issuer.address,
        "aud": "lotse",
        "exp": now + 300,
        "iat": now,
        "nonce": query["nonce"][0],
        "preferred_username": "editor",
        **claims,
    }
    response = client.get("/desk/sign-in/provider", params={"code": "c", "state": query["state"][0]})
    assert client.get("/desk/sign-in/provider", params={"code": "c", "state": query["state"][0]}).status_code == 401, (
        "a state holds once"
    )
    return response


def test_sign_in_through_the_provider(live: Live, tmp_path: Path, issuer: Issuer) -> None:
    served = served_with(live, tmp_path, oidc_issuer=issuer.address, oidc_client_id="lotse", oidc_client_secret="s")
    served.desk.staff.add("outside", Role.EDITOR, None, "test")
    assert through_provider(served, issuer).status_code == 403, "an account with a password"
    response = through_provider(served, issuer, preferred_username="outside")
    assert response.status_code == 200
    assert "desk_session=" in response.headers["set-cookie"]
    assert "SameSite=strict" in response.headers["set-cookie"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [({"nonce": "another"}, 401), ({"aud": "another"}, 401), ({"iss": "https://evil.example"}, 401), ({"exp": 1}, 401), ({"preferred_username": "stranger"}, 403),
     ({"preferred_username": None, "email": "editor", "email_verified": False}, 403)],
)  # fmt: skip
def test_what_the_provider_did_not_say_does_not_sign_in(
    live: Live, tmp_path: Path, issuer: Issuer, claims: dict[str, Any], status: int
) -> None:
    served = served_with(live, tmp_path, oidc_issuer=issuer.address, oidc_client_id="lotse", oidc_client_secret="s")
    response = through_provider(served, issuer, **claims)
    assert response.status_code == status
    assert "desk_session=" not in response.headers.get("set-cookie", "")


def test_a_state_of_another_browser_does_not_sign_in(live: Live, tmp_path: Path, issuer: Issuer) -> None:
    served = served_with(live, tmp_path, oidc_issuer=issuer.address, oidc_client_id="lotse", oidc_client_secret="s")
    attacker, victim = served.client(), served.client()
    state = parse_qs(urlsplit(attacker.get("/desk/sign-in/to-provider").headers["location"]).query)["state"][0]
    assert victim.get("/desk/sign-in/provider", params={"code": "c", "state": state}).status_code == 401
    assert victim.get("/desk/sign-in/provider", params={"code": "c", "state": "ä"}).status_code == 401
