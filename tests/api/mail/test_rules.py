"""A tenant's rules are kept in their order, and are tried out before they do anything."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.house import Company, Person, code_of
from tests.api.mail.post import came

SPAM: dict[str, Any] = {"name": "Pills", "choices": {"spam": True}}


@pytest.fixture(scope="module")
async def agent(company: Company) -> Person:
    return await company.member("agent")


def about(subject: str, test: str = "contains") -> dict[str, Any]:
    return SPAM | {"conditions": [{"field": "subject", "test": test, "value": subject}]}


async def test_rules_have_an_order_that_is_changed_as_a_whole(company: Company, agent: Person) -> None:
    admin = company.admin.http
    made = [(await admin.post("/mail/rules", json=SPAM | {"name": name})).json() for name in ("One", "Two")]
    rules = (await agent.http.get("/mail/rules")).json()
    ids = [rule["id"] for rule in rules]
    assert ids[-2:] == [rule["id"] for rule in made]

    turned = await admin.put("/mail/rules/order", json={"rule_ids": ids[::-1]})

    assert [rule["id"] for rule in turned.json()] == ids[::-1]
    assert (await agent.http.get("/mail/rules")).json() == turned.json()
    missing = await admin.put("/mail/rules/order", json={"rule_ids": ids[1:]})
    assert (missing.status_code, code_of(missing)) == (409, "rules_changed")
    changed = await admin.put(f"/mail/rules/{ids[0]}", json=SPAM | {"name": "Other", "active": False})
    assert (changed.json()["name"], changed.json()["active"]) == ("Other", False)
    assert (await agent.http.get(f"/mail/rules/{ids[0]}")).json() == changed.json()
    for rule_id in ids:
        assert (await admin.delete(f"/mail/rules/{rule_id}")).status_code == 204
    assert (await agent.http.get("/mail/rules")).json() == []
    refused = await agent.http.post("/mail/rules", json=SPAM)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        (about("(", "matches"), "conditions.0.value", "pattern_invalid"),
        (about("x" * 501, "matches"), "conditions.0.value", "pattern_too_long"),
        ({"conditions": [{"field": "header", "test": "is", "value": "x"}]}, "conditions.0.header", "header_missing"),
        ({"conditions": [{"field": "score", "test": "is", "value": "high"}]}, "conditions.0.value", "score_invalid"),
        ({"choices": {}}, "choices", "nothing_chosen"),
        ({"choices": {"group_id": str(uuid4())}}, "choices.group_id", "unknown"),
        ({"choices": {"colour": "red"}}, "choices.colour", "extra_forbidden"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(company: Company, given: dict[str, Any], field: str, code: str) -> None:
    answer = await company.admin.http.post("/mail/rules", json=SPAM | given)
    assert answer.status_code == 422, answer.text
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


async def test_rules_are_tried_on_what_has_come(company: Company) -> None:
    word = uuid4().hex
    mail = await came(company, subject=f"Buy {word}", score=20, text="Cheap pills")
    await came(company, subject="Something else")
    body = {
        "rules": [
            about(f"BUY {word[:8]}.*", "matches"),
            SPAM | {"name": "All", "choices": {"tag": "tried"}},
            about(word) | {"active": False},
        ]
    }

    tried = (await company.admin.http.post("/mail/rules/dry-run", json=body)).json()

    found = {each["mail_id"]: each for each in tried["mails"]}
    assert found[str(mail.id)]["choices"]["spam"] is True
    assert found[str(mail.id)]["because"][0]["words"] == [f"Buy {word}"]
    assert [(rule["rule"], rule["mails"]) for rule in tried["rules"]] == [("Pills", 1), ("All", tried["looked_at"])]
    assert (await company.admin.http.get(f"/mail/messages/{mail.id}")).json()["state"] == "opened"

    stored = (await company.admin.http.post("/mail/rules", json=about(word))).json()
    tried = (await company.admin.http.post("/mail/rules/dry-run", json={})).json()
    assert [(rule["rule_id"], rule["mails"]) for rule in tried["rules"]] == [(stored["id"], 1)]


async def test_addresses_and_domains_are_listed_and_forgotten(company: Company, agent: Person) -> None:
    domain = f"@{uuid4().hex}.example"
    for listed in ("blocked", "allowed"):
        answer = await agent.http.put("/mail/addresses", json={"address": domain.upper(), "listed": listed})
        assert (answer.json()["address"], answer.json()["listed"]) == (domain, listed)
    entry = answer.json()
    assert entry in (await agent.http.get("/mail/addresses", params={"known": "allowed"})).json()["items"]
    assert entry not in (await agent.http.get("/mail/addresses", params={"known": "undeliverable"})).json()["items"]
    assert (await agent.http.delete(f"/mail/addresses/{entry['id']}")).status_code == 204
    assert (await agent.http.delete(f"/mail/addresses/{entry['id']}")).status_code == 404
    for wrong in ("nobody", "@", "a b@acme.example", "@acme.example\x00"):
        answer = await agent.http.put("/mail/addresses", json={"address": wrong, "listed": "blocked"})
        assert answer.status_code == 422, wrong
