"""What the pages of a customer show."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from api.audit.routes import list_audit
from api.audit.schemas import AuditView
from api.cases.names import Names, find_names
from api.cases.story import story_of
from api.customers.cases import cases_of
from api.customers.routes import get_customer
from api.customers.schemas import CaseOfCustomerView, CustomerView
from api.http.paging import Paging
from api.http.payloads import EventView, StoryView
from api.identity.routes.users import list_users
from api.kyc.routes import find_kyc, get_kyc_timeline
from api.kyc.schemas import KycView
from domain.people.permissions import Permission
from web.customers.words import OPENINGS
from web.http.reading import ALL_AT_ONCE, FIRST_PAGE, read
from web.http.visits import Visit


@dataclass(frozen=True)
class CustomerPage:
    """A customer with all that its page shows of it: the people who speak for it, its cases, and its story, newest
    first. `following` leads to what was before."""

    customer: CustomerView
    people: Sequence[tuple[UUID, str]]
    cases: Sequence[CaseOfCustomerView]
    story: Sequence[StoryView]
    names: Names
    following: str | None

    @property
    def open_cases(self) -> list[CaseOfCustomerView]:
        """Those of its newest cases that are not over."""
        return [case for case in self.cases if case.is_open]

    @property
    def cases_over(self) -> list[CaseOfCustomerView]:
        """Those of its newest cases that are over."""
        return [case for case in self.cases if not case.is_open]


async def customer_page(visit: Visit, customer_id: UUID, cursor: str | None = None) -> CustomerPage:
    """The page of a customer. Raises 404 for one that the visitor cannot see."""
    customer = await read(visit, get_customer, customer_id=customer_id)
    paging = Paging(FIRST_PAGE.limit, cursor, None, count=False)
    async with visit.services.database.transaction(visit.caller.tenant_id) as session:
        cases = await cases_of(session, visit.caller, customer_id, FIRST_PAGE, is_open=None)
        story = await story_of(session, visit.caller, customer_id, paging, "-place")
    people = []
    if visit.caller.may(Permission.USERS_READ):
        found = await read(visit, list_users, customer_id=customer_id, paging=ALL_AT_ONCE)
        people = [(user.id, user.full_name) for user in found.items]
    names = await _actors(visit, story.items)
    following = f"/customers/{customer_id}?{urlencode({'cursor': story.next_cursor})}" if story.next_cursor else None
    return CustomerPage(customer, people, cases.items, story.items, names, following)


@dataclass(frozen=True)
class KycPage:
    """A customer's identity check as staff see it. `openings` are who opened its documents, None for those who may not
    read that."""

    customer: CustomerView
    kyc: KycView
    story: Sequence[EventView]
    openings: Sequence[AuditView] | None
    names: Names

    def openings_of(self, document_id: UUID) -> list[AuditView]:
        """Who opened a document, newest first."""
        return [entry for entry in self.openings or () if entry.entity_id == document_id]


async def kyc_page(visit: Visit, customer_id: UUID) -> KycPage:
    """The page of a customer's identity check. Raises 404 for one that the visitor cannot see."""
    customer = await read(visit, get_customer, customer_id=customer_id)
    kyc = await read(visit, find_kyc, customer_id=customer_id)
    story = []
    if kyc.number:
        story = (await read(visit, get_kyc_timeline, customer_id=customer_id, paging=ALL_AT_ONCE)).items
    openings = None
    if visit.caller.may(Permission.AUDIT_READ):
        openings = [entry for document in kyc.documents for entry in await _openings(visit, document.id)]
    names = await _actors(visit, story, openings or ())
    return KycPage(customer, kyc, story, openings, names)


async def _openings(visit: Visit, document_id: UUID) -> list[AuditView]:
    found = await read(visit, list_audit, entity=f"kyc_document/{document_id}")
    return [entry for entry in found.items if entry.action in OPENINGS]


async def _actors(visit: Visit, events: Sequence[EventView], entries: Sequence[AuditView] = ()) -> Names:
    people = {event.actor.id for event in events} | {entry.actor_id for entry in entries}
    return await find_names(visit.services.database, visit.caller.tenant_id, people=people)
