"""The API: routes, middleware, and what they stand on."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from api.audit import routes as audit
from api.bookings import availability, calendars, export, preferences, promo_codes, team
from api.bookings import public as public_bookings
from api.bookings import routes as bookings
from api.bookings import series as booking_series
from api.bookings import services as bookable_services
from api.callbacks import routes as callbacks
from api.cases import routes as commands
from api.cases.commands import COMMAND_ID
from api.cases.dispatch import Dispatcher
from api.cases.live import Live
from api.catalogue import categories, stock, variants
from api.catalogue import public as public_catalogue
from api.catalogue import routes as catalogue
from api.customers import routes as customers
from api.files import routes as files
from api.files.printer import Printer
from api.find import routes as finding
from api.http import problems
from api.http.body_limit import BodyLimit
from api.http.content_types import JsonOnly
from api.http.correlation import HEADER, Correlation
from api.http.methods import Heads
from api.http.metrics import Metrics, Observed
from api.http.openapi import ABOUT, complete, operation_id
from api.http.public_paths import words_in_place_of_slugs
from api.http.route_names import API_PREFIX
from api.http.routes import docs, health, metrics
from api.http.security_headers import SecurityHeaders
from api.http.services import Services
from api.http.words import TAGS
from api.identity.routes import (
    drafts,
    invitations,
    login,
    logout,
    me,
    passwords,
    registration,
    roles,
    tenants,
    users,
    views,
)
from api.identity.tokens import Tokens
from api.invoices import routes as invoices
from api.kyc import pictures as kyc_pictures
from api.kyc import routes as kyc
from api.mail import accounts as mail_accounts
from api.mail import addresses as mail_addresses
from api.mail import mailbox
from api.mail import messages as mails
from api.mail import originals as original_mails
from api.mail import routes as deliveries
from api.mail import rules as mail_rules
from api.mail import settling as mail_settling
from api.mail.courier import Courier
from api.mail.inbound import routes as inbound_mail
from api.mail.mailboxes import Mailboxes
from api.orders import converting
from api.orders import routes as orders
from api.orders import webhook as fulfilment_webhook
from api.quote_requests import routes as quote_requests
from api.quotes import public as public_quotes
from api.quotes import routes as quotes
from api.registry import KINDS
from api.settings import hours as opening_hours
from api.settings import routes as tenant_settings
from api.tasks import routes as tasks
from api.tickets import desk
from api.tickets import links as ticket_links
from api.tickets import messages as ticket_messages
from api.tickets import participants as ticket_participants
from api.tickets import routes as tickets
from api.tickets.service_levels import preview as calendar_preview
from api.tickets.service_levels import routes as service_levels
from api.waiting import routes as waiting
from models.database import Database
from runtime.client import connect
from runtime.production import require_safe
from runtime.settings import Settings
from runtime.telemetry import runtime_of
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from stores.mail.secrets import Secrets

# What pages of an allowed origin may send and read (CORS).
_CORS_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CORS_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", HEADER)
_CORS_EXPOSED = ("ETag", "Location", "Retry-After", COMMAND_ID, HEADER)


_FILES_IN_A_FORM = 3
"""How many of the largest files a page's form can bring along by itself: with scripts each comes alone, before it."""

# The busiest routes come first, because a request is matched against one after the other.
ROUTES = (
    *(
        tickets,
        ticket_messages,
        customers,
        quotes,
        converting,
        orders,
        invoices,
        tasks,
        kyc,
        kyc_pictures,
        quote_requests,
        callbacks,
        catalogue,
    ),
    *(variants, categories, stock, export, bookings, booking_series, availability, calendars),
    *(bookable_services, team, promo_codes, preferences),
    *(files, commands, waiting, finding, deliveries, public_quotes, public_catalogue),
    *(mails, original_mails, mail_settling, inbound_mail, mail_rules, mail_addresses),
    *(ticket_participants, ticket_links),
    *(login, logout, registration, passwords, me, drafts, views, users, invitations, roles, tenants),
    *(service_levels, calendar_preview, desk, fulfilment_webhook, tenant_settings, opening_hours, audit),
    *(mail_accounts,),
)
ROUTERS = (
    *(routes.router for routes in ROUTES),
    *(public_bookings.links, public_bookings.shop, calendars.public),
)
RESERVED_SLUGS = words_in_place_of_slugs(ROUTERS)


class _Api(FastAPI):
    """Wraps what every answer must have around the whole stack: Starlette answers a defect outside of all
    middleware."""

    def __init__(self, settings: Settings, figures: Metrics, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._settings = settings
        self._figures = figures

    def openapi(self) -> dict[str, Any]:
        """The document of this API, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        observed = Observed(super().build_middleware_stack(), self._figures)
        inner = Correlation(observed, self._settings.trusted_proxies, key=_digest_key(self._settings))
        return SecurityHeaders(inner, https_only=self._settings.env == "production")


def _digest_key(settings: Settings) -> bytes:
    secret = settings.jwt_private_key
    return hashlib.sha256(secret.get_secret_value().encode()).digest() if secret else secrets.token_bytes()


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings.

    Raises UnsafeForProduction, and at its start RuntimeError when a setting that it cannot do without is missing.
    """
    require_safe(settings)
    figures = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings.database_url is None or settings.jwt_private_key is None:
            raise RuntimeError("DATABASE_URL and CASEWRIGHT_JWT_PRIVATE_KEY must be set")
        database = Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size)
        client = await connect(settings, lazy=True, runtime=runtime_of(settings, metrics=False))
        courier, mailboxes = Courier(client), Mailboxes(client)
        app.state.services = Services(
            settings=settings,
            database=database,
            dispatcher=Dispatcher(
                client, KINDS, wait=timedelta(seconds=settings.command_wait_seconds), observe=figures.command
            ),
            courier=courier,
            mailboxes=mailboxes,
            printer=Printer(client, wait=timedelta(seconds=settings.command_wait_seconds)),
            tokens=Tokens(
                settings.jwt_private_key.get_secret_value(),
                earlier_public_keys=settings.jwt_earlier_public_keys,
                link_private_key_pem=settings.link_private_key.get_secret_value()
                if settings.link_private_key
                else None,
                earlier_link_public_keys=settings.link_earlier_public_keys,
            ),
            files=FileStorage.at(settings.storage_url, settings.home),
            scanner=VirusScanner(settings.clamd_address),
            secrets=Secrets.of(settings.secret_keys),
            live=Live(database),
            metrics=figures,
        )
        yield
        await app.state.services.live.close()
        await courier.close()
        await mailboxes.close()
        await database.close()

    app = _Api(
        settings,
        figures,
        title="Casewright",
        version="1",
        description=ABOUT,
        openapi_tags=TAGS,
        servers=[{"url": settings.public_url or "/"}],
        generate_unique_id_function=operation_id,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # A redirect would name the scheme and host that a proxy has asked us by, and lose the body on the way.
        redirect_slashes=False,
        openapi_url=f"{API_PREFIX}/openapi.json" if settings.api_docs else None,
    )
    problems.install(app)
    own = (files.router.prefix, inbound_mail.BELOW)
    streamed = {*own, *(f"{API_PREFIX}{path}" for path in own)}
    app.add_middleware(JsonOnly, others=streamed)
    app.add_middleware(BodyLimit, streamed=streamed, form_limit=_FILES_IN_A_FORM * settings.file_max_bytes)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=_CORS_METHODS,
            allow_headers=_CORS_HEADERS,
            expose_headers=_CORS_EXPOSED,
        )
    app.add_middleware(Heads)
    app.state.reserved_slugs = RESERVED_SLUGS
    for unversioned in (health, metrics, *([docs] if settings.api_docs else [])):
        app.include_router(unversioned.router)
    app.mount("/static", docs.static_files())
    for router in ROUTERS:
        app.include_router(router, prefix=API_PREFIX)
    if settings.embedded:
        app.include_router(mailbox.router, prefix=API_PREFIX)
    return app
