"""Who sees the matters of mail, and what of them. They are read as the tasks that they are."""

from uuid import UUID

from api.cases.reader import Cases, RowsAs
from api.http.payloads import OfEveryCase
from domain.cases import CaseKind
from domain.mail_matters.rules import MatterAbout, MatterEvent, MatterStatus
from domain.people.permissions import Permission
from models.mail_matters import MailMatter


class MatterView(OfEveryCase):
    """Something about mail that a person must look at: about the mail `mail_id`, or those that came with it, and about
    the ticket that it names."""

    status: MatterStatus
    about: MatterAbout
    mail_id: UUID | None
    ticket_id: UUID | None


MAIL_MATTERS = Cases(
    CaseKind.MAIL_MATTER,
    MailMatter,
    at="/reviews?case_id={}",
    read_all=Permission.MAIL_READ,
    shown=frozenset(MatterEvent),
    views=RowsAs(MatterView),
)
