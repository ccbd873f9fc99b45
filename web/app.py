"""The API with the pages beside it, in one process."""

from fastapi import FastAPI

from api.app import create_app as create_api
from runtime.settings import Settings
from web import home
from web.audit import routes as audit
from web.bookings import guests
from web.cases import live
from web.cases.listeners import Listeners
from web.customers import routes as customers
from web.find import routes as finding
from web.http import arriving, assets, drafts, errors, files
from web.http.middleware import Pages
from web.identity import account, entrance, newcomers
from web.inbox import routes as inbox
from web.kyc import routes as kyc
from web.products import routes as products
from web.quote_requests import routes as quote_requests
from web.quotes import public as public_quotes
from web.quotes import routes as quotes
from web.quotes import writing as quotes_writing
from web.settings import calendars, desk, levels, people, roles, tenants
from web.settings import routes as settings_pages
from web.tickets import routes as tickets
from web.waiting import routes as waiting

ROUTES = (
    *(home, tickets, inbox, kyc, live, entrance, drafts, arriving, files, waiting, customers, finding),
    *(quotes_writing, quotes, quote_requests, products, public_quotes),
    *(newcomers, account, audit, people, roles, desk, tenants, settings_pages, calendars, levels, guests),
)


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings. Raises as the API's own does."""
    app = create_api(settings)
    app.state.listeners = Listeners()
    app.include_router(assets.router)
    for routes in ROUTES:
        app.include_router(routes.router, include_in_schema=False)
    errors.show_as_pages(app)
    app.add_middleware(Pages, secure=(settings.public_url or "").startswith("https:"))
    return app
