"""Who takes part in a ticket from outside, and which tickets it is linked to. The engine is away: what its workflow
records comes later."""

from typing import Any

import pytest

from models.mail import TicketLink
from models.tickets import Ticket
from stores.tickets.participants import MOST_PARTICIPANTS
from tests.api.house import Company, Person, code_of
from tests.api.mail.post import mailbox_of, ticket_of


@pytest.fixture(scope="module")
async def agent(company: Company) -> Person:
    return await company.member("agent")


async def add(agent: Person, ticket: Ticket, address: str) -> Any:
    return await agent.http.post(f"/tickets/{ticket.id}/participants", json={"address": address, "name": "Partner"})


async def there(agent: Person, ticket: Ticket) -> list[str]:
    listed = (await agent.http.get(f"/tickets/{ticket.id}/participants")).json()
    shown = (await agent.http.get(f"/tickets/{ticket.id}", params={"include": "participants"})).json()
    assert shown["participants"] == [each["address"] for each in listed]
    return shown["participants"]


async def test_at_most_ten_take_part_and_each_can_be_removed(company: Company, agent: Person) -> None:
    ticket = await ticket_of(company)
    addresses = [f"partner{number}@partner.example" for number in range(MOST_PARTICIPANTS)]
    for address in addresses:
        assert (await add(agent, ticket, address.upper())).status_code == 202
    assert await there(agent, ticket) == addresses

    eleventh = await add(agent, ticket, "one-more@partner.example")
    assert (eleventh.status_code, code_of(eleventh)) == (409, "too_many_participants")
    twice = await add(agent, ticket, addresses[0])
    assert (twice.status_code, code_of(twice)) == (409, "takes_part_already")

    [first, *_] = (await agent.http.get(f"/tickets/{ticket.id}/participants")).json()
    assert (await agent.http.delete(f"/tickets/{ticket.id}/participants/{first['id']}")).status_code == 202
    assert (await agent.http.delete(f"/tickets/{ticket.id}/participants/{first['id']}")).status_code == 404
    assert (await add(agent, ticket, "one-more@partner.example")).status_code == 202
    assert await there(agent, ticket) == [*addresses[1:], "one-more@partner.example"]


async def test_who_is_no_outsider_is_not_added(company: Company, agent: Person) -> None:
    ticket = await ticket_of(company)
    account = await mailbox_of(company)
    own = await add(agent, ticket, f"support@{company.slug}.example")
    assert (own.status_code, code_of(own)) == (422, "own_address"), account.id
    requester = await add(agent, ticket, company.admin.me["user"]["email"])
    assert (requester.status_code, code_of(requester)) == (409, "takes_part_already")
    assert (await add(agent, ticket, "nobody")).status_code == 422
    client = await company.register()
    assert (await client.http.get(f"/tickets/{ticket.id}/participants")).status_code == 403


async def test_a_suggested_link_is_confirmed_or_dropped(company: Company, agent: Person) -> None:
    one, other, third = [await ticket_of(company) for _ in range(3)]
    links = [
        TicketLink(tenant_id=one.tenant_id, ticket_id=mine.id, other_id=theirs.id, suggested=True)
        for mine, theirs in ((one, other), (third, one))
    ]
    async with company.house.database.transaction(one.tenant_id) as session:
        session.add_all(links)

    async def listed(ticket: Ticket) -> dict[str, bool]:
        found = (await agent.http.get(f"/tickets/{ticket.id}/links")).json()
        return {link["ticket"]["number"]: link["suggested"] for link in found}

    assert await listed(one) == {str(other.number): True, str(third.number): True}
    confirmed = await agent.http.post(f"/tickets/{other.id}/links/{links[0].id}/confirm")
    assert confirmed.json()["suggested"] is False
    assert await listed(other) == {str(one.number): False}
    assert (await agent.http.delete(f"/tickets/{other.id}/links/{links[1].id}")).status_code == 404
    assert (await agent.http.delete(f"/tickets/{one.id}/links/{links[1].id}")).status_code == 204
    assert await listed(one) == {str(other.number): False}
