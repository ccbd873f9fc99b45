"""A ticket from opening to its end, in browsers that run no scripts."""

import asyncio
import json
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from lxml import html

from tests.stack.people import People
from tests.web.conftest import Arrive
from tests.web.visitor import FROM_OUR_PAGES, PASSWORD, Page, Visitor, saying
from web.http.languages import LANGUAGES

PHOTO = ("oven.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")


async def opened(client: Visitor, subject: str = "The oven stays cold", **more: object) -> Page:
    page = await client.open("/tickets/new")
    return await client.send(page, "/tickets/new", subject=subject, body="Since this morning.", **more)


def reply(page: Page) -> str:
    return page.address.split("?")[0].removeprefix("http://").partition("/")[2] + "/messages"


# In English it is told at a real browser without scripts.
@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
async def test_a_whole_story(arrive: Arrive, language: str) -> None:
    client, agent = await arrive("client@acme.example", language), await arrive("agent@acme.example", language)
    said = saying(language)
    page = await opened(client, files=[PHOTO])
    assert page.one("h1") == "The oven stays cold"
    assert page.tree.get("lang") == language
    assert said("You hear from us by") in page.text
    photo = page.tree.cssselect("a.file")[0].get("href")
    assert (await client.client.get(photo)).content == PHOTO[1]
    desk = await agent.open(page.address)
    assert said("Waits for us.") in desk.text
    assert said("none used yet") in desk.text
    desk = await agent.send(desk, reply(page), body="We come at two.\n\nUntil then, leave it off.", status="resolved")
    assert said("Resolved.") in desk.one(".waits")
    page = await client.open(page.address)
    assert "We come at two." in page.text
    assert said("Your reply opens the request again.") in page.text
    page = await client.send(page, reply(page), body="It is cold still.")
    assert said("In work") in page.one(".meta")
    desk = await agent.open(page.address)
    desk = await agent.send(desk, reply(page), body="Then once more.", status="resolved")
    desk = await agent.send(desk, "/status", status="closed")
    assert said("Nothing waits.") in desk.one(".waits")
    page = await client.open(page.address)
    assert said("This request is closed.") in page.text
    assert page.tree.cssselect("#reply") == []


async def test_a_note_stays_in_the_house(arrive: Arrive) -> None:
    client, agent = await arrive("client@acme.example"), await arrive("agent@acme.example")
    page = await opened(client)
    desk = await agent.open(page.address)
    await agent.send(desk, reply(page), body="He called twice.", internal="yes")
    assert "He called twice." in (await agent.open(page.address)).text
    assert "He called twice." not in (await client.open(page.address)).text


async def test_pressed_often_it_is_said_once(arrive: Arrive, people: People) -> None:
    client = await arrive("client@acme.example")
    page = await opened(client)
    answers = await asyncio.gather(*(client.post(page, reply(page), body="Once.") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {303}
    assert (await client.open(page.address)).text.count("Once.") == 1


async def test_other_words_under_a_used_key_are_kept_and_offered(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    page = await opened(client)
    await client.send(page, reply(page), body="The first words.")
    again = await client.send(page, reply(page), body="Other words.")
    assert again.status == 422
    assert "sent already" in again.text
    assert "The first words." in again.text
    assert again.value(reply(page), "body") == "Other words."
    page = await client.send(again, reply(page), body="Other words.")
    assert page.text.count("Other words.") == 1


async def test_a_refused_form_keeps_its_words(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    page = await client.send(await client.open("/tickets/new"), "/tickets/new", subject="", body="My words.")
    assert page.status == 422
    assert page.value("/tickets/new", "body") == "My words."
    assert "#f-subject" in [link.get("href") for link in page.tree.cssselect(".errors a")]
    assert page.tree.cssselect("#f-subject[aria-invalid]")


async def test_what_does_not_come_from_our_pages_does_nothing_and_comes_back(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    page = await client.open("/tickets/new")
    subject = f"Foreign {uuid4()}"
    words = {**dict(page.form("/tickets/new").form_values()), "subject": subject, "body": "My words."}
    for headers, token in (({"Sec-Fetch-Site": "cross-site"}, None), ({}, None), (FROM_OUR_PAGES, "x")):
        sent = words | ({"_token": token} if token else {})
        answer = await client.client.post("/tickets/new", data=sent, headers=headers)
        assert answer.status_code == 403
        assert "My words." in answer.text
        assert "Please press once more." in answer.text
    assert subject not in (await client.open("/tickets")).text


async def test_what_is_anothers_is_not_there(arrive: Arrive) -> None:
    page = await opened(await arrive("client@acme.example"))
    for email in ("client2@acme.example", "client@globex.example", "agent@globex.example"):
        other = await arrive(email)
        assert (await other.open(page.address)).status == 404
        form = await other.open("/tickets/new")
        words = dict(form.form("/tickets/new").form_values()) | {"body": "Hello"}
        answer = await other.client.post(reply(page), data=words, headers=FROM_OUR_PAGES)
        assert answer.status_code == 404
    nobody = await arrive()
    assert (await nobody.open(page.address)).address.partition("?")[0].endswith("/login")


async def test_a_session_that_ended_loses_no_words(arrive: Arrive) -> None:
    client, subject = await arrive("client@acme.example"), f"Lost {uuid4()}"
    page = await client.open("/tickets/new")
    for cookie in list(client.client.cookies):
        client.client.cookies.delete(cookie)
    login = await client.send(page, "/tickets/new", subject=subject, body="Half an hour's words.")
    assert login.status == 401
    assert "Nothing was sent." in login.text
    assert "Half an hour" not in login.text
    stranger = await client.send(login, "/login", email="client2@acme.example", password=PASSWORD)
    assert subject not in (await client.open("/tickets/new")).value("/tickets/new", "subject"), stranger.text
    page = await (mine := await arrive()).send(login, "/login", email="client@acme.example", password=PASSWORD)
    assert page.address.endswith("/tickets/new")
    assert page.value("/tickets/new", "subject") == subject
    assert page.value("/tickets/new", "body") == "Half an hour's words."
    assert subject not in (await mine.open("/tickets")).text
    await mine.send(page, "/tickets/new")
    assert subject in (await mine.open("/tickets")).text
    assert (await mine.open("/tickets/new")).value("/tickets/new", "subject") == ""


async def test_a_draft_keeps_files_and_counts_once(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    page = await opened(client)
    sent = await client.client.post("/files", files={"file": PHOTO}, headers=FROM_OUR_PAGES)
    lists = json.dumps({"file_ids": [sent.json()["id"], str(uuid4())], "file_names": ["oven.png", "gone.png"]})
    begun = {"body": "Begun", "_key": str(uuid4()), "_lists": lists}
    for fields in (begun, begun | {"_lists": "["}, begun):
        kept = await client.client.put(f"/drafts/{reply(page)}", json={"fields": fields}, headers=FROM_OUR_PAGES)
        assert kept.status_code == 200
        again = await client.open(page.address)
        assert again.value(reply(page), "body") == "Begun"
    assert [chip.text_content().strip() for chip in again.tree.cssselect("[data-chosen] li")] == ["oven.png"]
    elsewhere = await client.open(page.address)
    for each in (again, elsewhere):
        page = await client.send(each, reply(page))
    assert page.text.count("Begun") == 1
    assert "oven.png" in page.tree.cssselect(".message")[-1].text_content()
    assert (await client.open(page.address)).value(reply(page), "body") == ""


async def test_files_that_came_with_a_form_whose_session_had_ended(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    page = await opened(client)
    sent = await client.client.post("/files", files={"file": PHOTO}, headers=FROM_OUR_PAGES)
    page.form(reply(page)).append(html.fragment_fromstring(f"<input name='file_ids' value='{sent.json()['id']}'>"))
    page.form(reply(page)).append(html.fragment_fromstring("<input name='file_names' value='oven.png'>"))
    client.client.cookies.clear()
    login = await client.send(page, reply(page), files=[PHOTO], body="With a photo")
    assert "Files have to be chosen again." in login.text
    page = await client.send(login, "/login", email="client@acme.example", password=PASSWORD)
    assert page.value(reply(page), "body") == "With a photo"
    assert "oven.png" in page.one("[data-chosen]")


async def test_words_for_a_request_that_is_closed_come_along_below_those_begun_for_a_new_one(arrive: Arrive) -> None:
    client, agent = await arrive("client@acme.example"), await arrive("agent@acme.example")
    page = await opened(client)
    for form, words in ((reply(page), "It is cold again."), ("tickets/new", "Another thing:")):
        kept = await client.client.put(f"/drafts/{form}", json={"fields": {"body": words}}, headers=FROM_OUR_PAGES)
        assert kept.status_code == 200, kept.text
    for status in ("resolved", "closed"):
        desk = await agent.open(page.address)
        await agent.send(desk, "/status", status=status)
    page = await client.open(page.address)
    both, [anew] = "Another thing:\n\nIt is cold again.", page.tree.xpath("//a[contains(@href, '?after=')]/@href")
    page = await client.open(anew)
    assert page.form("/tickets/new").fields["body"].strip() == both
    draft = {"fields": {"body": both}}
    await client.client.put("/drafts/tickets/new", json=draft, headers=FROM_OUR_PAGES)
    page = await client.open(anew)
    assert page.form("/tickets/new").fields["body"].strip() == both
    await client.send(page, "/tickets/new", subject="Once more")


async def test_an_address_that_names_nothing_is_no_defect(arrive: Arrive) -> None:
    client = await arrive("client@acme.example")
    assert (await client.open("/tickets/new?pending=x")).status == 200
    assert (await client.open(f"/tickets/new?pending={uuid4()}")).status == 404


async def test_a_list_is_narrowed_and_kept_by_a_name(arrive: Arrive) -> None:
    agent, colleague = await arrive("agent@acme.example"), await arrive("agent2@acme.example")
    name = f"Urgent ones {uuid4().hex[:6]}"
    narrowed = await agent.open("/tickets?priority=urgent&sort=due_at")
    assert narrowed.tree.xpath("string(//select[@name='priority']/option[@selected]/@value)") == "urgent"
    kept = await agent.send(narrowed, "/tickets/views", name=name)
    assert (kept.status, kept.one("h1"), "priority=urgent" in kept.address) == (200, name, True)
    assert kept.tree.xpath(f"//nav//a[@aria-current='true']/bdi[.='{name}']")
    assert name not in (await colleague.open("/tickets")).text

    again = await agent.send(await agent.open("/tickets?mine=true"), "/tickets/views", name=name)
    assert (again.status, "has this name" in again.text) == (409, True)
    assert again.value("/tickets/views", "name") == name
    gone = await agent.send(kept, "/forget")
    assert (gone.status, name in gone.text) == (200, False)


async def test_views_say_how_many_tickets_are_in_them(arrive: Arrive, people: People) -> None:
    client, agent = await arrive("client@acme.example"), await arrive("agent@acme.example")
    subject, name = f"Counted {uuid4()}", f"Counted {uuid4().hex[:6]}"
    for _ in range(2):
        await opened(client, subject)
    page = await agent.send(await agent.open(f"/tickets?q={subject}"), "/tickets/views", name=name)
    part = page.tree.cssselect("#views")[0].get("hx-get").removeprefix("/")
    assert page.tree.cssselect("#views .count")[0].text_content() == ""

    counted = await agent.open(part)
    chips = {chip.text_content().split()[0]: chip for chip in counted.tree.cssselect(".chip")}
    kept = counted.tree.xpath(f"//a[bdi='{name}']")[0]
    assert (kept.get("aria-current"), kept.cssselect(".count")[0].text_content()) == ("true", "2")
    answer = await (await people.log_in("agent@acme.example")).get(
        "tickets", params={"unassigned": True, "count": True}
    )
    closed = await (await people.log_in("agent@acme.example")).get(
        "tickets", params={"unassigned": True, "status": "closed", "count": True}
    )
    there = answer.json()["total"] - closed.json()["total"]
    assert chips["In"].cssselect(".count")[0].text_content() == f"{there:,}"
    assert len(page.tree.cssselect("#views .chip")) == len(counted.tree.cssselect(".chip"))
    await agent.send(page, "/forget")


async def test_a_view_of_what_is_gone_says_so_and_is_kept_no_longer(arrive: Arrive, people: People) -> None:
    manager, admin = await arrive("manager@acme.example"), await people.log_in("admin@acme.example")
    group, name = (await admin.post("groups", json={"name": str(uuid4())})).json()["id"], f"Gone {uuid4().hex[:6]}"
    page = await manager.send(await manager.open(f"/tickets?group_id={group}"), "/tickets/views", name=name)
    assert (await admin.delete(f"groups/{group}")).status_code == 204
    said = (await manager.open("/tickets/views/counts")).tree.xpath(f"string(//a[bdi='{name}'])")
    assert said == f"{name} names what is gone"
    assert name not in (await manager.send(await manager.open(page.address), "/forget")).text


async def test_filters_that_are_left_open_narrow_nothing(arrive: Arrive) -> None:
    agent = await arrive("agent@acme.example")
    page = await agent.open("/tickets")
    form = next(form for form in page.tree.forms if form.get("action") == "/tickets")
    open_ones = {name: "" for name, _ in form.form_values()}
    assert "status" in open_ones
    assert (await agent.open(f"/tickets?{urlencode(open_ones | {'priority': 'urgent'})}")).one("h1") == "Narrowed"
    assert (await agent.open(f"/tickets?{urlencode(open_ones)}")).one("h1") == "Not closed"
