"""What Prometheus may know of the API: how many requests and commands there were, how they went, how long it took."""

from collections import Counter as Counted
from collections.abc import Iterable
from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.route_names import route_name
from domain.mail.states import MailboxState
from models.failing import FailingActivity
from stores.backlog import Backlog
from stores.mail.standing import MailboxStanding

CONTENT_TYPE = CONTENT_TYPE_LATEST

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ASKED_ALL_THE_TIME = frozenset({"/healthz", "/readyz", "/metrics"})

log = structlog.get_logger(__name__)


class Metrics:
    """The figures of one app."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "casewright_http_request_seconds",
            "Time to answer, by route as declared (never by path), method and status.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._commands = Counter(
            "casewright_commands",
            "Commands that the API asked a workflow to carry out: done, refused or unanswered.",
            ("kind", "outcome"),
            registry=self._registry,
        )
        self._backlog = {
            name: Gauge(f"casewright_{name}", what, registry=self._registry)
            for name, what in (
                ("pending_commands", "Commands that no workflow has answered yet."),
                ("oldest_command_seconds", "For how long the oldest of them has waited."),
                ("unsent_deliveries", "Messages that have not been sent yet."),
                ("oldest_delivery_seconds", "For how long the oldest of them has waited."),
                ("overdue_tasks", "Tasks that nobody has decided in time."),
                ("latest_task_seconds", "For how long the latest of them has been overdue."),
                ("stuck_cases", "Cases of which a step fails again and again, or a command is not carried out."),
            )
        }
        self._build = Gauge(
            "casewright_build_info",
            "1, for the code that runs.",
            ("process", "version", "build"),
            registry=self._registry,
        )
        self._failing = Gauge(
            "casewright_failing_activities",
            "Activities of cases that keep failing, by the kind of their last failure.",
            ("activity", "fault"),
            registry=self._registry,
        )
        self._mailboxes = {
            name: Gauge(f"casewright_mailbox_{name}", what, ("tenant", "mailbox"), registry=self._registry)
            for name, what in (
                ("failing", "1 for a mailbox that cannot be fetched, 0 for any other."),
                ("unread_mails", "Mails that are kept and not read yet."),
                ("lag_seconds", "For how long the oldest of them has waited."),
                ("last_uid", "Up to which UID its folder was read."),
                ("looked_at_seconds", "When its server last answered, as seconds since 1970."),
                ("last_mail_seconds", "When the newest of its mails came to the server, as seconds since 1970."),
            )
        }

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request that has been answered."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).observe(seconds)

    def command(self, kind: str, outcome: str) -> None:
        """Counts a command and what became of it, including one that its workflow did not answer in time."""
        self._commands.labels(kind, outcome).inc()

    def built(self, version: str, build: str) -> None:
        """Takes over which code it is that runs."""
        self._build.labels("api", version, build).set(1)

    def backlog(self, found: Backlog) -> None:
        """Takes over what is owed at the moment."""
        for name, gauge in self._backlog.items():
            gauge.set(getattr(found, name))

    def failing(self, found: Iterable[FailingActivity]) -> None:
        """Takes over which activities keep failing at the moment."""
        self._failing.clear()
        for (activity, fault), count in Counted((each.activity, each.fault) for each in found).items():
            self._failing.labels(activity, fault).set(count)

    def mailboxes(self, found: Iterable[MailboxStanding]) -> None:
        """Takes over how mailboxes stand at the moment, each by its tenant's slug and its id."""
        for gauge in self._mailboxes.values():
            gauge.clear()
        for each in found:
            figures = {
                "failing": float(each.state is MailboxState.FAILING),
                "unread_mails": float(each.unread),
                "lag_seconds": each.lag_seconds,
                "last_uid": float(each.last_uid),
                "looked_at_seconds": each.last_looked_at.timestamp() if each.last_looked_at else 0.0,
                "last_mail_seconds": each.last_mail_at.timestamp() if each.last_mail_at else 0.0,
            }
            for name, figure in figures.items():
                self._mailboxes[name].labels(each.tenant, str(each.id)).set(figure)

    def text(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self._registry)


class Observed:
    """Counts each request and writes a line of it to the log: the route, never the path or query, where data may be."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            seconds = perf_counter() - began
            route = route_name(scope)
            self._metrics.request(scope["method"], route, status, seconds)
            tell = log.debug if route in _ASKED_ALL_THE_TIME else log.info
            tell("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
