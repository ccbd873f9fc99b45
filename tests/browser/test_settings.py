"""An administrator makes a role and a calendar and invites a colleague, who sees what the role allows and no more."""

import re
from typing import Any
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.browser.conftest import Sit, log_in
from tests.e2e.desk import open_ticket, read, token_mailed_to
from tests.stack.people import People
from tests.web.visitor import PASSWORD


async def joined(sit: Sit, people: People, email: str) -> Page:
    """Who accepts the invitation that was mailed, and logs in."""
    colleague = await sit()
    await colleague.goto(f"/invitation?token={await token_mailed_to(people, email)}")
    await colleague.get_by_label("Password").fill(PASSWORD)
    await colleague.get_by_role("button", name="Accept the invitation").click()
    await colleague.wait_for_url("**/well/joined")
    await log_in(colleague, email)
    return colleague


async def test_a_colleague_may_only_read(sit: Sit, people: People) -> None:
    mark = uuid4().hex[:8]
    email, role = f"rita-{mark}@people.example", f"Looks on {mark}"
    ticket = await open_ticket(await people.log_in("client@acme.example"), subject=f"To look at {mark}")
    admin = await sit("admin@acme.example")
    await admin.goto("/settings/roles/new")
    await admin.get_by_label("Name", exact=True).fill(role)
    await admin.get_by_label("Short name").fill(f"looks-{mark}")
    for right in ("tickets:read", "tickets:read_all"):
        await admin.locator(f"input[name=permissions][value='{right}']").check()
    await admin.get_by_role("button", name="Make the role").click()
    await admin.wait_for_url(re.compile("/settings/roles/[0-9a-f-]{36}$"))
    role_page = admin.url
    await admin.goto("/settings/people/invite")
    await admin.get_by_label("Name", exact=True).fill("Rita Reader")
    await admin.get_by_label("E-mail address").fill(email)
    await admin.get_by_label(role).check()
    await admin.get_by_role("button", name="Send the invitation").click()
    await expect(admin.locator("main")).to_contain_text(email)

    colleague = await joined(sit, people, email)
    await colleague.goto("/tickets")
    await colleague.get_by_role("link", name=ticket["subject"]).click()
    await expect(colleague.locator("h1")).to_have_text(ticket["subject"])
    for shut in ("#reply", "#set-status", "#set-assignee_id"):
        await expect(colleague.locator(shut)).to_have_count(0)
    assert await colleague.get_by_role("navigation", name="Places").first.get_by_role("link").all_inner_texts()
    for address in ("/settings", "/settings/people/invite", "/inbox", "/customers", "/quotes/new", "/audit"):
        answer = await colleague.goto(address)
        assert answer
        assert answer.status == 403, address
        await expect(colleague.locator("h1")).to_have_text("This is not yours to do")

    await colleague.goto("/tickets")
    await expect(colleague.locator("[data-liveness]")).to_have_text("Live")
    await admin.goto(role_page)
    await admin.locator("input[name=permissions][value='tickets:read_all']").uncheck()
    await admin.get_by_role("button", name="See who gains and loses").click()
    await expect(admin.locator("main")).to_contain_text("Rita Reader loses")
    await expect(colleague.get_by_role("link", name=ticket["subject"])).to_have_count(1)
    await admin.get_by_role("button", name="Change the role").click()
    # The open page is told to look again, and what it may not show any more is gone.
    await expect(colleague.get_by_role("link", name=ticket["subject"])).to_have_count(0, timeout=15_000)
    answer = await colleague.goto(f"/tickets/{ticket['id']}")
    assert answer
    assert answer.status in (403, 404)


async def test_a_calendar_is_changed_after_its_preview(sit: Sit, people: People) -> None:
    api, name = await people.log_in("admin@acme.example"), f"Desk {uuid4().hex[:8]}"
    admin = await sit("admin@acme.example")
    await admin.goto("/settings/calendars/new")
    await admin.get_by_label("Name", exact=True).fill(name)
    await admin.get_by_label("Time zone").fill("Africa/Algiers")
    for day in ("Sunday", "Monday", "Tuesday"):
        await admin.get_by_label(day).fill("08:00-16:00")
    await admin.get_by_role("button", name="See what it means").click()
    await expect(admin.locator(".seen")).to_contain_text("48 open hours in the next 14 days.")
    await admin.get_by_role("button", name="Keep this calendar").click()
    await admin.get_by_role("link", name=name).click()
    before = await known(api, name)
    await admin.get_by_label("Tuesday").fill("08:00-12:00")
    await admin.get_by_role("button", name="See what it means").click()
    await expect(admin.locator(".seen")).to_contain_text("40 open hours in the next 14 days.")
    assert await known(api, name) == before
    await admin.get_by_role("button", name="Keep this calendar").click()
    await admin.wait_for_url("**/settings/calendars")
    assert {"weekday": 1, "opens": "08:00", "closes": "12:00"} in (await known(api, name))["windows"]


async def known(api: Any, name: str) -> dict[str, Any]:
    """The calendar of that name."""
    return next(each for each in (await read(api, "calendars", limit=200))["items"] if each["name"] == name)
