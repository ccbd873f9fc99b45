"""HTTP as its readers expect it, whatever the route."""

import httpx2
import pytest

from tests.api.house import Company, House, code_of

TICKETS = "/tickets"
SOMEBODY = "01980000-0000-7000-8000-000000000001"


async def test_head_has_the_headers_of_get_and_no_body(company: Company) -> None:
    customer = (await company.customer())["id"]
    for path in ("/customers", f"/customers/{customer}", f"/customers/{customer}/kyc", "/settings"):
        asked, looked = await company.admin.http.get(path), await company.admin.http.head(path)
        assert (looked.status_code, looked.content) == (200, b"")
        for name in ("content-type", "content-length", "etag"):
            assert looked.headers.get(name) == asked.headers.get(name), (path, name)


async def test_head_of_what_is_not_there_is_refused_as_get_is(company: Company, house: House) -> None:
    assert (await company.admin.http.head(f"{TICKETS}/{SOMEBODY}")).status_code == 404
    assert (await house.visitor().head(TICKETS)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", TICKETS, {"GET", "HEAD", "POST"}),
        ("PUT", f"{TICKETS}/{SOMEBODY}", {"GET", "HEAD", "PATCH"}),
        ("PATCH", f"/quotes/{SOMEBODY}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("OPTIONS", "/settings", {"GET", "HEAD", "PATCH"}),
        ("TRACE", "/auth/login", {"POST"}),
    ],
)
async def test_another_method_is_told_all_that_are_allowed(
    house: House, method: str, path: str, allowed: set[str]
) -> None:
    answer = await house.visitor().request(method, path)
    assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_body_that_is_not_called_json_is_refused(company: Company, kind: str) -> None:
    said = b'{"type": "individual", "name": "Ada"}'
    answer = await company.admin.http.post("/customers", content=said, headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, code_of(answer)) == (415, "json_expected")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.us+json"])
async def test_json_by_other_names_is_json(company: Company, kind: str) -> None:
    said = b'{"type": "individual", "name": "Ada"}'
    answer = await company.admin.http.post("/customers", content=said, headers={"Content-Type": kind})
    assert answer.status_code == 201, answer.text


async def test_a_path_with_a_slash_behind_it_is_another_one(company: Company) -> None:
    for method, path in (("GET", "/tickets/"), ("POST", "/customers/"), ("GET", f"/tickets/{SOMEBODY}/")):
        answer = await company.admin.http.request(method, path, follow_redirects=False)
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_a_page_begins_at_one_place(company: Company) -> None:
    begun = await company.admin.http.get("/customers", params={"limit": 1, "offset": 0})
    cursor = begun.json()["next_cursor"] or "any"
    answer = await company.admin.http.get("/customers", params={"cursor": cursor, "offset": 1})
    assert (answer.status_code, code_of(answer)) == (422, "offset_with_cursor")
    assert answer.json()["errors"][0]["field"] == "offset"


async def test_what_was_made_is_where_the_answer_says(company: Company) -> None:
    made: list[tuple[str, dict[str, object]]] = [
        ("/customers", {"type": "individual", "name": "Ada"}),
        ("/roles", {"key": "listener", "name": "Listener", "permissions": []}),
        ("/groups", {"name": "Night shift"}),
        ("/categories", {"name": "Noise"}),
        ("/categories/products", {"name": "Chairs", "slug": "chairs"}),
        ("/promo-codes", {"code": "NIGHT", "percent_bp": 100}),
        ("/calendars", {"name": "Always", "timezone": "UTC", "always_open": True}),
        ("/products", {"sku": "CHAIR", "name": "Chair", "unit_price": 100}),
    ]
    for path, body in made:
        answer = await company.admin.http.post(path, json=body)
        assert answer.status_code == 201, answer.text
        assert await _at(company, answer) == answer.json(), path


async def test_who_is_invited_is_at_the_invitation(company: Company, house: House) -> None:
    body = {"email": house.new_email(), "full_name": "Nora New", "roles": ["agent"]}
    invited = await company.admin.http.post("/users", json=body)
    found = await _at(company, invited)
    assert (found["id"], found["email"]) == (invited.json()["id"], body["email"])


async def _at(company: Company, made: httpx2.Response) -> dict[str, object]:
    answer = await company.admin.http.get(f"http://test{made.headers['location']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found
