"""A mailbox tried out: a line for each step."""

from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from temporalio.testing import ActivityEnvironment

from activities.mail.checking import CheckActivities
from activities.mail.logins import Logins
from activities.mail.smtp import Mailer
from domain.mail.checking import CheckLine
from domain.mail.states import After, Security
from models.database import Database
from ops.embedded.maildirs import Maildirs
from ops.embedded.ports import free_port
from tests.activities.mail.imap import ADDRESS, RealImap
from tests.activities.mail.mailbox import SECRETS, Mailbox, new_mailbox


class _Delivers:
    """A mail server that files what it is given into the mailbox, wherever it is addressed to; or loses it."""

    def __init__(self, home: Path) -> None:
        self.loses, self.recipients = False, list[str]()
        self._maildirs = Maildirs(home)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.recipients += envelope.rcpt_tos
        if not self.loses:
            self._maildirs.deliver(envelope.original_content or b"", envelope.mail_from or "", [ADDRESS])
        return "250 OK"


@pytest.fixture
def smtp(imap: RealImap) -> Any:
    handler = _Delivers(imap.home)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


async def _checked(box: Mailbox, port: int, *, private: bool = True) -> dict[str, str]:
    logins = Logins(box.database, SECRETS, private=private)
    mailer = Mailer(f"smtp://127.0.0.1:{port}", "a@casewright.example")
    checks = CheckActivities(box.database, box.storage, logins, mailer, private=private)
    lines: list[CheckLine] = await ActivityEnvironment().run(checks.check, box.ref)
    return {line.step: line.code for line in lines}


async def test_all_is_well(database: Database, imap: RealImap, smtp: Any) -> None:
    delivers, port = smtp
    box = await new_mailbox(database, imap.home, imap.port, after=After.MOVE, move_to="Done")
    checked = await _checked(box, port)
    assert checked == dict.fromkeys(("resolve", "connect", "login", "folder", "idle", "move", "smtp", "address"), "ok")
    [to] = delivers.recipients
    assert "+check-" in to
    assert (await box.fetch()).kept == 1


async def test_one_that_was_fetched_meanwhile_is_found_by_its_row(
    database: Database, imap: RealImap, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = await new_mailbox(database, imap.home, imap.port, after=After.DELETE, plus_addressing=False)
    from activities.mail.imap import ImapSession

    uids = ImapSession.uids

    async def fetch_first(self: ImapSession, first: int, last: int | None = None, *criteria: Any) -> list[int]:
        if "HEADER" in criteria:
            await box.fetch()
        return await uids(self, first, last, *criteria)

    monkeypatch.setattr(ImapSession, "uids", fetch_first)
    assert (await _checked(box, smtp[1]))["address"] == "ok"
    assert imap.flags() == []


@pytest.mark.parametrize(
    ("given", "step", "code"),
    [
        ({"host": "no-such-host.invalid"}, "resolve", "host_unknown"),
        ({"port": 1}, "connect", "connect_failed"),
        ({"security": Security.TLS}, "tls", "tls_failed"),
        ({"secret_text": "Canary-wrong"}, "login", "login_refused"),
        ({"folder": "No such folder"}, "folder", "folder_missing"),
    ],
)
async def test_where_it_goes_wrong(
    database: Database, imap: RealImap, smtp: Any, given: dict[str, Any], step: str, code: str
) -> None:
    box = await new_mailbox(database, imap.home, given.pop("port", imap.port), **given)
    checked = await _checked(box, smtp[1])
    steps = list(checked)
    assert checked[step] == code
    before, after = steps[: steps.index(step)], steps[steps.index(step) + 1 :]
    assert {checked[each] for each in before} <= {"ok"}
    assert {checked[each] for each in after if each != "smtp"} == {"not_tried"}
    assert checked["smtp"] == "ok"


async def test_a_house_that_may_not_be_gone_into(database: Database, imap: RealImap, smtp: Any) -> None:
    own = {"smtp_host": "localhost", "smtp_port": smtp[1], "smtp_security": Security.NONE}
    box = await new_mailbox(database, imap.home, imap.port, **own)
    checked = await _checked(box, smtp[1], private=False)
    assert (checked["resolve"], checked["smtp"], checked["address"]) == ("host_refused", "host_refused", "not_tried")


async def test_its_own_mail_server(database: Database, imap: RealImap, smtp: Any) -> None:
    own = {"smtp_host": "127.0.0.1", "smtp_port": smtp[1], "smtp_security": Security.NONE}
    box = await new_mailbox(database, imap.home, imap.port, **own)
    assert (await _checked(box, 1))["address"] == "ok"
    strict = await new_mailbox(database, imap.home, imap.port, **{**own, "smtp_security": Security.STARTTLS})
    assert (await _checked(strict, 1))["smtp"] == "starttls_missing"


async def test_mail_that_does_not_arrive(
    database: Database, imap: RealImap, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.mail.checking._SECONDS", 2.0)
    smtp[0].loses = True
    box = await new_mailbox(database, imap.home, imap.port)
    assert (await _checked(box, smtp[1]))["address"] == "too_slow"
