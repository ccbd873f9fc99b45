"""What the audit tells of people, roles, tenants and customers: that it was done, never how they are called."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from domain.people.accounts import TokenPurpose
from stores.signed_tokens import SignedTokens
from tests.api.demo_house import PASSWORD, House, client

NEW_PASSWORD = "Another-right-of-way-2026"


@pytest.fixture
async def admin(in_house: House) -> httpx2.AsyncClient:
    return await in_house.person("admin@globex.example")


async def test_a_members_life(in_house: House, admin: httpx2.AsyncClient) -> None:
    email = f"canary-{uuid4()}@example.org"
    body = {"email": email, "full_name": "Canary Bird", "roles": ["agent"]}
    invited = await admin.post("/api/v1/users", json=body)
    assert invited.status_code == 201, invited.text
    account_id = await _accepted(in_house, email)
    user = f"/api/v1/users/{account_id}"
    assert (await admin.patch(user, json={"roles": ["agent", "reviewer"], "away": True})).status_code == 200
    assert (await admin.patch(user, json={"away": True})).status_code == 200
    assert (await admin.delete(user)).status_code == 204
    [invitation] = await _about(admin, f"invitation/{invited.json()['id']}")
    entries = await _about(admin, f"account/{account_id}")
    assert invitation["action"] == "user.invited"
    assert [entry["action"] for entry in entries] == ["user.joined", "user.changed", "user.removed"]
    assert invitation["detail"] == entries[0]["detail"] == {"roles": ["agent"], "customer_id": None}
    assert entries[1]["detail"] == {
        "roles": {"before": ["agent"], "after": ["agent", "reviewer"]},
        "away": {"before": False, "after": True},
    }
    assert "canary" not in json.dumps(entries).lower()


async def test_a_roles_life(admin: httpx2.AsyncClient) -> None:
    made = await admin.post("/api/v1/roles", json={"key": "night", "name": "Night", "permissions": ["tickets:read"]})
    assert made.status_code == 201, made.text
    role = f"/api/v1/roles/{made.json()['id']}"
    replaced = {"name": "Night", "permissions": ["tickets:read", "tickets:read_all"]}
    assert (await admin.put(role, json=replaced)).status_code == 200
    assert (await admin.delete(role)).status_code == 204
    entries = await _about(admin, f"role/{made.json()['id']}")
    assert [entry["action"] for entry in entries] == ["role.created", "role.replaced", "role.deleted"]
    assert entries[1]["detail"] == {
        "permissions": {"before": ["tickets:read"], "after": ["tickets:read", "tickets:read_all"]}
    }


async def test_a_customers_life(admin: httpx2.AsyncClient) -> None:
    made = await admin.post("/api/v1/customers", json={"type": "individual", "name": "Canary Bird"})
    assert made.status_code == 201, made.text
    customer = f"/api/v1/customers/{made.json()['id']}"
    assert (await admin.patch(customer, json={"name": "Canary Finch"})).status_code == 200
    assert (await admin.delete(customer)).status_code == 204
    assert (await admin.delete(customer)).status_code == 204
    entries = await _about(admin, f"customer/{made.json()['id']}")
    assert [(entry["action"], entry["detail"]) for entry in entries] == [
        ("customer.created", {"type": "individual"}),
        ("customer.edited", {"fields": ["name"]}),
        ("customer.moved", {"status": {"before": "pending", "after": "inactive"}}),
    ]


async def test_a_new_tenant_begins_its_own_audit(in_house: House) -> None:
    with in_house.superuser() as connection:
        connection.execute("UPDATE account SET platform_role = 'superadmin' WHERE email = 'manager@acme.example'")
    root = await in_house.person("manager@acme.example")
    body = {"slug": f"new-{uuid4().hex[:8]}", "name": "New", "timezone": "Europe/Paris", "currency": "EUR"}
    made = await root.post("/api/v1/tenants", json=body)
    assert made.status_code == 201, made.text
    rows = in_house.ask("SELECT sequence, action, detail FROM audit WHERE tenant_id = %s", made.json()["id"])
    assert rows == [(1, "tenant.created", body | {"locale": "en"})]
    acme = await in_house.person("admin@acme.example")
    assert [entry["action"] for entry in await _about(acme, f"tenant/{made.json()['id']}")] == ["tenant.created"]


async def test_ones_own_account(in_house: House) -> None:
    email = "agent2@acme.example"
    own = await in_house.person(email)
    assert (await own.patch("/api/v1/me", json={"full_name": "Canary Bird"})).status_code == 200
    changed = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert (await own.put("/api/v1/me/password", json=changed)).status_code == 204
    entries = (await own.get("/api/v1/audit/me?sort=sequence")).json()["items"]
    assert [entry["action"] for entry in entries][-2:] == ["account.edited", "password.changed"]
    told = json.dumps(entries)
    assert "Canary" not in told
    assert NEW_PASSWORD not in told


async def test_a_registration(in_house: House, admin: httpx2.AsyncClient) -> None:
    email = f"canary-{uuid4()}@example.org"
    body = {"tenant": "globex", "email": email, "password": NEW_PASSWORD, "full_name": "Canary Bird"}
    for _ in range(2):
        answer = await client(in_house.app).post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
    [[account_id]] = in_house.ask("SELECT id FROM account WHERE email = %s", email)
    assert [entry["action"] for entry in await _about(admin, f"account/{account_id}")] == ["account.registered"]


async def test_a_spent_refresh_token(in_house: House) -> None:
    login = {"email": "reviewer2@acme.example", "password": PASSWORD}
    tokens = (await in_house.nobody.post("/api/v1/auth/login", json=login)).json()
    spent = {"refresh_token": tokens["refresh_token"]}
    fresh = await in_house.nobody.post("/api/v1/auth/refresh", json=spent)
    assert fresh.status_code == 200, fresh.text
    assert (await in_house.nobody.post("/api/v1/auth/refresh", json=spent)).status_code == 401
    acme = await in_house.person("admin@acme.example")
    [[account_id]] = in_house.ask("SELECT id FROM account WHERE email = %s", login["email"])
    actions = [entry["action"] for entry in await _about(acme, f"account/{account_id}")]
    assert actions == ["login.succeeded", "login.token_reused"]


async def _accepted(in_house: House, email: str) -> str:
    """Plays the reader of the invitation's mail; returns the new member's id."""
    [[token_id, tenant_id, account_id, expires_at]] = in_house.ask(
        "SELECT id, tenant_id, account_id, expires_at FROM mailed_token "
        "WHERE account_id = (SELECT id FROM account WHERE email = %s)",
        email,
    )
    claims = {"sub": str(account_id), "tid": str(tenant_id), "jti": str(token_id)}
    signed = SignedTokens(in_house.settings.jwt_private_key.get_secret_value())
    token = signed.sign(TokenPurpose.INVITATION, claims, at=datetime.now(UTC), expires_at=expires_at)
    body = {"token": token, "password": NEW_PASSWORD}
    answer = await client(in_house.app).post("/api/v1/auth/password/reset", json=body)
    assert answer.status_code == 204, answer.text
    return str(account_id)


async def _about(admin: httpx2.AsyncClient, entity: str) -> list[dict[str, Any]]:
    answer = await admin.get("/api/v1/audit", params={"entity": entity, "sort": "sequence"})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
