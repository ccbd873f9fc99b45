"""The `casewright` command. Each command is a function of the same name in a module of its own.

Only the module of the command that was asked for is imported: most of the time that a short command takes, and much of
the time that the stack takes to start, is spent importing.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from ops.trouble import Trouble
from runtime.garbage import look_rarely

if TYPE_CHECKING:
    from runtime.settings import Settings


@dataclass(frozen=True)
class Entry:
    """Where a command is (`module:function`), and whether it works on a running stack."""

    function: str
    on_running_stack: bool = False
    hidden: bool = False


COMMANDS = {
    "up": Entry("ops.up:up"),
    "migrate": Entry("ops.migrate:migrate", on_running_stack=True),
    "init": Entry("ops.init:init", on_running_stack=True),
    "seed": Entry("ops.seed:seed", on_running_stack=True),
    "namespace": Entry("ops.namespace:namespace", on_running_stack=True),
    "promote": Entry("ops.promote:promote", on_running_stack=True),
    "begin-anew": Entry("ops.begin_anew:begin_anew", on_running_stack=True),
    "backup": Entry("ops.backup:backup", on_running_stack=True),
    "restore": Entry("ops.restore:restore"),
    "resume": Entry("ops.resume:resume", on_running_stack=True),
    "fast-forward": Entry("ops.fast_forward:fast_forward", on_running_stack=True),
    "demo": Entry("ops.demo.play:demo", on_running_stack=True),
    "bench": Entry("ops.bench:bench", on_running_stack=True),
    "audit": Entry("ops.audit:audit", on_running_stack=True),
    "stock": Entry("ops.stock:stock", on_running_stack=True),
    "invoices": Entry("ops.invoices:invoices", on_running_stack=True),
    "secrets": Entry("ops.secrets:secrets", on_running_stack=True),
    "doctor": Entry("ops.doctor:doctor", on_running_stack=True),
    "mail-catcher": Entry("ops.mail_catcher:mail_catcher", hidden=True),
}


class _Commands(TyperGroup):
    """Finds a command when it is asked for. The types that it overrides are private to typer, hence `Any`."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        # What it imports is never garbage: to look for some takes a third of what a short command does.
        look_rarely()
        entry = COMMANDS[cmd_name]
        module, _, name = entry.function.partition(":")
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(cmd_name, hidden=entry.hidden)(_guarded(getattr(import_module(module), name), entry))
        return typer.main.get_command(single)


app = typer.Typer(
    cls=_Commands, name="casewright", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def casewright() -> None:
    """A customer service platform on Temporal."""


def _guarded(function: Callable[..., None], entry: Entry) -> Callable[..., None]:
    @functools.wraps(function)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            if _settings().database_url is None and entry.on_running_stack:
                _find_running_stack()
            function(*arguments, **options)
        except Trouble as trouble:
            typer.secho(str(trouble), fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from trouble

    return run


def _settings() -> "Settings":
    from runtime.settings import UnusableSettings, settings

    try:
        return settings()
    except UnusableSettings as unusable:
        raise Trouble(str(unusable)) from unusable


def _find_running_stack() -> None:
    from ops.stack import load_stack_environment

    load_stack_environment(_settings().home.absolute())


if __name__ == "__main__":
    app()
