"""A lifecycle that does nothing but ask others, kept in the table of the requests for quotes."""

from dataclasses import dataclass, replace
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.aggregate import Aggregate
    from activities.cases.step import Step
    from domain.cases import Ask, CaseKind, CaseState
    from domain.quote_requests.rules import QuoteRequestStatus
    from domain.refusal import Refusal
    from models.quote_requests import QuoteRequest
    from workflows.parts.decisions import decides, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command


@dataclass(frozen=True, kw_only=True)
class EchoState(CaseState):
    """One that is `quoted` answers nobody."""

    kind = CaseKind.QUOTE_REQUEST

    status: QuoteRequestStatus = QuoteRequestStatus.OPEN

    @property
    def over(self) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class EchoStep(Step[EchoState]):
    state: EchoState


@dataclass(frozen=True, kw_only=True)
class Call(Command):
    """Who is to be asked next, one because of the other."""

    then: tuple[UUID, ...] = ()


class Echoes(Aggregate[QuoteRequest, EchoState, EchoStep]):
    prefix, digits = "QR", 4
    born_with = ("status", "customer_id", "requester_id")
    asks_people = False


@workflow.defn(name="EchoWorkflow")
class EchoWorkflow(Lifecycle[EchoState, EchoStep]):
    @workflow.init
    def __init__(self, start: CaseStart[EchoState]) -> None:
        super().__init__(start)
        self._silences = 0

    @workflow.run
    async def run(self, start: CaseStart[EchoState]) -> None:
        await self.live(start)

    def asks_carried(self) -> None:
        self._silences += 1

    @workflow.query
    def silences(self) -> int:
        """How often all that it had called had been carried."""
        return self._silences

    @opens
    def open(self, command: Command) -> EchoStep:
        return self.step("opened", command)

    @decides
    def call(self, command: Call) -> EchoStep:
        if self.state.status is not QuoteRequestStatus.OPEN:
            raise Refusal("silent", "Nobody answers.")
        asks: tuple[Ask, ...] = ()
        if command.then:
            rest = [str(other) for other in command.then[1:]]
            asks = (Ask.of(CaseKind.QUOTE_REQUEST, command.then[0], "call", Call, then=rest),)
        return self.step("called", command, asks=asks)

    @decides
    def hush(self, command: Command) -> EchoStep:
        return self.step("hushed", command, to=replace(self.state, status=QuoteRequestStatus.QUOTED))
