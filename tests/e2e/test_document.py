"""Whatever is sent to any route: no defect, no status that the document does not name, no answer of another shape."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from runtime.settings import Settings
from tests.stack.running_stack import RunningStack

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PASSWORD = Settings.model_fields["demo_password"].default.get_secret_value()
EXAMPLES = 6

# These routes end the caller's login, so each call has a login of its own.
ENDS_THE_LOGIN = ("/auth/logout", "/auth/logout-all", "/me/password", "/auth/sessions/{session_id}")

document = schemathesis.openapi.from_dict(create_app(Settings(embedded=True)).openapi())


@pytest.fixture(scope="session")
def administrator(stack: RunningStack) -> str:
    """The token of globex's administrator."""
    return log_in(stack)


@document.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_route_keeps_to_the_document(case: schemathesis.Case, stack: RunningStack, administrator: str) -> None:
    token = log_in(stack) if case.operation.path.endswith(ENDS_THE_LOGIN) else administrator
    case.call_and_validate(base_url=stack.address, headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)


def log_in(stack: RunningStack) -> str:
    """A new login of the administrator."""
    body = {"email": "admin@globex.example", "password": PASSWORD}
    answer = requests.post(f"{stack.address}/api/v1/auth/login", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])
