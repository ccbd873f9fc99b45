"""Promo codes: what is taken, what is refused, and who may."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from models.bookings import Booking
from models.services import PromoCode
from tests.api.bookings.setting_up import promo_code, refused_field, service
from tests.api.house import Company, House, code_of

SPRING, SUMMER = "2027-03-01T00:00:00Z", "2027-06-01T00:00:00Z"


@pytest.fixture(scope="module")
async def plain(company: Company) -> dict[str, Any]:
    return await promo_code(company)


async def test_a_code_is_made_changed_and_listed(house: House) -> None:
    company = await house.tenant()
    http = company.admin.http
    yoga = await service(company)
    said = {"percent_bp": 1_500, "valid_from": SPRING, "valid_until": SUMMER, "max_uses": 10}
    made = await promo_code(company, code=" spring-27 ", service_ids=[yoga["id"], yoga["id"]], **said)
    assert made == made | said | {"code": "SPRING-27", "used": 0, "service_ids": [yoga["id"]], "currency": None}
    changes = {"percent_bp": None, "amount": 500, "max_uses": None, "valid_until": None, "service_ids": []}
    changed = (await http.patch(f"/promo-codes/{made['id']}", json=changes)).json()
    assert changed == made | changes | {"currency": company.admin.me["tenant"]["currency"]}
    assert (await http.patch(f"/promo-codes/{made['id']}", json={})).json() == changed
    back = (await http.patch(f"/promo-codes/{made['id']}", json={"percent_bp": 1, "amount": None})).json()
    assert (back["percent_bp"], back["amount"], back["currency"]) == (1, None, None)
    await promo_code(company, code="AUTUMN", amount=1, currency="EUR")
    listed = (await http.get("/promo-codes", params={"count": True})).json()
    assert ([each["code"] for each in listed["items"]], listed["total"]) == (["AUTUMN", "SPRING-27"], 2)
    assert listed["items"][0]["currency"] == "EUR"


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"percent_bp": None}, "percent_bp", "percent_or_amount"),
        ({"amount": 1}, "amount", "percent_or_amount"),
        ({"percent_bp": 0}, "percent_bp", "greater_than_equal"),
        ({"percent_bp": 10_001}, "percent_bp", "less_than_equal"),
        ({"percent_bp": None, "amount": 0}, "amount", "greater_than_equal"),
        ({"currency": "EUR"}, "currency", "only_of_an_amount"),
        ({"code": "TEN PERCENT"}, "code", "string_pattern_mismatch"),
        ({"code": "ÉTÉ"}, "code", "string_pattern_mismatch"),
        ({"code": "A" * 41}, "code", "string_too_long"),
        ({"valid_from": SUMMER, "valid_until": SPRING}, "valid_until", "never_valid"),
        ({"valid_from": SUMMER, "valid_until": SUMMER}, "valid_until", "never_valid"),
        ({"max_uses": 0}, "max_uses", "greater_than_equal"),
        ({"used": 0}, "used", "extra_forbidden"),
    ],
    ids=str,
)
async def test_what_no_code_is_like_is_refused_by_its_field(
    company: Company, plain: dict[str, Any], wrong: dict[str, Any], field: str, code: str
) -> None:
    http = company.admin.http
    for answer in (
        await http.post("/promo-codes", json={"code": "WRONG", "percent_bp": 1} | wrong),
        await http.patch(f"/promo-codes/{plain['id']}", json=wrong),
    ):
        assert refused_field(answer) == (field, code)


async def test_no_two_codes_read_the_same(company: Company, other_company: Company) -> None:
    await promo_code(company, code="SAME")
    other = await promo_code(company, code="OTHER")
    for answer in (
        await company.admin.http.post("/promo-codes", json={"code": "same", "percent_bp": 1}),
        await company.admin.http.patch(f"/promo-codes/{other['id']}", json={"code": "Same"}),
    ):
        assert (answer.status_code, code_of(answer)) == (409, "code_taken")
    await promo_code(other_company, code="SAME")


async def test_the_same_request_makes_one_code(company: Company) -> None:
    asked: dict[str, Any] = {"json": {"code": "ONCE", "amount": 5}, "headers": {"Idempotency-Key": "once"}}
    answers = [await company.admin.http.post("/promo-codes", **asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_another_tenants_code_is_not_there(company: Company, other_company: Company) -> None:
    theirs = await promo_code(other_company)
    path = f"/promo-codes/{theirs['id']}"
    for answer in (await company.admin.http.patch(path, json={"max_uses": 1}), await company.admin.http.delete(path)):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_what_was_used_stays(house: House, company: Company) -> None:
    http = company.admin.http
    counted, named = await promo_code(company, max_uses=5), await promo_code(company)
    offered = await service(company)
    tenant_id = UUID(company.admin.me["tenant"]["id"])
    customer_id = UUID((await company.customer())["id"])
    begins = datetime.now(UTC)
    async with house.database.transaction(tenant_id) as session:
        await session.execute(sa.update(PromoCode).where(col(PromoCode.id) == UUID(counted["id"])).values(used=2))
        session.add(
            Booking(
                tenant_id=tenant_id,
                customer_id=customer_id,
                service_id=UUID(offered["id"]),
                promo_code_id=UUID(named["id"]),
                starts_at=begins,
                ends_at=begins + timedelta(hours=1),
                currency="DZD",
            )
        )
    for made in (counted, named):
        answer = await http.delete(f"/promo-codes/{made['id']}")
        assert (answer.status_code, code_of(answer)) == (409, "promo_in_use")
    assert code_of(await http.patch(f"/promo-codes/{counted['id']}", json={"max_uses": 1})) == "promo_in_use"
    assert (await http.patch(f"/promo-codes/{counted['id']}", json={"max_uses": 2})).json()["used"] == 2
    assert (await http.delete(f"/promo-codes/{(await promo_code(company))['id']}")).status_code == 204
