"""Commands of a lifecycle, each written as the decision that it is."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.workflow import UpdateMethodMultiParam

from activities.cases.step import Step
from workflows.parts.case import Case
from workflows.parts.command import Applied, Command


class _Lifecycle(Protocol):
    case: Case[Any, Any]


L = TypeVar("L", bound=_Lifecycle)
C = TypeVar("C", bound=Command)
S = TypeVar("S", bound=Step)


def decides(decision: Callable[[L, C], S]) -> UpdateMethodMultiParam[[L, C], Applied]:
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


def opens(decision: Callable[[L, C], S]) -> UpdateMethodMultiParam[[L, C], Applied]:
    """Makes the update that opens a case, as `decides` does. A case whose opening is refused is over: there is none."""

    async def update(self: L, command: C) -> Applied:
        try:
            return await self.case.apply(command, partial(decision, self))
        except ApplicationError:
            self.case.over = self.case.version == 0
            raise

    _take_after(decision, update, Applied)
    handler: UpdateMethodMultiParam[[L, C], Applied] = workflow.update(update)
    return handler


def _take_after(decision: Callable[..., Any], handler: Callable[..., Any], returns: type[Applied] | None) -> None:
    """The update is known by the name and the message of its decision."""
    message = {name: hint for name, hint in decision.__annotations__.items() if name != "return"}
    handler.__annotations__ = {**message, "return": returns}
    handler.__name__, handler.__qualname__, handler.__doc__ = (
        decision.__name__,
        decision.__qualname__,
        decision.__doc__,
    )
