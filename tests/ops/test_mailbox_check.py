"""Which mailboxes `casewright doctor` finds wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.mail.states import MailboxState, Source, Waits
from ops.checks.mailboxes import is_wrong
from stores.mail.standing import MailboxStanding

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
A_MOMENT_AGO, LONG_AGO = NOW - timedelta(seconds=5), NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        pytest.param({"last_looked_at": A_MOMENT_AGO}, False, id="looked into"),
        pytest.param({"last_looked_at": LONG_AGO}, True, id="looked into long ago"),
        pytest.param({"last_looked_at": LONG_AGO, "state": MailboxState.PAUSED}, False, id="paused"),
        pytest.param({"source": Source.MAILGUN}, False, id="brought by a provider"),
        pytest.param({}, True, id="never looked into"),
        pytest.param({"changed_at": A_MOMENT_AGO}, False, id="just made"),
        pytest.param({"changed_at": A_MOMENT_AGO, "last_looked_at": LONG_AGO}, False, id="just resumed"),
        pytest.param({"changed_at": A_MOMENT_AGO, "state": MailboxState.FAILING}, True, id="failing"),
        pytest.param({"last_looked_at": A_MOMENT_AGO, "unread": 1, "lag_seconds": 600.0}, True, id="mails wait"),
    ],
)
def test_what_is_wrong(told: dict[str, Any], wrong: bool) -> None:
    assert is_wrong(_mailbox(**told), NOW) is wrong


def _mailbox(**told: Any) -> MailboxStanding:
    usual = {
        "tenant": "acme",
        "id": uuid4(),
        "name": "Support",
        "source": Source.IMAP,
        "state": MailboxState.ACTIVE,
        "waits": Waits.NEXT_LOOK,
        "changed_at": LONG_AGO,
        "last_uid": 0,
        "last_mail_at": None,
        "last_looked_at": None,
        "last_error": None,
        "last_error_at": None,
        "unread": 0,
        "lag_seconds": 0.0,
    }
    return MailboxStanding(**usual | told)
