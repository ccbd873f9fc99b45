"""Invoices that hold themselves as data, for tenants that want it."""

import io
from collections.abc import AsyncIterator

import pytest
from facturx import get_xml_from_pdf
from pypdf import PdfReader

from tests.activities.papers.published_rules import published_rules
from tests.workflows.invoices.life import Json, write_invoice
from tests.workflows.world import World

COMPANY: Json = {"country": "DZ", "nif": "000016001234567"}


@pytest.fixture
async def wanted(world: World) -> AsyncIterator[None]:
    """Acme wants them."""
    await _set(world, {"invoices": {"factur_x": True}, "company": COMPANY})
    yield
    await _set(world, {"invoices": {"factur_x": False}})


async def _set(world: World, changes: Json) -> None:
    answer = await (await world.person("admin")).patch("/settings", json=changes)
    assert answer.status_code == 200, answer.text


async def _lives_in(world: World, country: str | None) -> None:
    me = (await (await world.person("client")).get("/me")).json()
    path = f"/customers/{me['customer']['id']}"
    answer = await (await world.person("manager")).patch(path, json={"country": country})
    assert answer.status_code == 200, answer.text


async def _printed(world: World, path: str) -> bytes:
    answer = await (await world.person("client")).get(path)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.usefixtures("wanted")
async def test_an_invoice_and_its_credit_note_are_data_that_keep_the_published_rules(world: World) -> None:
    await _lives_in(world, "DZ")
    life = await write_invoice(world, discount_bp=400)
    await life.issued()
    of_invoice = await _printed(world, f"{life.url}/pdf")
    await life.done("manager", "cancel", reason="Wrong")
    of_note = await _printed(world, f"{life.url}/credit-note/pdf")
    note = (await life.read())["credit_note"]
    with published_rules() as rules:
        for pdf, number in ((of_invoice, life.number), (of_note, note)):
            name, xml = get_xml_from_pdf(pdf)
            assert (name, rules.broken_by(xml)) == ("factur-x.xml", set())
            assert f">{number}<".encode() in xml


@pytest.mark.usefixtures("wanted")
async def test_without_what_data_must_say_it_is_paper_only(world: World) -> None:
    await _lives_in(world, None)
    life = await write_invoice(world)
    await life.issued()
    assert not PdfReader(io.BytesIO(await _printed(world, f"{life.url}/pdf"))).attachments
