"""The API keeps its own description: generated requests find no fault of the server and no status that is not
documented."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi.testclient import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support import ROOT

import app as commands
from assistant.records.store import Records, open_engine
from assistant.settings import Settings
from assistant.surfaces.web import build_web_app
from index.search import SnapshotSearch

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = (
    "POST /api/v1/ask",
    "POST /api/v1/answers/{answer_id}/feedback",
    "GET /api/v1/starter-questions",
    "GET /api/v1/sources/{document}",
)


@pytest.fixture(scope="module")
def described(shipped_search: SnapshotSearch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The operations of the API by method and path."""
    del shipped_search
    settings = Settings(data=ROOT / "var", corpus=ROOT / "corpus", rate_per_minute=1_000_000)
    opened = commands.open_index(settings, ROOT / "var" / "index")
    application = build_web_app(
        settings, lambda: opened, Records(open_engine(None, tmp_path_factory.mktemp("records")))
    )
    with TestClient(application):
        schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application)
        yield {operation.label: operation for operation in (found.ok() for found in schema.get_all_operations())}


def test_every_operation_is_described(described: dict[str, Any]) -> None:
    assert set(described) == set(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_generated_requests_find_no_fault(described: dict[str, Any], label: str) -> None:
    @hypothesis.settings(
        max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None
    )
    @hypothesis.given(case=described[label].as_strategy())
    def holds(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    holds()
