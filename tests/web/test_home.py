"""A customer's first page: what needs them, what is done for them, when we are open."""

from uuid import uuid4

from tests.stack.people import People
from tests.web.conftest import Arrive


async def test_what_waits_for_the_customer_comes_first(arrive: Arrive, people: People) -> None:
    client, subject = await arrive("client2@acme.example"), f"Home {uuid4()}"
    page = await client.send(await client.open("/tickets/new"), "/tickets/new", subject=subject, body="Since today.")
    ticket_id = page.address.rpartition("/")[2]
    home = await client.open("/")
    assert subject in home.one("#doing-list")
    agent = await people.log_in("agent@acme.example")
    reply = {"body": "Which one is it?", "status": "waiting_for_response"}
    headers = {"Idempotency-Key": str(uuid4())}
    answer = await agent.post(f"tickets/{ticket_id}/messages", json=reply, headers=headers)
    assert answer.status_code == 201, answer.text
    home = await client.open("/")
    assert subject in home.one("[aria-labelledby=need]")
    assert "we wait for your answer since" in home.text
    assert "We answered: " in home.one(".story")


async def test_all_kinds_stand_there_with_their_states_in_words(arrive: Arrive, people: People) -> None:
    client = await people.log_in("client2@acme.example")
    headers = {"Idempotency-Key": str(uuid4())}
    wish = {"phone": "+213 21 00 00 00", "topic": f"Call {uuid4()}"}
    asked = await client.post("callbacks", json=wish, headers=headers)
    assert asked.status_code == 201, asked.text
    home = await (await arrive("client2@acme.example")).open("/")
    row = home.one(f"#o-{asked.json()['id']}")
    assert wish["topic"] in row
    assert "We call you" in row
    assert asked.json()["number"] in row


async def test_opening_hours_are_those_by_which_promises_count(arrive: Arrive, people: People) -> None:
    hours = (await (await people.log_in("client@acme.example")).get("opening-hours")).json()
    assert hours["timezone"] == "Africa/Algiers"
    assert [day["weekday"] for day in hours["week"]] == list(range(7))
    page = await (await arrive("client@acme.example")).open("/")
    shown = [" ".join(day.text_content().split()) for day in page.tree.cssselect(".week div")]
    names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    windows = [[f"{each['opens']}–{each['closes']}" for each in day["hours"]] for day in hours["week"]]
    said = [", ".join(of_day) or "closed" for of_day in windows]
    assert shown == [f"{name}{what}" for name, what in zip(names, said, strict=True)]


async def test_who_runs_the_platform_comes_to_its_houses(arrive: Arrive) -> None:
    keeper = await arrive("superadmin@casewright.example")
    assert (await keeper.open("/")).address.endswith("/tenants")
