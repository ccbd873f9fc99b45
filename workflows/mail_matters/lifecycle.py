"""The life of something about mail that a person must look at: mails that are held, one that could not be read, an
address that takes none any more.

    open -> done | gone

It opens a task, and ends with it; or by itself, when nothing is left to look at.

Updates: open, give_up; claim_task, release_task, decide_task.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import Step
    from domain.mail_matters.rules import MatterEvent, MatterState, MatterStatus
    from domain.people.permissions import Permission
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import TaskKind
    from workflows.mail_matters.messages import OpenMatter
    from workflows.parts.decisions import decides, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask

_Step = Step[MatterState]


@workflow.defn(name="MailMatterWorkflow")
class MailMatterWorkflow(Lifecycle[MatterState, _Step]):
    @workflow.init
    def __init__(self, start: CaseStart[MatterState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[MatterState]) -> None:
        await self.live(start)

    @opens
    def open(self, command: OpenMatter) -> _Step:
        """The first step: number, and a task for an agent."""
        what = {"about": command.about, "permission": Permission.MAIL_WORK}
        task = self.tasks.opening(TaskKind.MAIL_MATTER, "agent", **what)
        return self.step(MatterEvent.OPENED, command, tasks=(task,))

    @decides
    def give_up(self, command: Command) -> _Step:
        """Nothing is left to look at: the task is not needed any more."""
        to = self.state.becomes(MatterStatus.GONE, workflow.now())
        return self.step(MatterEvent.GONE, command, to=to, tasks=self.tasks.cancelling())

    def settled(self, command: DecideTask, part: TaskStep) -> _Step:
        to = self.state.becomes(MatterStatus.DONE, workflow.now())
        return self.step(MatterEvent.DONE, command, to=to, tasks=(part,))
