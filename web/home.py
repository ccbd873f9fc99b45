"""The first page: for customers what needs them, what is done for them, and when we are open; staff come to their
tickets, and who sees none to the first place that they may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.responses import RedirectResponse, Response

from api.cases.story import story_of
from api.customers.cases import cases_of
from api.customers.schemas import CaseOfCustomerView
from api.http.paging import Paging
from api.http.payloads import StoryView
from api.http.routing import Router
from api.kyc.routes import find_kyc
from api.kyc.schemas import KycView
from api.settings.hours import OpeningHoursView, get_opening_hours
from api.tickets.filters import TicketFilters
from api.tickets.lists import NOT_CLOSED
from api.tickets.routes import list_tickets
from api.tickets.schemas import TicketView
from domain.cases import CaseKind
from domain.customers.states import KycStatus
from domain.kyc.rules import DocumentStatus
from domain.people.permissions import Permission
from domain.tickets.rules import TicketStatus
from web.cases import words
from web.cases.places import page_of
from web.http.places import places_of
from web.http.reading import ALL_AT_ONCE, if_allowed, read, require
from web.http.rendering import draw
from web.http.visits import SignedInVisit, Visit
from web.kyc import words as kyc_words

router = Router()

_OVER = (DocumentStatus.REJECTED, DocumentStatus.EXPIRED)
_STORY = Paging(5, None, None, count=False)


@dataclass(frozen=True)
class Home:
    """What a customer's first page shows."""

    tickets: Sequence[TicketView]
    cases: Sequence[CaseOfCustomerView]
    check: KycView | None
    story: Sequence[StoryView]
    hours: OpeningHoursView
    weekday: int

    @property
    def to_answer(self) -> list[TicketView]:
        """Tickets that wait for the customer's answer."""
        return [ticket for ticket in self.tickets if ticket.status is TicketStatus.WAITING_FOR_RESPONSE]

    @property
    def since(self) -> dict[UUID, datetime]:
        """Since when each case is in its state."""
        return {case.id: case.status_since for case in self.cases}

    @property
    def in_work(self) -> list[TicketView]:
        """All others that are open."""
        return [ticket for ticket in self.tickets if ticket.status is not TicketStatus.WAITING_FOR_RESPONSE]

    @property
    def quotes(self) -> list[CaseOfCustomerView]:
        """Quotes that can be answered."""
        return [case for case in self.cases if case.kind is CaseKind.QUOTE]

    @property
    def others(self) -> list[CaseOfCustomerView]:
        """What else is under way, and can be told of."""
        told = [case for case in self.cases if case.status in words.TOLD.get(case.kind, {})]
        return [case for case in told if case.kind is not CaseKind.KYC]

    @property
    def to_replace(self) -> list[str]:
        """The reasons for which documents have to be replaced."""
        documents = self.check.documents if self.check else []
        return [each.reason or "" for each in documents if each.status in _OVER and not each.replaced_at]

    @property
    def documents_needed(self) -> bool:
        """Whether it is for the customer to hand in documents."""
        if self.check is None or self.check.status is KycStatus.UNDER_REVIEW:
            return False
        return bool(self.to_replace) or self.check.status is not KycStatus.APPROVED

    @property
    def needs(self) -> int:
        """How many things need the customer."""
        return len(self.to_answer) + len(self.quotes) + self.documents_needed

    @property
    def works(self) -> int:
        """How many things we are working on."""
        under_review = self.check is not None and self.check.status is KycStatus.UNDER_REVIEW
        return len(self.in_work) + len(self.others) + under_review


@router.get("/")
async def home(visit: SignedInVisit) -> Response:
    """The visitor's first page."""
    if not visit.is_customer:
        return RedirectResponse(_first_place(visit), HTTPStatus.SEE_OTHER)
    page = await _home(visit)
    zone = ZoneInfo(page.hours.timezone)
    return draw(visit, "home.html", page=page, zone=zone, words=words, kyc=kyc_words, page_of=page_of)


def _first_place(visit: Visit) -> str:
    if visit.caller.may(Permission.TICKETS_READ):
        return "/tickets"
    return next((place.address for place in places_of(visit.caller, "/")), "/account")


async def _home(visit: Visit) -> Home:
    await require(visit, Permission.CUSTOMERS_READ)
    customer_id = visit.caller.own_customer()
    tickets = await read(visit, list_tickets, filters=TicketFilters(status=NOT_CLOSED, sort="-updated_at"))
    async with visit.services.database.transaction(visit.caller.tenant_id) as session:
        cases = await cases_of(session, visit.caller, customer_id, ALL_AT_ONCE, is_open=True)
        story = await story_of(session, visit.caller, customer_id, _STORY, "-place")
    check = await if_allowed(read(visit, find_kyc, customer_id=customer_id))
    hours = await read(visit, get_opening_hours)
    weekday = visit.now.astimezone(ZoneInfo(hours.timezone)).weekday()
    return Home(tickets.items, cases.items, check, story.items, hours, weekday)
