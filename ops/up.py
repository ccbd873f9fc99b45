"""`casewright up`: the whole stack in the foreground, until Ctrl-C or SIGTERM."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ops.embedded.maildirs import MAILBOXES
from ops.embedded.ports import free_port, require_free
from ops.embedded.postgres import Postgres
from ops.embedded.secrets import load_or_create
from ops.home import Home
from ops.leftovers import end_leftovers
from ops.parts import has_mailboxes, is_embedded, ports, stack, stack_environment
from ops.process import end_with_parent
from ops.stack import remove_stack_environment, write_stack_environment
from ops.supervisor import Supervisor
from ops.trouble import Trouble
from runtime.production import UnsafeForProduction, require_safe
from runtime.settings import Settings, settings

_LOGS_LOOKED_AT_EVERY_SECONDS = 30.0
MAILBOX_PATH = "/api/v1/demo/mailbox"
_DEMO_ACCOUNTS = ("admin", "manager", "agent", "agent2", "reviewer", "reviewer2", "client", "client2")
_DEMO_TENANTS = ("acme", "globex")


def up(
    with_parent: Annotated[
        bool, typer.Option(hidden=True, help="Stop when the process that started this ends.")
    ] = False,
    migrate: Annotated[
        bool, typer.Option(help="Change the schema of a given DATABASE_URL without asking, where it must be.")
    ] = False,
) -> None:
    """Start Casewright with everything it needs, and keep it running until Ctrl-C."""
    if with_parent:
        end_with_parent(signal.SIGTERM, parent=os.getppid())()
    began = time.monotonic()
    configured = settings()
    try:
        require_safe(configured)
    except UnsafeForProduction as unsafe:
        raise Trouble(str(unsafe)) from unsafe
    home = Home(configured.home.absolute())
    home.make()
    if configured.database_url is not None:
        # Alembic takes as long to import as all the rest.
        from ops.migrate import require_leave

        require_leave(configured, given=migrate)
    with home.lock():
        for name in end_leftovers(home.run):
            _say(f"{name} was left over from an earlier run and has been ended")
        anywhere = [name for name in ("smtp_catcher_port", "imap_port") if getattr(configured, name) == 0]
        configured = configured.model_copy(update={name: free_port() for name in anywhere})
        require_free(ports(configured))
        home.rotate_logs()
        secrets = load_or_create(home.path)
        postgres = Postgres(home.path, configured.postgres_port, secrets) if configured.database_url is None else None
        environment = stack_environment(configured, home.path, postgres, secrets)
        supervisor = Supervisor(
            stack(configured, home.path, postgres, secrets, environment), logs=home.logs, run=home.run, say=_say
        )

        def once_up() -> None:
            write_stack_environment(home.path, environment)
            _show(configured, home, environment, time.monotonic() - began)

        try:
            asyncio.run(_until_told_to_stop(supervisor, once_up, home))
        finally:
            remove_stack_environment(home.path)
    _say("Casewright has stopped.")


def _say(line: str) -> None:
    with suppress(OSError):  # The terminal may be closed already; the processes must still be stopped in order.
        typer.echo(line)


async def _until_told_to_stop(supervisor: Supervisor, once_up: Callable[[], None], home: Home) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not told.is_set():
            _say("Stopping.")
        told.set()

    wanted = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # Started under nohup, the stack survives its terminal.
        wanted.append(signal.SIGHUP)
    for each in wanted:
        loop.add_signal_handler(each, stop)
    rotating = asyncio.create_task(_keep_logs_short(home))
    try:
        await supervisor.keep_running(until=told, once_up=once_up)
    finally:
        rotating.cancel()


async def _keep_logs_short(home: Home) -> None:
    while True:
        await asyncio.sleep(_LOGS_LOOKED_AT_EVERY_SECONDS)
        with suppress(OSError):  # A full disk is no reason to stop the stack.
            await asyncio.to_thread(home.rotate_logs)


def _show(settings: Settings, home: Home, environment: Mapping[str, str], seconds: float) -> None:
    table = Table(title=f"Casewright is up ({seconds:.1f} s)", title_justify="left", show_header=False)
    table.add_row("Pages", settings.address)
    table.add_row("API", f"{settings.address}/docs")
    if "CASEWRIGHT_TEMPORAL_UI_URL" in environment:
        table.add_row(
            "Temporal UI", f"{environment['CASEWRIGHT_TEMPORAL_UI_URL']}/namespaces/{settings.temporal_namespace}"
        )
    if settings.smtp_url is None:
        table.add_row("Mailbox", f"{settings.address}{MAILBOX_PATH}")
    if has_mailboxes(settings):
        table.add_row("Mail to tickets", f"{', '.join(MAILBOXES)} at smtp://127.0.0.1:{settings.smtp_catcher_port}")
    if is_embedded(settings):
        table.add_row("Demo accounts", "\n".join(_demo_accounts()))
        table.add_row("Password", settings.demo_password.get_secret_value())
    table.add_row("Logs", str(home.logs))
    # Wide enough for any address in it: a link that is broken over two lines cannot be followed.
    with suppress(OSError):
        Console(width=max(100, Console().width)).print(table)


def _demo_accounts() -> list[str]:
    return [f"{{{','.join(_DEMO_ACCOUNTS)}}}@{tenant}.example" for tenant in _DEMO_TENANTS]
