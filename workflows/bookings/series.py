"""The life of a series: bookings that recur, each with a life of its own.

    active -> ended;  active, ended -> cancelled

Its first step takes all places that it can, some weeks ahead or until the rule ends; what cannot be booked is listed,
or there is no series at all. Then its bookings are opened, a few at a time: the next few when those have been told,
because everybody else would wait while hundreds answer at once. One without an end books on every week. It may be
called off from some booking on, a few at a time again: this and all that follow.

Updates: open, cancel.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.bookings.series import SeriesStep
    from activities.cases.step import CaseNotice
    from domain.bookings.series import SeriesEvent, SeriesState
    from workflows.bookings.messages import CancelSeries
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command


@workflow.defn(name="BookingSeriesWorkflow")
class BookingSeriesWorkflow(Lifecycle[SeriesState, SeriesStep]):
    @workflow.init
    def __init__(self, start: CaseStart[SeriesState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[SeriesState]) -> None:
        await self.live(start)

    @opens
    def open(self, command: Command) -> SeriesStep:
        """The first step: its number, and the places of its bookings."""
        return self.step(
            SeriesEvent.OPENED, command, books=True, notices=(CaseNotice("booking_series_booked", "customer"),)
        )

    @decides
    def cancel(self, command: CancelSeries) -> SeriesStep:
        """Books nothing more, and calls off what is booked from some position on."""
        to = self.state.cancelled_from(command.from_position, workflow.now())
        told = (CaseNotice("booking_series_cancelled", "customer"),)
        return self.step(SeriesEvent.CANCELLED, command, to=to, notices=told)

    def plan(self) -> None:
        if not (self.case.asking and workflow.patched("the-next-few-wait")):
            self._plan_the_next_few()
        if self.state.extend_at:
            self.case.deadlines.set("extend", self.state.extend_at, "book what comes next")

    def _plan_the_next_few(self) -> None:
        if self.state.opens_more or self.state.cancels_more:
            self.case.deadlines.set("some", workflow.now(), "open or call off some of its bookings")

    def asks_carried(self) -> None:
        self._plan_the_next_few()

    @falls_due("some")
    def _some(self, _: Deadline) -> SeriesStep:
        """What is booked is opened before it is called off: nothing keeps a place that nobody knows of."""
        if self.state.opens_more:
            return self.step(SeriesEvent.BOOKINGS_OPENED, opens=True)
        return self.step(SeriesEvent.BOOKINGS_CANCELLED, cancels=True)

    @falls_due("extend")
    def _extend(self, _: Deadline) -> SeriesStep:
        return self.step(SeriesEvent.EXTENDED, books=True)

    def facts(self) -> list[str]:
        """How far it has come, as lines of Markdown."""
        series = self.state
        begins = f"{series.starts_at:%Y-%m-%d %H:%M} UTC"
        lines = [f"- **Times** {series.occurrences} so far, from {begins} on; opened up to number {series.opened}"]
        if series.cancel_from:
            lines.append(f"- **Called off** from number {series.cancel_from} on, done up to number {series.cancelled}")
        if series.opens_more or series.cancels_more:
            lines.append("- **Waits for** some of its bookings to be opened or called off")
        elif series.extend_at:
            lines.append("- **Waits for** the next times to book")
        return lines
