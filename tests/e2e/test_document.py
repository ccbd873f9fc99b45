"""Whatever is sent to any route: no defect, no status that the document does not name, no answer of another shape."""

from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from runtime.settings import Settings
from tests.e2e.desk import token_mailed_to
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PASSWORD = "Right-of-way-2026"
EXAMPLES = 4

# These routes end the caller's login, so each call has a login of its own.
ENDS_THE_LOGIN = ("/auth/logout", "/auth/logout-all", "/me/password", "/auth/sessions", "/auth/sessions/{session_id}")

ROUTES = [
    found.ok()
    for found in schemathesis.openapi.from_dict(create_app(Settings(embedded=True)).openapi()).get_all_operations()
]


@pytest.fixture(scope="module")
async def administrator(people: People) -> str:
    """The address of the administrator of a new tenant: whatever is asked for there changes nothing for others."""
    superadmin = await people.log_in("superadmin@casewright.example")
    slug = f"asked-{uuid4().hex[:8]}"
    email = f"admin@{slug}.example"
    tenant = {"slug": slug, "name": slug, "timezone": "UTC", "currency": "EUR"}
    made = await superadmin.post("tenants", json={**tenant, "admin_email": email, "admin_full_name": "Ada Admin"})
    assert made.status_code == 201, made.text
    chosen = {"token": await token_mailed_to(people, email), "password": PASSWORD}
    assert (await people.nobody.post("auth/password/reset", json=chosen)).status_code == 204
    return email


@pytest.fixture(scope="module")
def token(stack: RunningStack, administrator: str) -> str:
    """Of a login that no route ends."""
    return log_in(stack, administrator)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.label)
def test_every_route_keeps_to_the_document(
    route: APIOperation[Any, Any, Any, Any], stack: RunningStack, administrator: str, token: str
) -> None:
    right, wrong = (route.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of(right, wrong))
    def keeps_to_it(case: schemathesis.Case) -> None:
        its = log_in(stack, administrator) if route.path.endswith(ENDS_THE_LOGIN) else token
        case.call_and_validate(base_url=stack.address, headers={"Authorization": f"Bearer {its}"}, checks=CHECKS)

    keeps_to_it()


def log_in(stack: RunningStack, email: str) -> str:
    """A new login."""
    body = {"email": email, "password": PASSWORD}
    answer = requests.post(f"{stack.address}/api/v1/auth/login", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])
