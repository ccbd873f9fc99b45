"""The demo on a stack on which what it sells and offers is not what it was."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ops.demo.pictures import hung_up
from ops.demo.stage import Stage
from ops.demo.wares import on_offer
from ops.public_api import PublicApi
from tests.api.demo_house import PASSWORD, House, client, house
from tests.stack.databases import Copies


@pytest.fixture(scope="module")
async def opened(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home: Path = tmp_path_factory.mktemp("wares")
    async with house(home, await copies.seeded("wares")) as opened:
        yield opened


@pytest.fixture
async def stage(opened: House) -> Stage:
    api = PublicApi(client(opened.app))
    people = {who: await api.log_in(who, f"{who}@acme.example", PASSWORD) for who in ("manager", "client")}
    console = Console(width=120, record=True, file=StringIO())
    return Stage(api, people, console, pages="http://test", move_clock=None, workflow_pages=None)


async def remove(opened: House, path: str) -> None:
    manager = await opened.person("manager@acme.example")
    removed = await manager.delete(f"/api/v1{path}")
    assert removed.status_code == 204, removed.text


async def test_what_is_not_for_sale_any_more_is_made_anew_once(opened: House, stage: Stage) -> None:
    manager = stage.people["manager"]
    for slug, change in (("chair", {"visible": False}), ("meeting-table", {"slug": "desk"})):
        product = await stage.api.get(manager, f"/products/{slug}")
        await stage.api.patch(manager, f"/products/{product['id']}", **change)
    product = await stage.api.get(manager, "/products/assembly")
    await remove(opened, f"/products/{product['id']}")

    for _ in range(2):
        await hung_up(stage)
        for_sale = (await stage.api.get(None, "/public/acme/products"))["items"]
        assert [product["name"] for product in for_sale] == ["Assembly", "Chair", "Meeting table"]
        assert all(product["images"] for product in for_sale)


async def test_what_is_not_on_offer_any_more_can_be_booked_again(opened: House, stage: Stage) -> None:
    manager, customer = stage.people["manager"], stage.people["client"]
    before = {each["name"]: each["id"] for each in (await stage.api.get(customer, "/services"))["items"]}
    await remove(opened, f"/services/{before['Consultation']}")
    await stage.api.patch(manager, f"/services/{before['Furniture care class']}", bookable=False)

    since = datetime.now(UTC) + timedelta(days=1)
    stretch = {"from": since.isoformat(), "to": (since + timedelta(days=14)).isoformat()}
    for name in ("Consultation", "Furniture care class"):
        service = await on_offer(stage, name)
        assert await on_offer(stage, name) == service
        assert (await stage.api.get(customer, "/availability", service_id=service["id"], **stretch))["slots"]
    after = (await stage.api.get(customer, "/services"))["items"]
    assert [service["name"] for service in after] == sorted(before)
