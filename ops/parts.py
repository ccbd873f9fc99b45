"""What the stack consists of, in which order, and how one can tell that each part is ready."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from ops import readiness
from ops.embedded import temporal
from ops.embedded.imap import ImapServer
from ops.embedded.ports import Port
from ops.embedded.postgres import STOP, Postgres
from ops.embedded.secrets import Secrets
from ops.forks import ForkServer
from ops.home import Home
from ops.process import Command
from ops.search_attributes import SEARCH_ATTRIBUTES
from ops.supervisor import Part, Step
from runtime.settings import Settings

_API, _WORKER = "web.serving:serve", "workers.working:work_as_set"
_READY_TO_WORK = ("migrations", "temporal", "namespace")


def stack_environment(settings: Settings, home: Path, postgres: Postgres | None, secrets: Secrets) -> dict[str, str]:
    """What every process of the stack is told, and every command that works on it.

    `postgres` is the embedded one, or None when the settings name another. What the settings name comes before the
    `secrets` of the home.
    """
    environment = {
        "CASEWRIGHT_HOME": str(home),
        "CASEWRIGHT_EMBEDDED": str(is_embedded(settings)).lower(),
        "CASEWRIGHT_API_HOST": settings.api_host,
        "CASEWRIGHT_API_PORT": str(settings.api_port),
        "CASEWRIGHT_SMTP_CATCHER_PORT": str(settings.smtp_catcher_port),
        "CASEWRIGHT_TEMPORAL_NAMESPACE": settings.temporal_namespace,
        # One worker, and each start may be one of changed code.
        "CASEWRIGHT_PROMOTE_AT_START": "true",
        "TEMPORAL_ADDRESS": settings.temporal_address or f"127.0.0.1:{settings.temporal_port}",
        "CASEWRIGHT_IMAP_PORT": str(settings.imap_port),
        "CASEWRIGHT_JWT_PRIVATE_KEY": _given(settings.jwt_private_key, secrets.jwt_private_key),
        "CASEWRIGHT_LINK_PRIVATE_KEY": _given(settings.link_private_key, secrets.link_private_key),
        "CASEWRIGHT_SECRET_KEYS": _given(settings.secret_keys, secrets.secret_key),
        "CASEWRIGHT_DEMO_PASSWORD": settings.demo_password.get_secret_value(),
    }
    if postgres is not None:
        environment["DATABASE_URL"] = postgres.app_url
        environment["CASEWRIGHT_MIGRATION_DATABASE_URL"] = postgres.owner_url
    elif settings.database_url is not None:
        owner_url = settings.migration_database_url or settings.database_url
        environment["DATABASE_URL"] = settings.database_url.get_secret_value()
        environment["CASEWRIGHT_MIGRATION_DATABASE_URL"] = owner_url.get_secret_value()
    if settings.smtp_url is not None:
        environment["CASEWRIGHT_SMTP_URL"] = settings.smtp_url.get_secret_value()
    else:
        environment["CASEWRIGHT_SMTP_URL"] = f"smtp://127.0.0.1:{settings.smtp_catcher_port}"
    if settings.temporal_ui_url is not None:
        environment["CASEWRIGHT_TEMPORAL_UI_URL"] = settings.temporal_ui_url
    elif settings.temporal_address is None:
        environment["CASEWRIGHT_TEMPORAL_UI_URL"] = f"http://127.0.0.1:{settings.temporal_ui_port}"
    return environment


def is_embedded(settings: Settings) -> bool:
    """Whether both Postgres and Temporal are our own: only then is there a demo, and a clock that may be moved."""
    return settings.database_url is None and settings.temporal_address is None


def has_mailboxes(settings: Settings) -> bool:
    """Whether there are mailboxes of our own: what reaches them is what the mail catcher is given."""
    return is_embedded(settings) and settings.smtp_url is None


def ports(settings: Settings) -> list[Port]:
    """The ports that the stack will listen on."""
    needed = [Port(settings.api_port, "CASEWRIGHT_API_PORT", settings.api_host)]
    if settings.temporal_address is None:
        needed.append(Port(settings.temporal_port, "CASEWRIGHT_TEMPORAL_PORT"))
        needed.append(Port(settings.temporal_ui_port, "CASEWRIGHT_TEMPORAL_UI_PORT"))
    if settings.database_url is None:
        needed.append(Port(settings.postgres_port, "CASEWRIGHT_POSTGRES_PORT"))
    if settings.smtp_url is None:
        needed.append(Port(settings.smtp_catcher_port, "CASEWRIGHT_SMTP_CATCHER_PORT"))
    if has_mailboxes(settings):
        needed.append(Port(settings.imap_port, "CASEWRIGHT_IMAP_PORT"))
    if settings.worker_metrics_port is not None:
        needed.append(
            Port(settings.worker_metrics_port, "CASEWRIGHT_WORKER_METRICS_PORT", settings.worker_metrics_host)
        )
    return needed


def stack(
    settings: Settings, home: Path, postgres: Postgres | None, secrets: Secrets, environment: Mapping[str, str]
) -> list[Part | Step]:
    """The parts and steps of the stack, in the order in which, reversed, they are stopped."""
    engine = readiness.Engine(settings.model_copy(update={"temporal_address": environment["TEMPORAL_ADDRESS"]}))
    return [
        *_servers(settings, home, postgres, engine, environment),
        *_mailboxes(settings, home, secrets),
        *_casewright(settings, home, engine, environment),
    ]


def _servers(
    settings: Settings,
    home: Path,
    postgres: Postgres | None,
    engine: readiness.Engine,
    environment: Mapping[str, str],
) -> Iterator[Part | Step]:
    """What Casewright stands on, as far as the settings do not name another."""
    if postgres is not None:
        yield Part(
            "postgres",
            prepare=postgres.prepare,
            command=postgres.command,
            is_ready=lambda _: asyncio.to_thread(postgres.is_ready),
            is_alive=lambda: readiness.speaks("127.0.0.1", settings.postgres_port, readiness.POSTGRES_HELLO),
            stop=STOP,
        )
    if settings.temporal_address is None:
        yield Part(
            "temporal",
            command=lambda: temporal.command(
                home,
                settings.temporal_port,
                settings.temporal_ui_port,
                settings.temporal_namespace,
                SEARCH_ATTRIBUTES,
            ),
            is_ready=lambda _: engine.is_ready(),
            is_alive=lambda: readiness.speaks("127.0.0.1", settings.temporal_port, readiness.GRPC_HELLO),
            stop=((signal.SIGTERM, 3.0),),
        )
    else:
        yield Step("namespace", lambda: _ours(environment, "ops.namespace:namespace"))
    if settings.smtp_url is None:
        yield Part(
            "mail-catcher",
            command=lambda: _ours(environment, "ops.mail_catcher:mail_catcher"),
            is_ready=lambda _: readiness.listens("127.0.0.1", settings.smtp_catcher_port),
            is_alive=lambda: readiness.speaks("127.0.0.1", settings.smtp_catcher_port),
            stop=((signal.SIGTERM, 1.0),),
        )


def _mailboxes(settings: Settings, home: Path, secrets: Secrets) -> Iterator[Part | Step]:
    if has_mailboxes(settings):
        server = ImapServer(home, settings.imap_port, secrets.mailbox_password)
        yield Part(
            "imap",
            prepare=server.prepare,
            command=server.command,
            is_ready=lambda _: readiness.speaks("127.0.0.1", settings.imap_port),
            is_alive=lambda: readiness.speaks("127.0.0.1", settings.imap_port),
            stop=((signal.SIGTERM, 1.0),),
        )


def _casewright(
    settings: Settings, home: Path, engine: readiness.Engine, environment: Mapping[str, str]
) -> Iterator[Part | Step]:
    pulse = Home(home).run / "worker.pulse"
    forks = ForkServer((_API, _WORKER), _process(environment))

    async def answers(_: datetime | None = None) -> bool:
        return forks.answers()

    yield Part(
        "fork-server",
        command=lambda: forks,
        is_ready=answers,
        is_alive=answers,
        needed_at_each_start=True,
        stop=((signal.SIGTERM, 1.0),),
    )
    yield Step("migrations", lambda: _ours(environment, "ops.migrate:migrate"), after=("postgres",))
    if is_embedded(settings):
        # Demo accounts have a known password, so they are made in the embedded database only.
        yield Step("seed", lambda: _ours(environment, "ops.seed:seed"), after=_READY_TO_WORK)
    yield Part(
        "worker",
        command=lambda: forks.fork(_WORKER, _process({**environment, "CASEWRIGHT_PULSE_FILE": str(pulse)})),
        is_ready=engine.worker_works,
        is_alive=lambda: asyncio.to_thread(readiness.beats, pulse),
        after=("fork-server", *_READY_TO_WORK),
        stop=((signal.SIGTERM, 4.0),),
    )
    yield Part(
        "api",
        command=lambda: forks.fork(_API, _process(environment)),
        is_ready=lambda _: readiness.answers_200(settings.api_host, settings.api_port, "/readyz"),
        is_alive=lambda: readiness.is_alive(settings.api_host, settings.api_port),
        after=("fork-server", *_READY_TO_WORK, "seed"),
        stop=((signal.SIGTERM, 4.0),),
    )


def _given(setting: SecretStr | None, otherwise: str) -> str:
    return setting.get_secret_value() if setting else otherwise


def _ours(environment: Mapping[str, str], function: str) -> Command:
    return Command([sys.executable, "-m", "ops.on_call", function], _process(environment), on_call=True)


def _process(environment: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process of ours that is told this one."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
