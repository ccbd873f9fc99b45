"""Which mails a machine wrote."""

import pytest

from domain.mail.automatic import Automatic, automatic
from domain.mail.reading.content import Mailbox, Report
from tests.domain.mail.mails import mail


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Auto-Submitted", "auto-replied", Automatic.AUTO_SUBMITTED),
        ("Auto-Submitted", "auto-generated; type=x", Automatic.AUTO_SUBMITTED),
        ("AUTO-SUBMITTED", "No", None),
        ("Auto-Submitted", "no; (a person)", None),
        ("Content-Type", 'multipart/report; report-type="disposition-notification"', Automatic.REPORT),
        ("Content-Type", "multipart/mixed; x=multipart/report", None),
        ("List-Id", "<a.example>", Automatic.LIST_ID),
        ("Precedence", "Bulk", Automatic.BULK),
        ("Precedence", "list", Automatic.BULK),
        ("Precedence", "junk", Automatic.PRECEDENCE),
        ("Precedence", "auto_reply", Automatic.PRECEDENCE),
        ("Precedence", "first-class", None),
        ("X-Autoreply", "yes", Automatic.AUTOREPLY),
        ("X-Auto-Response-Suppress", "OOF, DR", Automatic.SUPPRESSES_ANSWERS),
        ("X-Auto-Response-Suppress", "None", None),
        ("X-Priority", "1", None),
    ],
)
def test_by_a_header(name: str, value: str, found: Automatic | None) -> None:
    assert automatic(mail(headers=((name, value),))) is found


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("mailer-daemon@people.example", Automatic.MAILER_DAEMON),
        ("postmaster@people.example", Automatic.MAILER_DAEMON),
        ("no-reply@people.example", Automatic.NO_REPLY),
        ("noreply+x@people.example", Automatic.NO_REPLY),
        ("norepliya@people.example", None),
        ("ada@no-reply.example", None),
    ],
)
def test_by_who_sends(address: str, found: Automatic | None) -> None:
    assert automatic(mail(sender=Mailbox(address))) is found


@pytest.mark.parametrize(("path", "found"), [("", Automatic.EMPTY_RETURN_PATH), (None, None), ("a@b.example", None)])
def test_by_its_return_path(path: str | None, found: Automatic | None) -> None:
    assert automatic(mail(return_path=path)) is found


def test_a_delivery_report_is_one() -> None:
    assert automatic(mail(reports=(Report("a@b.example", "failed", "5.1.1"),))) is Automatic.REPORT


def test_those_to_many_are_told_from_answers() -> None:
    assert [each for each in Automatic if each.to_many] == [Automatic.LIST_ID, Automatic.BULK]
