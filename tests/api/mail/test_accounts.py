"""Mailboxes over the API: what may be said of them, and what is never said again."""

from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import col

from models.audit import AuditRow
from models.mail import MailAccount
from stores.mail.secrets import Secrets, SecretUnreadable
from tests.api.house import Company, code_of, codes_of

PATH = "/mail/accounts"
CANARY = "Canary-secret-of-a-mailbox"
BODY: dict[str, Any] = {
    "name": "Support",
    "host": "imap.mail.example",
    "username": "support",
    "password": CANARY,
}
_numbers = iter(range(1, 10_000))


def body(**given: Any) -> dict[str, Any]:
    return {**BODY, "address": f"support{next(_numbers)}@mailboxes.example", **given}


async def connect(company: Company, **given: Any) -> dict[str, Any]:
    answer = await company.admin.http.post(PATH, json=body(**given))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def row_of(company: Company, mailbox_id: str) -> MailAccount:
    tenant_id = company.admin.me["tenant"]["id"]
    async with company.house.database.transaction(tenant_id) as session:
        return await session.get_one(MailAccount, mailbox_id)


def opened(company: Company, row: MailAccount, sealed: bytes | None) -> str:
    return Secrets.of(company.house.services.settings.secret_keys).open(row.tenant_id, row.id, sealed or b"")


async def test_a_mailbox_is_connected_and_read(company: Company) -> None:
    made = await connect(company, aliases=["Help@Mailboxes.example"])
    assert (made["port"], made["security"], made["folder"], made["start"]) == (993, "tls", "INBOX", "now")
    assert (made["state"], made["waits"], made["has_secret"], made["smtp"]) == ("active", "nothing", True, None)
    assert made["aliases"] == ["help@mailboxes.example"]
    assert (await company.admin.http.get(f"{PATH}/{made['id']}")).json() == made
    assert made in (await company.admin.http.get(PATH)).json()["items"]
    await company.admin.http.delete(f"{PATH}/{made['id']}")


async def test_secrets_are_sealed_and_said_nowhere(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    http = company.admin.http
    smtp = {"host": "smtp.mail.example", "username": "support", "password": f"{CANARY}-smtp"}
    answers = [await http.post(PATH, json=body(smtp=smtp))]
    path = f"{PATH}/{answers[0].json()['id']}"
    answers += [await http.patch(path, json={"password": f"{CANARY}-2"}), await http.get(path), await http.get(PATH)]
    answers += [await http.get("/audit", params={"limit": 50}), await http.post(PATH, json=body(password=[CANARY]))]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 422]
    assert not any(CANARY in answer.text for answer in answers)
    assert CANARY not in "".join(capsys.readouterr())
    row = await row_of(company, answers[0].json()["id"])
    assert CANARY.encode() not in (row.secret or b"") + (row.smtp_secret or b"")
    assert opened(company, row, row.secret) == f"{CANARY}-2"
    assert opened(company, row, row.smtp_secret) == f"{CANARY}-smtp"
    other = await row_of(company, (await connect(company))["id"])
    with pytest.raises(SecretUnreadable):
        opened(company, other, row.secret)


@pytest.mark.parametrize(
    "change",
    [{"host": "imap.thief.example"}, {"port": 1993}, {"security": "none"}, {"username": "another"}],
    ids=lambda change: next(iter(change)),
)
async def test_a_secret_is_shown_to_no_other_server(company: Company, change: dict[str, Any]) -> None:
    made = await connect(company)
    path = f"{PATH}/{made['id']}"
    refused = await company.admin.http.patch(path, json=change)
    assert (refused.status_code, code_of(refused)) == (422, "secret_required")
    assert (await company.admin.http.get(path)).json() == made
    changed = await company.admin.http.patch(path, json={**change, "password": "another"})
    assert changed.status_code == 200, changed.text
    row = await row_of(company, made["id"])
    assert (row.changed, opened(company, row, row.secret)) == (2, "another")


async def test_nor_is_that_of_the_mail_server(company: Company) -> None:
    smtp = {"host": "smtp.mail.example", "username": "support", "password": CANARY}
    made = await connect(company, smtp=smtp)
    path = f"{PATH}/{made['id']}"
    assert (made["smtp"]["port"], made["smtp"]["has_secret"]) == (465, True)
    kept = {"host": "smtp.mail.example", "username": "support"}
    assert (await company.admin.http.patch(path, json={"smtp": kept})).json()["smtp"]["has_secret"]
    moved = await company.admin.http.patch(path, json={"smtp": {**kept, "host": "smtp.thief.example"}})
    assert code_of(moved) == "secret_required"
    assert (await company.admin.http.patch(path, json={"smtp": None})).json()["smtp"] is None


async def test_an_address_is_one_mailboxs(company: Company, other_company: Company) -> None:
    first = await connect(company, aliases=["shared@mailboxes.example"])
    refused = await company.admin.http.post(PATH, json=body(address="Shared@mailboxes.example"))
    assert (refused.status_code, code_of(refused)) == (409, "address_taken")
    second = await connect(company)
    refused = await company.admin.http.patch(f"{PATH}/{second['id']}", json={"aliases": [first["address"]]})
    assert code_of(refused) == "address_taken"
    swapped = {"address": "shared@mailboxes.example", "aliases": [first["address"]]}
    changed = await company.admin.http.patch(f"{PATH}/{first['id']}", json=swapped)
    assert (changed.json()["address"], changed.json()["aliases"]) == (swapped["address"], swapped["aliases"])
    assert (await other_company.admin.http.get(f"{PATH}/{first['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"host": None}, "value_error"),
        ({"password": None}, "value_error"),
        (
            {"oauth2": {"token_url": "https://login.example/token", "client_id": "us", "client_secret": "s"}},
            "value_error",
        ),
        ({"after": "move"}, "value_error"),
        ({"size_limit": 60_000_000}, "less_than_equal"),
        ({"source": "mailgun"}, "value_error"),
        ({"host": "http://imap.example"}, "string_pattern_mismatch"),
        ({"start": "yesterday"}, "literal_error"),
        ({"group_id": "01a22783-6e88-700e-bec7-0a7d882a5d9e"}, "unknown"),
        ({"password": "two\nlines"}, "value_error"),
        ({"folder": "a\x00b"}, "value_error"),
    ],
)
async def test_what_cannot_be_is_refused(company: Company, given: dict[str, Any], code: str) -> None:
    refused = await company.admin.http.post(PATH, json=body(**given))
    assert refused.status_code == 422, refused.text
    assert code in codes_of(refused)


async def test_pausing_and_resuming(company: Company) -> None:
    made = await connect(company, start={"since": "2026-11-01T00:00:00Z"})
    assert (made["start"], made["since"]) == ("since", "2026-11-01T00:00:00Z")
    path = f"{PATH}/{made['id']}"
    paused = (await company.admin.http.post(f"{path}/pause")).json()
    assert (paused["state"], paused["waits"]) == ("paused", "person")
    assert code_of(await company.admin.http.post(f"{path}/sync")) == "mailbox_paused"
    assert (await company.admin.http.post(f"{path}/resume")).json()["state"] == "active"
    assert (await company.admin.http.post(f"{path}/sync")).status_code == 202


async def test_a_check_never_fails(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.mail.mailboxes.CHECK_SECONDS", 0.2)
    made = await connect(company)
    answer: httpx2.Response = await company.admin.http.post(f"{PATH}/{made['id']}/test")
    assert answer.json() == {"ok": False, "lines": [{"step": "worker", "code": "no_answer"}]}


async def test_a_providers_mailbox_has_an_address_of_its_own(company: Company) -> None:
    provider = {"source": "mailgun", "host": None, "username": None, "password": None, "signing_key": CANARY}
    made = await connect(company, **provider)
    assert len(made["inbound_token"]) == 32
    assert CANARY not in str(made)
    refused = await company.admin.http.patch(f"{PATH}/{made['id']}", json={"password": "none of that"})
    assert code_of(refused) == "login_unsuitable"


async def test_every_change_is_in_the_audit_without_its_words(company: Company) -> None:
    made = await connect(company)
    path = f"{PATH}/{made['id']}"
    for deed in ("pause", "resume"):
        await company.admin.http.post(f"{path}/{deed}")
    await company.admin.http.patch(path, json={"name": "Canary-name", "folder": "Canary"})
    assert (await company.admin.http.delete(path)).status_code == 204
    tenant_id = company.admin.me["tenant"]["id"]
    async with company.house.database.transaction(tenant_id) as session:
        mine = col(AuditRow.entity_id) == made["id"]
        found = list(await session.scalars(sa.select(AuditRow).where(mine).order_by(col(AuditRow.id))))
    done = [entry.action.removeprefix("mail_account.") for entry in found]
    assert done == ["created", "paused", "resumed", "changed", "deleted"]
    assert found[3].detail == {"fields": ["folder", "name"]}
