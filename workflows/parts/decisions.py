"""Decorators that turn a lifecycle's decisions, methods that return a step, into updates and effects of deadlines."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from temporalio import workflow
from temporalio.workflow import UpdateMethodMultiParam

from activities.cases.step import Step
from workflows.parts.case import Case
from workflows.parts.deadlines import Deadline
from workflows.parts.messages import Applied, Command


class _Lifecycle(Protocol):
    case: Case[Any, Any]


L = TypeVar("L", bound=_Lifecycle)
C = TypeVar("C", bound=Command)
P = TypeVar("P", bound=Step[Any])

OPENS = "__opens_case__"
FALLS_DUE = "__falls_due__"

Due = Callable[[Any, Deadline], P | None]


def decides(decision: Callable[[L, C], P]) -> UpdateMethodMultiParam[[L, C], Applied]:
    """Makes an update of a method that says which step a command causes, or raises Refusal.

    The update has the method's name and message. The method is asked twice: to refuse before the queue what is plainly
    illegal, and again in the command's turn, on the state that the one before it left.
    """

    async def update(self: L, command: C) -> Applied:
        return await self.case.apply(command, partial(decision, self))

    def validator(self: L, command: C) -> None:
        self.case.validate(command, partial(decision, self))

    _take_after(decision, update, Applied)
    _take_after(decision, validator, None)
    handler: UpdateMethodMultiParam[[L, C], Applied] = workflow.update(update)
    handler.validator(validator)
    return handler


def opens(decision: Callable[[L, C], P]) -> UpdateMethodMultiParam[[L, C], Applied]:
    """Makes the update that opens a case, as `decides` does. A case whose opening is refused is over: there is none."""

    async def update(self: L, command: C) -> Applied:
        return await self.case.open(command, partial(decision, self))

    _take_after(decision, update, Applied)
    handler: UpdateMethodMultiParam[[L, C], Applied] = workflow.update(update)
    setattr(handler, OPENS, True)
    return handler


def falls_due(name: str) -> Callable[[Due[P]], Due[P]]:
    """Says that a method decides what the deadline `name` causes, or each of `<name>/...`: a step, or None."""

    def mark(decision: Due[P]) -> Due[P]:
        setattr(decision, FALLS_DUE, name)
        return decision

    return mark


def _take_after(decision: Callable[..., Any], handler: Callable[..., Any], returns: type[Applied] | None) -> None:
    """Gives a handler the name, message type and docstring of its decision: that is how Temporal knows the update."""
    message = {name: hint for name, hint in decision.__annotations__.items() if name != "return"}
    handler.__annotations__ = {**message, "return": returns}
    handler.__name__, handler.__qualname__, handler.__doc__ = (
        decision.__name__,
        decision.__qualname__,
        decision.__doc__,
    )
