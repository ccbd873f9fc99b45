"""The products that the scenes need, whatever has become of those that the seed brought."""

import secrets
from typing import Any

from ops.demo.products import WARES
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
