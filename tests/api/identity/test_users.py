"""The people of a tenant, and the tenants of the platform."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import col

from api.app import RESERVED_SLUGS
from domain.cases import StepRef
from models.cases import CommandRow, DeliveryRow
from models.tickets import Ticket
from tests.api.house import PASSWORD, Company, House, Person, code_of


async def invite(by: Person, email: str, *roles: str, **other: object) -> httpx2.Response:
    body = {"email": email, "full_name": "Ina Invited", "roles": list(roles)} | other
    return await by.http.post("/users", json=body)


async def test_the_invited_choose_a_password_and_are_in(house: House, company: Company) -> None:
    email = house.new_email()
    invited = (await invite(company.admin, email, "agent", "reviewer")).json()
    assert (invited["status"], invited["roles"], invited["email_verified"]) == ("invited", ["agent", "reviewer"], False)
    refused = await house.visitor().post("/auth/login", json={"email": email, "password": PASSWORD})
    assert refused.status_code == 401

    await house.accept(email)

    person = await house.log_in(email)
    assert person.me["user"]["email_verified"] is True
    assert person.me["roles"] == ["agent", "reviewer"]
    assert (await company.admin.http.get(f"/users/{person.id}")).json()["status"] == "active"


async def test_an_invitation_that_was_lost_is_replaced_by_a_reset(house: House, company: Company) -> None:
    email = house.new_email()
    await invite(company.admin, email, "agent")
    await house.visitor().post("/auth/password/reset-request", json={"email": email})
    await house.accept(email)
    assert (await house.log_in(email)).me["roles"] == ["agent"]


async def test_the_same_key_invites_once(house: House, company: Company) -> None:
    email, key = house.new_email(), {"Idempotency-Key": str(uuid4())}
    body = {"email": email, "full_name": "Ina", "roles": ["agent"]}
    answers = await asyncio.gather(*(company.admin.http.post("/users", json=body, headers=key) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(await house.mails_to(email)) == 1
    assert code_of(await invite(company.admin, email, "agent")) == "already_member"


async def test_several_people_speak_for_one_customer(company: Company) -> None:
    customer = await company.customer(name="Two heads")
    first = await company.member("client", customer_id=customer["id"])
    second = await company.member("client", customer_id=customer["id"])
    assert first.customer_id == second.customer_id == customer["id"]
    users = (await company.admin.http.get("/users", params={"customer_id": customer["id"]})).json()["items"]
    assert {user["id"] for user in users} == {first.id, second.id}


async def test_lists_by_role_and_words_and_in_pages(house: House) -> None:
    company = await house.tenant()
    people = [await company.member("agent") for _ in range(3)]
    by_role = (await company.admin.http.get("/users", params={"role": "agent", "count": True})).json()
    assert [user["id"] for user in by_role["items"]] == [person.id for person in people]
    assert by_role["total"] == 3
    by_word = (await company.admin.http.get("/users", params={"q": people[1].email.upper()})).json()
    assert [user["id"] for user in by_word["items"]] == [people[1].id]
    first = (await company.admin.http.get("/users", params={"limit": 3})).json()
    rest = (await company.admin.http.get("/users", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert len(first["items"] + rest["items"]) == 4
    assert rest["next_cursor"] is None


async def test_roles_change_at_once(company: Company) -> None:
    person = await company.member("agent")
    path = f"/users/{person.id}"
    changed = await company.admin.http.patch(path, json={"roles": ["reviewer"], "away": True})
    assert (changed.json()["roles"], changed.json()["away"]) == (["reviewer"], True)
    assert (await person.http.get("/me")).json()["roles"] == ["reviewer"]
    # Without any role a member is still somebody.
    assert (await company.admin.http.patch(path, json={"roles": []})).status_code == 200
    me = (await person.http.get("/me")).json()
    assert (me["roles"], me["permissions"]) == ([], [])
    assert (await person.http.get("/tickets")).status_code == 403


async def test_a_removed_person_is_out_at_once_and_their_tickets_are_free(house: House, company: Company) -> None:
    person = await company.member("agent")
    client = await company.register()
    tenant_id = company.admin.me["tenant"]["id"]
    ticket = Ticket(
        tenant_id=tenant_id,
        subject="s",
        version=1,
        number=f"TCK-{uuid4()}"[:32],
        customer_id=client.customer_id,
        requester_id=client.id,
        assignee_id=person.id,
    )
    async with house.database.transaction(tenant_id) as session:
        session.add(ticket)

    assert (await company.admin.http.delete(f"/users/{person.id}")).status_code == 204

    assert (await person.http.get("/me")).status_code == 401
    refused = await house.visitor().post("/auth/refresh", json={"refresh_token": person.tokens["refresh_token"]})
    assert refused.status_code == 401
    login = await house.visitor().post("/auth/login", json={"email": person.email, "password": PASSWORD})
    assert login.status_code == 401
    assert (await company.admin.http.get(f"/users/{person.id}")).status_code == 404
    async with house.database.transaction(tenant_id) as session:
        command = (await session.scalars(sa.select(CommandRow).where(col(CommandRow.case_id) == ticket.id))).one()
        await session.delete(command)
    assert (command.kind, command.arguments, command.status) == ("ticket.assign", {"assignee_id": None}, "pending")


async def test_who_was_removed_gets_no_more_mail_about_cases(house: House, company: Company) -> None:
    person, stays = await company.member("agent"), await company.member("agent")
    await company.admin.http.delete(f"/users/{person.id}")
    tenant_id, step_id = UUID(company.admin.me["tenant"]["id"]), uuid4()
    rows = [
        DeliveryRow(
            tenant_id=tenant_id,
            case_kind="callback",
            case_id=uuid4(),
            step_id=step_id,
            channel="email",
            template="ticket_answered",
            recipient_id=member.id,
            context={"number": "TCK-1", "subject": "s"},
            correlation_id="c",
            due_at=datetime.now(UTC),
        )
        for member in (person, stays)
    ]
    async with house.database.transaction(tenant_id) as session:
        session.add_all(rows)
    before = len(await house.mails_to(person.email))

    assert await house.send(StepRef(tenant_id, step_id)) == 1

    assert len(await house.mails_to(person.email)) == before
    assert "TCK-1" in (await house.mails_to(stays.email))[-1]["Subject"]
    async with house.database.transaction(tenant_id) as session:
        statuses = await session.execute(
            sa.select(col(DeliveryRow.status), col(DeliveryRow.error_code))
            .where(col(DeliveryRow.step_id) == step_id)
            .order_by(col(DeliveryRow.status))
        )
        assert [tuple(row) for row in statuses] == [("failed", "recipient_gone"), ("sent", None)]


async def test_the_last_administrator_stays(house: House) -> None:
    company = await house.tenant()
    path = f"/users/{company.admin.id}"
    await invite(company.admin, house.new_email(), "admin")  # who never accepts

    for answer in (
        await company.admin.http.delete(path),
        await company.admin.http.patch(path, json={"roles": ["agent"]}),
    ):
        assert (answer.status_code, code_of(answer)) == (409, "last_admin")


async def test_of_two_administrators_who_remove_each_other_one_stays(house: House) -> None:
    company = await house.tenant()
    other = await company.member("admin")
    answers = await asyncio.gather(
        company.admin.http.delete(f"/users/{other.id}"), other.http.delete(f"/users/{company.admin.id}")
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 204
    assert codes[1] in (401, 404, 409)
    left = company.admin if answers[0].status_code == 204 else other
    admins = (await left.http.get("/users", params={"role": "admin"})).json()["items"]
    assert [admin["id"] for admin in admins] == [left.id]


async def test_nobody_invites_or_raises_above_themselves(house: House) -> None:
    company = await house.tenant()
    clerk = {"key": "clerk", "name": "Clerk", "permissions": ["users:read", "users:write", "tickets:read"]}
    assert (await company.admin.http.post("/roles", json=clerk)).status_code == 201
    person = await company.member("clerk")

    for answer in (
        await invite(person, house.new_email(), "manager"),
        await person.http.patch(f"/users/{person.id}", json={"roles": ["clerk", "admin"]}),
        await person.http.patch(f"/users/{company.admin.id}", json={"roles": ["clerk"]}),
        await person.http.delete(f"/users/{company.admin.id}"),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "permission_not_held")
    assert (await invite(person, house.new_email(), "clerk")).status_code == 201


async def test_who_speaks_for_a_customer_chooses_no_other(house: House) -> None:
    company = await house.tenant()
    own, other = await company.customer(name="Own"), await company.customer(name="Other")
    clerk = {"key": "clerk", "name": "Clerk", "permissions": ["users:read", "users:write", "tickets:read"]}
    assert (await company.admin.http.post("/roles", json=clerk)).status_code == 201
    person = await company.member("clerk", customer_id=own["id"])
    colleague = await company.member("clerk", customer_id=own["id"])
    stranger = await company.member("clerk", customer_id=other["id"])

    for who, customer_id in (
        (person, other["id"]),
        (person, None),
        (colleague, other["id"]),
        (stranger, own["id"]),
    ):
        moved = await person.http.patch(f"/users/{who.id}", json={"customer_id": customer_id})
        assert (moved.status_code, code_of(moved)) == (409, "own_customer")
    for customer_id in (other["id"], None):
        invited = await invite(person, house.new_email(), "clerk", customer_id=customer_id)
        assert (invited.status_code, code_of(invited)) == (409, "own_customer")
    assert (await invite(person, house.new_email(), "clerk", customer_id=own["id"])).status_code == 201
    assert (await person.http.get("/me")).json()["customer"]["id"] == own["id"]

    # Nor does staff speak for a customer of its own choice: whoever does cannot approve what is the customer's.
    alone = await company.admin.http.patch(f"/users/{company.admin.id}", json={"customer_id": own["id"]})
    assert (alone.status_code, code_of(alone)) == (409, "own_customer")
    assert (await company.admin.http.patch(f"/users/{colleague.id}", json={"customer_id": other["id"]})).is_success


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roles": ["nobody"]}, "role_unknown"),
        ({"roles": []}, "invalid"),
        ({"email": "nobody"}, "invalid"),
        ({"customer_id": str(uuid4())}, "unknown"),
    ],
)
async def test_refuses_an_invitation_that_makes_no_sense(
    house: House, company: Company, change: dict[str, object], code: str
) -> None:
    answer = await company.admin.http.post(
        "/users", json={"email": house.new_email(), "full_name": "I", "roles": ["agent"]} | change
    )
    assert (answer.status_code, code_of(answer)) == (422, code)


async def test_people_of_another_tenant_are_not_there(company: Company, other_company: Company) -> None:
    path = f"/users/{other_company.admin.id}"
    assert (await company.admin.http.get(path)).status_code == 404
    assert (await company.admin.http.patch(path, json={"away": True})).status_code == 404
    assert (await company.admin.http.delete(path)).status_code == 404


async def test_agents_read_people_and_clients_do_not(company: Company) -> None:
    agent, client = await company.member("agent"), await company.register()
    assert (await agent.http.get("/users")).status_code == 200
    assert (await agent.http.delete(f"/users/{client.id}")).status_code == 403
    assert (await client.http.get("/users")).status_code == 403


async def test_who_runs_the_platform_makes_tenants_and_reads_nothing_in_them(house: House, company: Company) -> None:
    root = await house.superadmin()
    body = {"slug": f"made-{uuid4().hex[:8]}", "name": "Made", "timezone": "Europe/Paris", "currency": "EUR"}
    made = (await root.http.post("/tenants", json=body)).json()
    assert made["slug"] == body["slug"]
    again = await root.http.post("/tenants", json=body)
    assert (again.status_code, code_of(again)) == (409, "slug_taken")
    slugs = [tenant["slug"] for tenant in (await root.http.get("/tenants", params={"limit": 200})).json()["items"]]
    assert {company.slug, made["slug"]} <= set(slugs)
    assert (await root.http.get(f"/tenants/{made['id']}")).json() == made

    assert (await root.http.get("/users")).status_code == 403
    switched = (await root.http.post("/auth/switch-tenant", json={"tenant": made["slug"]})).json()
    token = {"Authorization": f"Bearer {switched['access_token']}"}
    roles = (await root.http.get("/roles", headers=token)).json()["items"]
    assert {role["key"] for role in roles} == {"admin", "manager", "agent", "reviewer", "client"}

    for answer in (
        await company.admin.http.get("/tenants"),
        await company.admin.http.post("/tenants", json=body),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    for reserved in ("quotes", *RESERVED_SLUGS):
        refused = await root.http.post("/tenants", json=body | {"slug": reserved})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "slug_reserved")
    nonsense = await root.http.post("/tenants", json=body | {"slug": "other", "timezone": "Mars/Base"})
    assert nonsense.status_code == 422


async def test_a_name_is_corrected_by_the_only_tenant_that_has_the_person(
    house: House, company: Company, other_company: Company
) -> None:
    person = await company.member("agent")
    path, renamed = f"/users/{person.id}", {"full_name": "Nora Newly-Wed"}
    assert (await company.admin.http.patch(path, json=renamed)).json()["full_name"] == "Nora Newly-Wed"
    assert (await person.http.get("/me")).json()["user"]["full_name"] == "Nora Newly-Wed"
    actions = [entry["action"] for entry in (await company.admin.http.get("/audit")).json()["items"]]
    assert actions.count("user.renamed") == 1

    assert (await invite(other_company.admin, person.email, "agent")).status_code == 201
    assert (await company.admin.http.patch(path, json={"full_name": "Still Ours"})).status_code == 200
    await house.accept(person.email)
    refused = await company.admin.http.patch(path, json={"full_name": "Somebody Else"})
    assert (refused.status_code, code_of(refused)) == (409, "account_shared")
    assert code_of(await other_company.admin.http.patch(path, json=renamed)) == "account_shared"


async def test_who_runs_the_platform_keeps_its_tenants(house: House) -> None:
    company, root = await house.tenant(), await house.superadmin()
    path = f"/tenants/{company.admin.me['tenant']['id']}"
    changes = {"name": "Renamed", "timezone": "Europe/Paris", "currency": "EUR", "locale": "fr"}
    changed = (await root.http.patch(path, json=changes)).json()
    assert {name: changed[name] for name in changes} == changes
    assert (await company.admin.http.get("/me")).json()["tenant"]["timezone"] == "Europe/Paris"
    newest = (await company.admin.http.get("/audit")).json()["items"][0]
    assert (newest["action"], newest["detail"]["name"]["after"]) == ("tenant.changed", "Renamed")
    assert (await company.admin.http.patch(path, json=changes)).status_code == 403


async def test_nobody_gets_into_a_suspended_tenant(house: House) -> None:
    company, root = await house.tenant(), await house.superadmin()
    path, shop = f"/tenants/{company.admin.me['tenant']['id']}", f"/public/{company.slug}/products"
    suspended = (await root.http.post(f"{path}/suspend", json={"reason": "It does not pay."})).json()
    assert (suspended["suspended_at"] is not None, suspended["suspended_reason"]) == (True, "It does not pay.")
    for method, where in (("GET", "/tickets"), ("POST", "/customers"), ("GET", "/settings")):
        refused = await company.admin.http.request(method, where, json={} if method == "POST" else None)
        assert (refused.status_code, code_of(refused)) == (403, "tenant_suspended")
    assert (await house.visitor().get(shop)).status_code == 404
    assert (await house.log_in(company.admin.email)).me["tenant"]["slug"] == company.slug
    assert code_of(await root.http.post(f"{path}/suspend", json={"reason": "Again"})) == "nothing_changes"
    own = f"/tenants/{root.me['tenant']['id']}/suspend"
    assert code_of(await root.http.post(own, json={"reason": "Mine"})) == "own_tenant"

    assert (await root.http.post(f"{path}/activate")).json()["suspended_at"] is None
    assert (await company.admin.http.get("/tickets")).status_code == 200
    assert (await house.visitor().get(shop)).status_code == 200
