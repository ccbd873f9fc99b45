"""The demo on a stack on which the products that it sells are not what they were."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from ops.demo.pictures import hung_up
from ops.demo.stage import Stage
from ops.public_api import PublicApi
from tests.api.demo_house import PASSWORD, client, house
from tests.stack.databases import Copies


async def test_what_is_not_for_sale_any_more_is_made_anew_once(copies: Copies, tmp_path: Path) -> None:
    async with house(tmp_path, await copies.seeded("products_gone")) as opened:
        api = PublicApi(client(opened.app))
        manager = await api.log_in("the manager", "manager@acme.example", PASSWORD)
        keeper = client(opened.app, manager.token)
        for slug, change in (("chair", {"visible": False}), ("meeting-table", {"slug": "desk"})):
            product = await api.get(manager, f"/products/{slug}")
            changed = await keeper.patch(f"/api/v1/products/{product['id']}", json=change)
            assert changed.status_code == 200, changed.text
        product = await api.get(manager, "/products/assembly")
        assert (await keeper.delete(f"/api/v1/products/{product['id']}")).status_code == 204

        console = Console(width=120, record=True, file=StringIO())
        stage = Stage(api, {"manager": manager}, console, pages="http://test", move_clock=None, workflow_pages=None)
        for _ in range(2):
            await hung_up(stage)

        assert console.export_text().count("is made anew") == 2
        for_sale = (await api.get(None, "/public/acme/products"))["items"]
        assert [product["name"] for product in for_sale] == ["Assembly", "Chair", "Meeting table"]
        assert all(product["images"] for product in for_sale)
