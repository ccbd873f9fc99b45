"""The products and services that the scenes need, whatever has become of those that the seed brought."""

import secrets
from typing import Any

from ops.demo.people import DEMO_TENANTS
from ops.demo.products import WARES
from ops.demo.services import offers
from ops.demo.stage import Stage


async def on_sale(stage: Stage, slug: str) -> dict[str, Any]:
    """One of the `WARES` as the manager reads it: one like it that customers see, else one that is made anew."""
    manager, ware = stage.people["manager"], WARES[slug]
    wanted = {name: ware[name] for name in ("name", "kind", "stock_tracked")}
    query = {"q": ware["name"], "visible": True, "limit": 200}
    found: list[dict[str, Any]] = (await stage.api.get(manager, "/products", **query))["items"]
    for product in found:
        if wanted.items() <= {name: product[name] for name in wanted}.items():
            return product
    # Its own SKU may still be that of a product which was hidden, or is called otherwise now.
    anew: dict[str, Any] = {**ware, "sku": f"{ware['sku']}-{secrets.token_hex(3).upper()}"}
    made: dict[str, Any] = await stage.api.post(manager, "/products", **anew)
    stage.remark("catalogue", f"{made['name']} was not for sale any more, and is made anew")
    return made


async def on_offer(stage: Stage, name: str) -> dict[str, Any]:
    """A service of this name as the manager reads it: one that customers book, which may have to be put on offer again,
    else one that is made anew, and done by the whole team."""
    manager = stage.people["manager"]
    found = (await stage.api.get(manager, "/services", q=name, limit=200))["items"]
    service: dict[str, Any] | None = next((each for each in found if each["name"] == name), None)
    if service and service["bookable"]:
        return service
    stage.remark("services", f"{name} was not on offer any more, and is again")
    if service:
        # Only one service has the name.
        again: dict[str, Any] = await stage.api.patch(manager, f"/services/{service['id']}", bookable=True)
        return again
    made: dict[str, Any] = await stage.api.post(manager, "/services", **offers(DEMO_TENANTS[0].weekdays)[name])
    for member in (await stage.api.get(manager, "/team-members", limit=200))["items"]:
        does = [*member["service_ids"], made["id"]]
        await stage.api.patch(manager, f"/team-members/{member['id']}", service_ids=does)
    return made
