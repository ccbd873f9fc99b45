"""Whatever is sent to any route, by whomever: no defect, no status that the document does not name, no answer of
another shape, no header missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.desk import token_mailed_to
from tests.e2e.rights import NEEDS
from tests.stack.document import document
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PASSWORD = "Right-of-way-2026"
EXAMPLES = 4
ROLES = ("admin", "agent", "client")

# These routes end the caller's login, so each call has a login of its own.
ENDS_THE_LOGIN = ("/auth/logout", "/auth/logout-all", "/me/password", "/auth/sessions", "/auth/sessions/{session_id}")

ROUTES = [("GET", "/healthz"), ("GET", "/readyz"), *((method, f"/api/v1{path}") for method, path in NEEDS)]


@dataclass(frozen=True)
class Asked:
    """Who asks, by role: their addresses, and tokens of logins that no route ends."""

    emails: dict[str, str]
    tokens: dict[str, str]


@pytest.fixture(scope="module")
async def asked(people: People, stack: RunningStack) -> Asked:
    """People of a new tenant: whatever they ask for there changes nothing for others."""
    slug = f"asked-{uuid4().hex[:8]}"
    emails = {role: f"{role}@{slug}.example" for role in ROLES}
    superadmin = await people.log_in("superadmin@casewright.example")
    tenant = {"slug": slug, "name": slug, "timezone": "UTC", "currency": "EUR"}
    first = {"admin_email": emails["admin"], "admin_full_name": "Ada Admin"}
    assert (await superadmin.post("tenants", json=tenant | first)).status_code == 201
    await _accept(people, emails["admin"])
    tokens = {"admin": log_in(stack, emails["admin"])}
    rights = {"Authorization": f"Bearer {tokens['admin']}"}
    customer = {"type": "individual", "name": "Carl Client"}
    made = await people.nobody.post("customers", json=customer, headers=rights)
    for role, customer_id in (("agent", None), ("client", made.json()["id"])):
        invited = {"email": emails[role], "full_name": f"A {role}", "roles": [role], "customer_id": customer_id}
        assert (await people.nobody.post("users", json=invited, headers=rights)).status_code == 201
        await _accept(people, emails[role])
        tokens[role] = log_in(stack, emails[role])
    return Asked(emails, tokens)


@pytest.fixture(scope="module")
def described() -> BaseSchema:
    """The document, to be asked for a route by its path and method."""
    return schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def connection() -> Iterator[requests.Session]:
    """To ask all of it."""
    with requests.Session() as session:
        yield session


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_keeps_to_the_document(
    method: str, path: str, described: BaseSchema, connection: requests.Session, stack: RunningStack, asked: Asked
) -> None:
    route = described[path][method]
    right, wrong = (route.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of(right, wrong), role=st.sampled_from(ROLES))
    def keeps_to_it(case: schemathesis.Case, role: str) -> None:
        its = log_in(stack, asked.emails[role]) if route.path.endswith(ENDS_THE_LOGIN) else asked.tokens[role]
        rights = {"Authorization": f"Bearer {its}"}
        case.call_and_validate(base_url=stack.address, session=connection, headers=rights, checks=CHECKS)

    keeps_to_it()


async def _accept(people: People, email: str) -> None:
    chosen = {"token": await token_mailed_to(people, email), "password": PASSWORD}
    assert (await people.nobody.post("auth/password/reset", json=chosen)).status_code == 204


def log_in(stack: RunningStack, email: str) -> str:
    """A new login."""
    body = {"email": email, "password": PASSWORD}
    answer = requests.post(f"{stack.address}/api/v1/auth/login", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])
