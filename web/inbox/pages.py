"""What the page of a task shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from api.cases.names import Names, find_names
from api.kyc.routes import find_kyc
from api.kyc.schemas import DocumentView, KycView
from api.quotes.schemas import QuoteView
from api.tasks.routes import get_task, list_tasks
from api.tasks.schemas import TaskView
from domain.cases import CaseKind
from domain.kyc.rules import DocumentStatus
from domain.tasks.rules import TaskStatus
from web.http.reading import get, if_allowed, read
from web.http.rendering import gettext
from web.http.visits import Visit
from web.inbox.forms import Question, decisions_of, need_reason, questions_of
from web.inbox.words import QUESTIONS


@dataclass(frozen=True)
class TaskPage:
    """One task with all that its page shows of it. `subjects` are what its form is about, by their ids."""

    task: TaskView
    queue: Sequence[TaskView]
    names: Names
    documents: Sequence[DocumentView]
    check: KycView | None
    quote: QuoteView | None
    decisions: Sequence[str]
    need_reason: Sequence[str]
    questions: Sequence[Question]
    me: UUID

    @property
    def subjects(self) -> Mapping[str, DocumentView]:
        """What the form asks about each of, by the ids that it has for them."""
        return {str(document.id): document for document in self.documents}

    @property
    def may_approve(self) -> bool:
        """Whether the visitor's approval would be another pair of eyes."""
        task = self.task
        return self.me not in {*task.approvals, *task.excluded, task.requested_by}

    @property
    def is_mine(self) -> bool:
        """Whether the visitor has claimed it."""
        return self.task.assignee_id == self.me

    @property
    def before(self) -> TaskView | None:
        """The one before it in the queue."""
        return self._beside(-1)

    @property
    def after(self) -> TaskView | None:
        """The one after it in the queue."""
        return self._beside(1)

    def _beside(self, step: int) -> TaskView | None:
        ids = [task.id for task in self.queue]
        place = ids.index(self.task.id) + step if self.task.id in ids else 0
        return self.queue[place] if 0 <= place < len(ids) and ids[place] != self.task.id else None


async def task_page(visit: Visit, task_id: UUID) -> TaskPage:
    """The page of a task. Raises 404 for one that the visitor cannot see."""
    task: TaskView = await read(visit, get_task, task_id=task_id)
    waiting = await read(visit, list_tasks, status=[TaskStatus.PENDING], mine=True)
    check = await _check_of(visit, task)
    quote = await _quote_of(visit, task)
    people = {task.assignee_id, task.requested_by, task.decided_by, *task.approvals}
    customers = [each.customer_id for each in (check, quote) if each]
    names = await find_names(visit.services.database, visit.caller.tenant_id, people=people, customers=customers)
    documents = [each for each in check.documents if each.status is DocumentStatus.UPLOADED] if check else []
    return TaskPage(
        task,
        waiting.items,
        names,
        documents,
        check,
        quote,
        decisions_of(task.form),
        need_reason(task.form),
        [replace(each, title=gettext(visit, QUESTIONS.get(each.name, each.title))) for each in questions_of(task.form)],
        visit.caller.account_id,
    )


async def _check_of(visit: Visit, task: TaskView) -> KycView | None:
    if task.case.kind is not CaseKind.KYC:
        return None
    return await if_allowed(read(visit, find_kyc, customer_id=task.case.id))


async def _quote_of(visit: Visit, task: TaskView) -> QuoteView | None:
    if task.case.kind is not CaseKind.QUOTE:
        return None
    return await if_allowed(get(visit, f"/quotes/{task.case.id}", QuoteView))
