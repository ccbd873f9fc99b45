"""Providers bring mail by HTTP: signed, once, whole or taken apart, and what cannot be kept now they bring again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col

from api.mail.inbound.forms import MOST_BYTES
from domain.mail.reading.content import ReadMail
from domain.mail.reading.reader import read
from domain.mail.states import MailState, Source
from models.database import Database
from models.mail import Mail, MailAccount
from ops.embedded.ports import free_port
from stores.files.storage import FileStorage, StorageAway
from tests.api.house import Company, code_of
from tests.api.mail.post import tenant_of
from tests.api.mail.providers import Mailgun, SendGrid, bring, multipart, provided

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def letter() -> EmailMessage:
    """A mail that has everything."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ada Müller <ada@customer.example>", "support@acme.example"
    mail["Subject"] = "Réparation — le four"
    mail["Message-ID"], mail["Date"] = f"<{uuid4()}@customer.example>", "Fri, 27 Nov 2026 10:00:00 +0100"
    mail["References"] = f"<{uuid4()}@acme.example> <{uuid4()}@acme.example>"
    mail.set_content("Ça brûle.\nAu secours !\n")
    mail.add_alternative('<p>Ça <b>brûle</b>. <img src="cid:fire"></p>', subtype="html")
    html = mail.get_body(("html",))
    assert html is not None
    html.add_related(PNG, "image", "png", cid="<fire>", filename="feu.png")
    mail.add_attachment(b"%PDF-1.7\r\n.\r\n\xff", "application", "pdf", filename="garantie.pdf")
    return mail


@pytest.fixture(scope="module")
async def sendgrid(company: Company) -> tuple[SendGrid, MailAccount]:
    provider = SendGrid()
    return provider, await provided(company, Source.SENDGRID, provider.public_key, authserv_id="sendgrid")


@pytest.fixture(scope="module")
async def mailgun(company: Company) -> tuple[Mailgun, MailAccount]:
    provider = Mailgun()
    return provider, await provided(company, Source.MAILGUN, provider.key)


async def kept(company: Company, account: MailAccount) -> list[Mail]:
    async with company.house.database.transaction(tenant_of(company)) as session:
        query = sa.select(Mail).where(col(Mail.account_id) == account.id).order_by(col(Mail.id))
        return list(await session.scalars(query))


async def raw_of(company: Company, mail: Mail) -> bytes:
    chunks = await company.house.services.files.get(str(mail.raw_key), 0, 2**40)
    return b"".join([chunk async for chunk in chunks])


async def last_read(company: Company, account: MailAccount) -> ReadMail:
    """What is read of the newest mail."""
    return read(await raw_of(company, (await kept(company, account))[-1]), arrived_at=datetime.now(UTC))


def same(mail: ReadMail) -> dict[str, Any]:
    """What must be the same of a mail, whichever way it has come."""
    parts = sorted((part.name, part.content_type, part.size, part.content_id, part.inline) for part in mail.parts)
    known = {
        name: getattr(mail, name)
        for name in (
            *("digest", "message_id", "references", "sender", "to", "subject", "sent_at", "text", "html"),
            *("return_path", "in_reply_to", "cut"),
        )
    }
    return known | {"parts": parts}


async def test_sendgrid_brings_a_mail_whole_or_in_parts_and_both_are_the_same(
    company: Company, sendgrid: tuple[SendGrid, MailAccount]
) -> None:
    provider, account = sendgrid
    mail = letter()
    found = []
    for fields in (provider.whole(mail), provider.taken_apart(mail)):
        answer = await bring(company, account, "sendgrid", *provider.request(fields))
        assert answer.status_code == 200, answer.text
        rows = await kept(company, account)
        assert (str(rows[-1].id), rows[-1].state) == (answer.json()["mail_id"], MailState.RECEIVED)
        found.append(await last_read(company, account))
    whole, parts = map(same, found)
    assert whole == parts
    assert whole["sender"].address == whole["return_path"] == "ada@customer.example"
    assert [part[0] for part in whole["parts"]] == ["feu.png", "garantie.pdf"]
    trace = dict(reversed(found[0].headers))
    assert trace["Delivered-To"] == "support@acme.example"
    assert trace["Authentication-Results"] == (
        "sendgrid; dkim=pass header.d=customer.example; spf=pass smtp.mailfrom=customer.example"
    )
    assert (await raw_of(company, rows[-2])).endswith(bytes(mail))


async def test_mailgun_brings_a_mail_whole_or_in_parts_and_both_are_the_same(
    company: Company, mailgun: tuple[Mailgun, MailAccount]
) -> None:
    provider, account = mailgun
    mail = letter()
    found = []
    for path, fields in (("mailgun/mime", provider.whole(mail)), ("mailgun", provider.taken_apart(mail))):
        body, content_type = multipart(fields | provider.stamped())
        answer = await bring(company, account, path, body, {"Content-Type": content_type})
        assert answer.status_code == 200, answer.text
        found.append(same(await last_read(company, account)))
    urlencoded = urlencode({name: part[1] for name, part in (provider.whole(mail) | provider.stamped()).items()})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await bring(company, account, "mailgun/mime", urlencoded.encode(), form)
    assert answer.status_code == 200, answer.text
    found.append(same(await last_read(company, account)))
    assert found[0] == found[1] == found[2]


async def test_what_sendgrid_has_not_signed_like_this_is_refused(
    company: Company, sendgrid: tuple[SendGrid, MailAccount]
) -> None:
    provider, account = sendgrid
    before = len(await kept(company, account))
    fields = provider.whole(letter())
    body, headers = provider.request(fields)
    of_another = SendGrid().request(fields)
    forged = [
        (body.replace(b"Au secours", b"Au revoir!"), headers),
        (body, {name: value for name, value in headers.items() if "Signature" not in name}),
        (body, headers | {"X-Twilio-Email-Event-Webhook-Signature": "!"}),
        (body, headers | {"X-Twilio-Email-Event-Webhook-Timestamp": "1"}),
        of_another,
    ]
    for sent in forged:
        answer = await bring(company, account, "sendgrid", *sent)
        assert (answer.status_code, code_of(answer)) == (401, "signature_invalid")
    for age in (timedelta(days=3, minutes=1), -timedelta(hours=1)):
        answer = await bring(company, account, "sendgrid", *provider.request(fields, age=age))
        assert (answer.status_code, code_of(answer)) == (401, "signature_expired")
    assert len(await kept(company, account)) == before
    answer = await bring(company, account, "sendgrid", *provider.request(fields, age=timedelta(days=2, hours=23)))
    assert answer.status_code == 200


async def test_what_mailgun_has_not_signed_is_refused(company: Company, mailgun: tuple[Mailgun, MailAccount]) -> None:
    provider, account = mailgun
    before = len(await kept(company, account))
    stamp = provider.stamped()
    for stamped, code in (
        (Mailgun().stamped(), "signature_invalid"),
        (stamp | {"token": (None, b"another", None)}, "signature_invalid"),
        ({}, "signature_invalid"),
        (provider.stamped(age=timedelta(hours=8, minutes=1)), "signature_expired"),
    ):
        body, content_type = multipart(provider.whole(letter()) | stamped)
        answer = await bring(company, account, "mailgun/mime", body, {"Content-Type": content_type})
        assert (answer.status_code, code_of(answer)) == (401, code)
    assert len(await kept(company, account)) == before


async def test_nobody_elses_token_brings_anything(company: Company, sendgrid: tuple[SendGrid, MailAccount]) -> None:
    provider, account = sendgrid
    request = provider.request(provider.whole(letter()))
    unknown = replace_token(account, "no-such-token")
    for whose, path in ((unknown, "sendgrid"), (account, "mailgun"), (account, "mailgun/mime")):
        answer = await bring(company, whose, path, *request)
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_a_replay_is_told_apart_as_a_duplicate(company: Company, sendgrid: tuple[SendGrid, MailAccount]) -> None:
    provider, account = sendgrid
    request = provider.request(provider.whole(letter()))
    digests = []
    for _ in range(2):
        assert (await bring(company, account, "sendgrid", *request)).status_code == 200
        digests.append((await last_read(company, account)).digest)
    # By this the second becomes a duplicate of the first when both are decided about.
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "form_expected"),
        ("multipart/form-data", b"", 400, "multipart_malformed"),
        ("multipart/form-data; boundary=cut", b"--cut\r\n", 400, "form_malformed"),
        ("multipart/form-data; boundary=cut", b"no form", 400, "multipart_malformed"),
        ("application/x-www-form-urlencoded", b"a=%&&=%f", 401, "signature_invalid"),
        ("application/x-www-form-urlencoded", b"", 401, "signature_invalid"),
    ],
)
async def test_what_is_no_form_is_refused(
    company: Company, mailgun: tuple[Mailgun, MailAccount], content_type: str, body: bytes, status: int, code: str
) -> None:
    answer = await bring(company, mailgun[1], "mailgun", body, {"Content-Type": content_type})
    assert (answer.status_code, code_of(answer)) == (status, code)


async def test_a_form_without_a_mail_is_refused(company: Company, mailgun: tuple[Mailgun, MailAccount]) -> None:
    provider, account = mailgun
    odd = {"message-headers": (None, b'{"not": ["a list"]}', None), "content-id-map": (None, b"[", None)}
    for fields in ({}, odd):
        body, content_type = multipart(fields | provider.stamped())
        answer = await bring(company, account, "mailgun", body, {"Content-Type": content_type})
        assert (answer.status_code, code_of(answer)) == (422, "no_mail")


async def test_odd_fields_lose_no_mail(company: Company, sendgrid: tuple[SendGrid, MailAccount]) -> None:
    provider, account = sendgrid
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@customer.example", "support@acme.example", "Odd"
    mail.set_content("Look at this.")
    picture = {"attachment1": ("odd.png", b"odd", "image/png")}
    before = len(await kept(company, account))
    for shown in (b'{"odd": ["attachment1"]}', b'{"odd": {}}', b"[" * 100_000):
        fields = provider.taken_apart(mail) | picture | {"content-ids": (None, shown, None)}
        answer = await bring(company, account, "sendgrid", *provider.request(fields))
        assert answer.status_code == 200, answer.text
    assert len(await kept(company, account)) == before + 3


async def test_55_mb_are_taken_and_no_more(company: Company, sendgrid: tuple[SendGrid, MailAccount]) -> None:
    provider, account = sendgrid
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@customer.example", "support@acme.example", "Large"
    mail.set_content("Look at this.")
    fields = provider.taken_apart(mail)
    room = MOST_BYTES - len(provider.request(fields | {"attachment1": ("big.bin", b"", "application/zip")})[0])
    big = ("big.bin", bytes(room), "application/zip")
    body, headers = provider.request(fields | {"attachment1": big})
    assert len(body) == MOST_BYTES

    answer = await bring(company, account, "sendgrid", body, headers)

    assert answer.status_code == 200, answer.text
    row = (await kept(company, account))[-1]
    assert (row.too_large, row.raw_size > MOST_BYTES) == (True, True)
    beginning = await raw_of(company, row)
    assert len(beginning) <= 2 * 256 * 1024
    assert read(beginning, arrived_at=datetime.now(UTC), whole=False).text.strip() == "Look at this."
    answer = await bring(company, account, "sendgrid", body + b"\r\n", headers)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")


async def test_what_cannot_be_kept_now_is_brought_again_and_kept_once(
    company: Company, sendgrid: tuple[SendGrid, MailAccount], tmp_path_factory: pytest.TempPathFactory
) -> None:
    provider, account = sendgrid
    before = len(await kept(company, account))
    request = provider.request(provider.whole(letter()))
    home = tmp_path_factory.mktemp("away")
    away = FileStorage.at(None, home)
    (home / "files" / str(account.tenant_id)).write_text("Where the tenant's folder would be.")
    nobody = Database(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none", pool_size=1)
    for without in ({"files": away}, {"database": nobody}):
        with company.house.standing_on(**without):
            answer = await bring(company, account, "sendgrid", *request)
            assert answer.status_code == 503, answer.text
            assert code_of(answer) in ("storage_unavailable", "database_unavailable")
    await nobody.close()
    with pytest.raises(StorageAway):
        await away.put(f"{account.tenant_id}/x", _one())
    assert (await bring(company, account, "sendgrid", *request)).status_code == 200
    assert len(await kept(company, account)) == before + 1


async def _one() -> AsyncIterator[bytes]:
    yield b"x"


def replace_token(account: MailAccount, token: str) -> MailAccount:
    return MailAccount(**account.model_dump() | {"inbound_token": token})
