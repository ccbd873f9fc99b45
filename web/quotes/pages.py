"""What the pages of a quote show."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.cases.names import Names, find_names
from api.http.payloads import EventView
from api.http.problems import Problem
from api.quotes.routes import list_quote_versions
from api.quotes.schemas import LineView, QuoteSummary, QuoteView
from api.quotes.views import QUOTES
from api.tasks.routes import list_tasks
from api.tasks.schemas import TaskView
from domain.people.permissions import Permission
from domain.quotes.rules import EDITABLE, TRANSITIONS, QuoteStatus
from domain.tasks.rules import TaskKind, TaskStatus
from web.http.reading import ALL_AT_ONCE, read, see, told
from web.http.visits import Visit
from web.quotes.validity import Until, until

PairOfLines = tuple[LineView | None, LineView | None]
"""A line of one version and what stands in its place in another; None where there is none."""


@dataclass(frozen=True)
class QuotePage:
    """One quote with all that its page shows of it. `task` is the approval that it waits for, `beside` another version
    to be compared with it."""

    quote: QuoteView
    events: Sequence[EventView]
    versions: Sequence[QuoteSummary]
    names: Names
    task: TaskView | None
    beside: QuoteView | None
    until: Until | None
    visit: Visit

    @property
    def answered_at(self) -> str:
        """Where the form is posted to in which a reason is given: by the customer who declines it, by who decides on
        it, or by who takes it back."""
        here = f"/quotes/{self.quote.id}"
        if self.can_be_withdrawn:
            return f"{here}/withdraw"
        return f"{here}/approval/{self.task.id}" if self.task else f"{here}/decline"

    @property
    def can_be_answered(self) -> bool:
        """Whether its customer can still say yes or no."""
        return self.quote.status is QuoteStatus.SENT and self.until is not None and self.until.at > self.visit.now

    @property
    def can_be_edited(self) -> bool:
        """Whether what it offers can still change."""
        return self.quote.status in EDITABLE and self.visit.may(Permission.QUOTES_WRITE)

    @property
    def can_be_replaced(self) -> bool:
        """Whether another version can follow it."""
        return QuoteStatus.SUPERSEDED in TRANSITIONS[self.quote.status] and self.visit.may(Permission.QUOTES_WRITE)

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether the visitor may take it back. Who may decide on it does that instead."""
        waits = self.quote.status in (QuoteStatus.SENT, QuoteStatus.PENDING_APPROVAL)
        decides = self.task is not None and self.visit.may(Permission.QUOTES_APPROVE)
        return waits and not decides and self.visit.may(Permission.QUOTES_WRITE)

    @property
    def is_own_affair(self) -> bool:
        """Whether the visitor wrote it or asked for its approval: then somebody else approves it."""
        own = {self.quote.author_id, self.task.requested_by if self.task else None}
        return self.visit.caller.account_id in own

    @property
    def last_reason(self) -> str | None:
        """Why the last step was taken."""
        return self.events[-1].reason if self.events else None

    @property
    def pairs(self) -> list[PairOfLines]:
        """The lines of the other version beside those of this one: by what they are called, new ones last."""
        left = list(self.beside.lines) if self.beside else []
        found: list[PairOfLines] = []
        for line in self.quote.lines:
            same = next((other for other in left if other.name == line.name), None)
            if same:
                left.remove(same)
            found.append((same, line))
        return [*((other, None) for other in left), *found]


async def quote_page(visit: Visit, quote_id: UUID, beside: UUID | None = None) -> QuotePage:
    """The page of a quote. Raises 404 for one that the visitor cannot see."""
    quote: QuoteView = await see(visit, QUOTES, Permission.QUOTES_READ, quote_id)
    events = await told(visit, QUOTES, quote_id)
    task = await approval_of(visit, quote)
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people={event.actor.id for event in events} | {quote.author_id, task.assignee_id if task else None},
        customers=[quote.customer_id],
    )
    return QuotePage(
        quote,
        events,
        (await read(visit, list_quote_versions, quote_id=quote_id, paging=ALL_AT_ONCE)).items,
        names,
        task,
        await _other_version(visit, quote, beside),
        until(quote.valid_until, visit.now, visit.zone.key, visit.language) if quote.valid_until else None,
        visit,
    )


async def approval_of(visit: Visit, quote: QuoteView) -> TaskView | None:
    """The approval that the quote waits for, as far as the visitor sees what waits."""
    if quote.status is not QuoteStatus.PENDING_APPROVAL or not visit.may(Permission.REVIEWS_READ):
        return None
    wanted = {"kind": [TaskKind.QUOTE_APPROVAL], "status": [TaskStatus.PENDING]}
    waiting = await read(visit, list_tasks, case_id=quote.id, **wanted)
    return next(iter(waiting.items), None)


async def _other_version(visit: Visit, quote: QuoteView, beside: UUID | None) -> QuoteView | None:
    if beside in (None, quote.id):
        return None
    try:
        other: QuoteView = await see(visit, QUOTES, Permission.QUOTES_READ, beside)
    except Problem:
        return None
    return other if other.number == quote.number else None
