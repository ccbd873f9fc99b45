"""What the tests of the catalogue put into it."""

import itertools
from typing import Any

import httpx2

from tests.api.house import Company

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))

_numbers = itertools.count(1)


async def product(company: Company, name: str = "Table", **fields: Any) -> dict[str, Any]:
    """A new product."""
    body = {"sku": f"SKU-{next(_numbers)}", "name": name, "unit_price": 1_000} | fields
    answer = await company.admin.http.post("/products", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def upload(http: httpx2.AsyncClient, content: bytes = PNG, name: str = "front.png") -> str:
    """A file that its uploader may use."""
    answer = await http.post("/files", files={"file": (name, content, "application/octet-stream")})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def names(answer: httpx2.Response) -> list[str]:
    """The names of a list's products, in its order."""
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]
