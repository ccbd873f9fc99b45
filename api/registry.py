"""The one list of all kinds of cases; the worker, the command path, mail, files and tests read it."""

from activities.bookings.series import BookingSeriesCases
from activities.bookings.step import Bookings
from activities.callbacks.step import Callbacks
from activities.invoices.step import Invoices
from activities.kyc.step import IdentityChecks
from activities.mail_matters.step import MailMatters
from activities.orders.step import Orders
from activities.quote_requests.step import QuoteRequests
from activities.quotes.step import Quotes
from activities.tickets.step import Tickets
from api.bookings.views import BOOKING_SERIES, BOOKINGS
from api.callbacks.views import CALLBACKS
from api.cases.kinds import Kind
from api.invoices.views import INVOICES
from api.kyc.views import KYC
from api.mail_matters.views import MAIL_MATTERS
from api.orders.views import ORDERS
from api.quote_requests.views import QUOTE_REQUESTS, owns_request_file
from api.quotes.views import QUOTES
from api.tickets.views import TICKETS, owns_message_file
from domain.cases import CaseKind
from stores.tickets.service_levels import ServiceLevels
from workflows.bookings.lifecycle import BookingWorkflow
from workflows.bookings.series import BookingSeriesWorkflow
from workflows.callbacks.lifecycle import CallbackWorkflow
from workflows.invoices.lifecycle import InvoiceWorkflow
from workflows.kyc.lifecycle import KycWorkflow
from workflows.mail_matters.lifecycle import MailMatterWorkflow
from workflows.orders.lifecycle import OrderWorkflow
from workflows.quote_requests.lifecycle import QuoteRequestWorkflow
from workflows.quotes.lifecycle import QuoteWorkflow
from workflows.tickets.lifecycle import TicketWorkflow

_HOME = "/"
"""Shows those that have no page of their own."""

KINDS: dict[CaseKind, Kind] = {
    entry.kind: entry
    for entry in (
        Kind(TicketWorkflow, Tickets(ServiceLevels()), TICKETS, "/tickets/{}", owns_message_file),
        Kind(KycWorkflow, IdentityChecks(), KYC, "/kyc"),
        Kind(QuoteWorkflow, Quotes(), QUOTES, "/quotes/{}"),
        Kind(QuoteRequestWorkflow, QuoteRequests(), QUOTE_REQUESTS, "/quote-requests/{}", owns_request_file),
        Kind(OrderWorkflow, Orders(), ORDERS, _HOME),
        Kind(CallbackWorkflow, Callbacks(), CALLBACKS, _HOME),
        Kind(InvoiceWorkflow, Invoices(), INVOICES, _HOME),
        Kind(BookingWorkflow, Bookings(), BOOKINGS, _HOME),
        Kind(BookingSeriesWorkflow, BookingSeriesCases(), BOOKING_SERIES, _HOME),
        Kind(MailMatterWorkflow, MailMatters(), MAIL_MATTERS, _HOME),
    )
}
