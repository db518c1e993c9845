"""Headers, limits of size and rate, and the routes of Gradio, without a browser."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Scope

from assistant.surfaces.gradio_page import gradio_parts
from assistant.surfaces.protection import BodyLimit, NeededRoutes, SecurityHeaders, parse_origins, policy
from assistant.surfaces.rate_limit import RateLimit, client_address


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def served() -> Starlette:
    return Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])


def scope_from(address: str, forwarded: str | None = None) -> Scope:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/ask",
        "headers": headers,
        "client": (address, 1),
        "query_string": b"",
    }


def test_origins_are_split_at_commas_and_blanks_and_checked() -> None:
    assert parse_origins("https://a.example, https://b.example:8443/") == (
        "https://a.example",
        "https://b.example:8443",
    )
    assert parse_origins("") == ()
    for wrong in ("a.example", "https://a.example/path", "*", "https://a.example;script-src"):
        with pytest.raises(ValueError, match="no origin"):
            parse_origins(wrong)


def test_only_the_embedded_page_may_be_framed() -> None:
    origins = ("https://a.example",)
    assert "frame-ancestors 'self' https://a.example" in policy("/embed", "n", origins)
    for path in ("/", "/desk/", "/pages/imprint", "/api/v1/ask", "/healthz"):
        assert "frame-ancestors 'none'" in policy(path, "n", origins)
    assert "'nonce-n'" in policy("/", "n", origins)
    assert "style-src 'sha256-x';" in policy("/embed", "n", origins, "'sha256-x'")
    assert "style-src 'self';" in policy("/pages/imprint", "n", origins, "'sha256-x'")
    assert "script-src" not in policy("/api/v1/ask", "n", origins)


def test_each_response_has_its_own_nonce() -> None:
    client = TestClient(SecurityHeaders(served()))
    assert client.get("/").headers["content-security-policy"] != client.get("/").headers["content-security-policy"]


def test_transport_security_is_announced_for_https_only() -> None:
    assert "strict-transport-security" not in TestClient(SecurityHeaders(served())).get("/").headers
    assert "strict-transport-security" in TestClient(SecurityHeaders(served(), https=True)).get("/").headers


def test_a_body_within_the_limit_arrives_whole_and_a_larger_one_is_refused_even_without_a_length() -> None:
    client = TestClient(BodyLimit(served(), most=100))
    assert client.post("/x", content=b"a" * 100).text == "100"
    assert client.post("/x", content=b"a" * 101).status_code == 413

    def stream() -> Iterator[bytes]:
        for _ in range(20):
            yield b"a" * 10

    refused = client.post("/x", content=stream())
    assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")


def test_a_client_that_asks_too_often_is_told_when_to_come_back() -> None:
    client = TestClient(RateLimit(served(), per_minute=2))
    assert [client.post("/api/v1/ask").status_code for _ in range(2)] == [200, 200]
    refused = client.post("/gradio_api/queue/join?lang=en")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["detail"].startswith("You have asked many questions")
    assert client.get("/api/v1/ask").status_code == 200
    assert client.post("/api/v1/answers/x/feedback").status_code == 200


def test_forwarded_addresses_count_from_the_right_and_only_behind_trusted_proxies() -> None:
    forged = "203.0.113.9, 198.51.100.7, 192.0.2.1"
    assert client_address(scope_from("10.0.0.1", forged), 0) == "10.0.0.1"
    assert client_address(scope_from("10.0.0.1", forged), 1) == "192.0.2.1"
    assert client_address(scope_from("10.0.0.1", forged), 2) == "198.51.100.7"
    assert client_address(scope_from("10.0.0.1", "192.0.2.1"), 2) == "10.0.0.1"


def test_addresses_of_one_ipv6_network_count_as_one_client() -> None:
    assert client_address(scope_from("2001:db8:1:2::1"), 0) == client_address(scope_from("2001:db8:1:2:ffff::9"), 0)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/queue/join",
        "/gradio_api/queue/data",
        "/gradio_api/heartbeat/abc123",
        "/gradio_api/cancel",
        "/theme.css",
        "/assets/index-Ab_1.js",
        "/static/fonts/a/b.woff2",
    ],
)
def test_needed_routes_of_gradio_pass(path: str) -> None:
    assert TestClient(NeededRoutes(served())).get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/config",
        "/gradio_api/upload",
        "/gradio_api/info",
        "/gradio_api/queue/join/x",
        "/static/img/a.png",
        "/static/fonts/%2e%2e/%2e%2e/a",
        "/theme.css/",
        "/gradio_api/file=/etc/passwd",
    ],
)
def test_other_routes_of_gradio_are_refused(path: str) -> None:
    assert TestClient(NeededRoutes(served())).get(path).status_code == 404


def test_a_gradio_page_of_another_form_is_reported() -> None:
    with pytest.raises(RuntimeError, match="another form"):
        gradio_parts("<html><script>window.gradio_config = {};</script></html>")
