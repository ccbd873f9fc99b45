"""Where a tenant has its orders fulfilled."""

import pytest

from tests.api.house import Company, code_of

PATH = "/settings/fulfilment-webhook"


@pytest.mark.parametrize("url", ["http://shop.example/hook", "https://me:secret@shop.example/", "file:///etc/passwd"])
async def test_a_webhook_leads_out_of_the_house(company: Company, url: str) -> None:
    refused = await company.admin.http.put(PATH, json={"url": url})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")


async def test_it_shows_its_secret_once(company: Company) -> None:
    http = company.admin.http
    secrets = [(await http.put(PATH, json={"url": "https://shop.example/hook"})).json()["secret"] for _ in range(2)]
    assert secrets[0] != secrets[1]
    assert (await http.get(PATH)).json() == {"url": "https://shop.example/hook"}
    assert (await http.delete(PATH)).status_code == 204
    assert (await http.get(PATH)).json() == {"url": None}
    assert code_of(await http.delete(PATH)) == "not_found"
