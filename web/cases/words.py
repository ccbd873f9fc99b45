"""What kinds of cases are called, whom they wait for, and what happened to them, as sentences.

The sentences name no one: who did it stands beside them. A customer's story has the same ones, as far as it is told.
"""

from domain.bookings.events import BookingEvent
from domain.bookings.series import SeriesEvent
from domain.callbacks.rules import CallbackEvent
from domain.cases import CaseEvent, CaseKind, Party
from domain.invoices.events import InvoiceEvent
from domain.kyc.events import KycEvent
from domain.mail_matters.rules import MatterEvent
from domain.orders.events import OrderEvent
from domain.quote_requests.rules import QuoteRequestEvent
from domain.quotes.events import QuoteEvent
from domain.tasks.events import TaskEvent
from domain.tickets.events import TicketEvent


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_C = CaseKind

KINDS = {
    _C.TICKET: _("Ticket"),
    _C.KYC: _("Identity check"),
    _C.QUOTE: _("Quote"),
    _C.QUOTE_REQUEST: _("Request for a quote"),
    _C.CALLBACK: _("Callback"),
    _C.INVOICE: _("Invoice"),
    _C.ORDER: _("Order"),
    _C.BOOKING: _("Booking"),
    _C.BOOKING_SERIES: _("Series of bookings"),
    _C.MAIL_MATTER: _("About mail"),
}
SYMBOLS = {
    _C.TICKET: "ticket",
    _C.KYC: "shield-check",
    _C.QUOTE: "file-text",
    _C.QUOTE_REQUEST: "message-square",
    _C.CALLBACK: "phone",
    _C.INVOICE: "receipt",
    _C.ORDER: "package",
    _C.BOOKING: "calendar",
    _C.BOOKING_SERIES: "calendar",
    _C.MAIL_MATTER: "mail",
}
PARTIES = {
    Party.US: _("Us"),
    Party.CUSTOMER: _("The customer"),
    Party.ROLE: _("Somebody’s decision"),
    Party.TIME: _("A date"),
    Party.MACHINE: _("A machine"),
}
WAITS = {
    Party.US: _("Waits for us"),
    Party.CUSTOMER: _("Waits for the customer"),
    Party.TIME: _("Waits for its date"),
    Party.MACHINE: _("Goes on by itself"),
}
PARTY_MARKS = {
    Party.US: "open",
    Party.CUSTOMER: "still",
    Party.ROLE: "soon",
    Party.TIME: "plain",
    Party.MACHINE: "plain",
}

_T, _K, _Q, _O, _I, _B, _S = TicketEvent, KycEvent, QuoteEvent, OrderEvent, InvoiceEvent, BookingEvent, SeriesEvent

OF_ANY: dict[str, str] = {
    CaseEvent.DEADLINE_REFUSED: _("A deadline came, and nothing could be done about it"),
    CaseEvent.NOT_UNDONE: _("A part could not be undone"),
    CaseEvent.IMPORTED: _("Taken over from elsewhere"),
    TaskEvent.CLAIMED: _("Somebody took the task"),
    TaskEvent.RELEASED: _("The task was given back"),
    TaskEvent.REMINDED: _("Who has the task was reminded"),
    TaskEvent.ESCALATED: _("The task went to others, because it was late"),
    TaskEvent.APPROVED_ONCE: _("Approved by the first of two"),
}
STEPS: dict[CaseKind, dict[str, str]] = {
    _C.TICKET: {
        _T.OPENED: _("A request was sent"),
        _T.CUSTOMER_REPLIED: _("The customer wrote"),
        _T.AGENT_REPLIED: _("We answered"),
        _T.NOTE_ADDED: _("A note was written"),
        _T.AUTOMATIC_MAIL: _("An automatic mail came"),
        _T.DELIVERY_BOUNCED: _("A mail of ours did not arrive"),
        _T.PARTICIPANTS_CHANGED: _("Who takes part has changed"),
        _T.STATUS_CHANGED: _("The state changed"),
        _T.ASSIGNED: _("It was given to somebody"),
        _T.TRANSFERRED: _("It was handed to another group"),
        _T.PRIORITY_CHANGED: _("The priority changed"),
        _T.SERVICE_LEVEL_CHANGED: _("What is promised changed"),
        _T.REMINDED: _("The customer was reminded of our answer"),
        _T.RESOLVED_UNANSWERED: _("Resolved, because no answer came"),
        _T.CLOSED: _("Closed"),
        _T.REOPENED: _("Opened again"),
        _T.ARCHIVED: _("Put away for good"),
        _T.SLA_WARNED: _("A promise was about to be late"),
        _T.SLA_BREACHED: _("A promise was broken"),
        _T.ESCALATED: _("Others were told that it is late"),
    },
    _C.KYC: {
        _K.DOCUMENT_ADDED: _("A document was handed in"),
        _K.DOCUMENT_REPLACED: _("A document was replaced"),
        _K.DOCUMENT_CHANGED: _("What is said of a document was changed"),
        _K.DOCUMENT_REMOVED: _("A document was taken back"),
        _K.SUBMITTED: _("The documents were handed in for review"),
        _K.RISK_SET: _("The risk was set by hand"),
        _K.APPROVED: _("The identity was approved"),
        _K.REJECTED: _("The identity was not approved"),
        _K.CHANGES_REQUESTED: _("Changes were asked for"),
        _K.CHANGES_REMINDED: _("The customer was reminded of the changes"),
        _K.CHANGES_LAPSED: _("The changes did not come in time"),
        _K.EXPIRY_REMINDED: _("The customer was reminded that a document ends"),
        _K.EXPIRY_HANDLED: _("What has expired was seen to"),
        _K.DOCUMENT_EXPIRED: _("A document expired"),
        _K.EXPIRED: _("The identity check expired"),
        _K.GRACE_ENDED: _("The time to hand in another document ended"),
    },
    _C.QUOTE: {
        _Q.OPENED: _("A quote was begun"),
        _Q.EDITED: _("The quote was changed"),
        _Q.SUBMITTED: _("Approval of the quote was asked for"),
        _Q.APPROVED_WITHIN_LIMITS: _("The quote is within the limits: it needs no approval"),
        _Q.APPROVED: _("The quote was approved"),
        _Q.REJECTED: _("The quote was not approved"),
        _Q.SENT: _("The quote was sent"),
        _Q.RESENT: _("The quote was sent again"),
        _Q.REMINDED: _("The customer was reminded of the quote"),
        _Q.ACCEPTED: _("The quote was accepted"),
        _Q.DECLINED: _("The quote was declined"),
        _Q.EXPIRED: _("The quote ended without an answer"),
        _Q.SUPERSEDED: _("A newer version replaced the quote"),
        _Q.APPROVAL_WITHDRAWN: _("Approval of the quote is not asked for any more"),
        _Q.WITHDRAWN: _("The quote was withdrawn"),
        _Q.CONVERTED: _("The quote became an order"),
        _Q.DELETED: _("The draft was deleted"),
    },
    _C.QUOTE_REQUEST: {
        QuoteRequestEvent.OPENED: _("A quote was asked for"),
        QuoteRequestEvent.QUOTED: _("The request has its quote"),
        QuoteRequestEvent.DECLINED: _("There will be no quote"),
        QuoteRequestEvent.CLOSED: _("The request was answered in another way"),
        QuoteRequestEvent.WITHDRAWN: _("The request was withdrawn"),
    },
    _C.CALLBACK: {
        CallbackEvent.OPENED: _("A call was asked for"),
        CallbackEvent.PLANNED: _("The call was planned"),
        CallbackEvent.DONE: _("The call was made"),
        CallbackEvent.GIVEN_UP: _("The call was given up"),
    },
    _C.ORDER: {
        _O.OPENED: _("An order was placed"),
        _O.EDITED: _("The order was changed"),
        _O.VALIDATED: _("The order was accepted"),
        _O.STOCK_CLAIMED: _("What was ordered was put aside"),
        _O.STOCK_ARRIVED: _("What was missing has arrived"),
        _O.INVOICED: _("The invoice was asked for"),
        _O.INVOICE_ISSUED: _("The order has its invoice"),
        _O.INVOICE_PAID: _("The order was paid"),
        _O.FULFILMENT_BEGUN: _("Delivery was begun"),
        _O.LINE_CALLED: _("Another system was asked to deliver a part"),
        _O.LINE_FULFILLED: _("A part was delivered"),
        _O.LINE_LEFT_TO_STAFF: _("A part was left to people"),
        _O.LINE_FAILED: _("A part could not be delivered"),
        _O.DELIVERED: _("The order was delivered"),
        _O.CANCELLED: _("The order was cancelled"),
        _O.LINE_UNDONE: _("A part was undone"),
        _O.INVOICE_WITHDRAWN: _("The invoice was asked to be cancelled"),
        _O.INVOICE_SILENT: _("The invoice has not answered"),
        _O.INVOICE_CANCELLED: _("The order’s invoice was cancelled"),
        _O.STOCK_RELEASED: _("What was put aside is free again"),
        _O.UNWOUND: _("Nothing is left of the order"),
    },
    _C.INVOICE: {
        _I.OPENED: _("An invoice was begun"),
        _I.EDITED: _("The draft was changed"),
        _I.ISSUED: _("The invoice was issued"),
        _I.SENT: _("The invoice was sent"),
        _I.PAYMENT_RECORDED: _("A payment came"),
        _I.PAID: _("The invoice was paid"),
        _I.OVERDUE: _("The invoice is overdue"),
        _I.DUNNED: _("The customer was reminded to pay"),
        _I.DUNNING_POSTPONED: _("The next reminder was put off"),
        _I.HANDED_OVER: _("The unpaid invoice was left to people"),
        _I.FOLLOWED_UP: _("Somebody saw to the unpaid invoice"),
        _I.DISCARDED: _("The draft was discarded"),
        _I.CANCELLED: _("The invoice was cancelled"),
        _I.REFUNDED: _("The payment was returned"),
    },
    _C.BOOKING: {
        _B.OPENED: _("A place was held"),
        _B.ASKED_FOR: _("The booking waits to be confirmed"),
        _B.CONFIRMED: _("The booking was confirmed"),
        _B.MOVED: _("The booking was moved"),
        _B.REMINDED: _("The customer was reminded of the booking"),
        _B.CHECKED_IN: _("The customer came"),
        _B.BEGUN: _("The appointment began"),
        _B.COMPLETED: _("The appointment is over"),
        _B.NO_SHOW: _("Nobody came"),
        _B.CANCELLED: _("The booking was called off"),
        _B.EXPIRED: _("The held place was given back"),
        _B.FOLLOWED_UP: _("The customer was asked how it was"),
    },
    _C.BOOKING_SERIES: {
        _S.OPENED: _("A series of bookings was begun"),
        _S.EXTENDED: _("The next bookings of the series were made"),
        _S.BOOKINGS_OPENED: _("Bookings of the series were opened"),
        _S.CANCELLED: _("The series was called off"),
        _S.BOOKINGS_CANCELLED: _("Bookings of the series were called off"),
    },
    _C.MAIL_MATTER: {
        MatterEvent.OPENED: _("Mail is to be looked at"),
        MatterEvent.DONE: _("Somebody has looked at the mail"),
        MatterEvent.GONE: _("Nothing is left to look at"),
    },
}


def step(kind: str, event: str) -> str:
    """The sentence of what happened, to be said in the reader's language."""
    known: dict[str, str] = {**OF_ANY, **STEPS[CaseKind(kind)]}
    return known.get(event, event.replace("_", " "))


TOLD: dict[CaseKind, dict[str, str]] = {
    _C.ORDER: {
        "request": _("We look at it"),
        "validated": _("Accepted"),
        "in_progress": _("Under way to you"),
        "cancelled": _("Cancelled; we undo what was begun"),
    },
    _C.INVOICE: {
        "issued": _("To be paid"),
        "sent": _("To be paid"),
        "partially_paid": _("Paid in part"),
        "overdue": _("Overdue"),
        "cancelled": _("Cancelled; your payment comes back"),
    },
    _C.BOOKING: {
        "held": _("Held for you until you confirm it"),
        "pending": _("Waits for our confirmation"),
        "confirmed": _("Confirmed"),
        "in_progress": _("Just now"),
    },
    _C.BOOKING_SERIES: {"active": _("Goes on")},
    _C.CALLBACK: {"open": _("We call you"), "planned": _("We call you")},
    _C.QUOTE_REQUEST: {"open": _("We write your quote")},
}
"""What customers read of a state of those of their cases that stand in one list; of other states they read nothing,
because nothing is left to tell."""

WAYS: dict[CaseKind, dict[str, str]] = {
    _C.ORDER: {
        "request": _("Ordered"),
        "validated": _("Accepted"),
        "in_progress": _("Under way"),
        "delivered": _("Delivered"),
    },
    _C.QUOTE_REQUEST: {"asked": _("Asked"), "open": _("Being written"), "quoted": _("Quote sent")},
    _C.CALLBACK: {"open": _("Asked"), "planned": _("Planned"), "done": _("Called")},
    _C.BOOKING: {
        "held": _("Held"),
        "pending": _("Asked for"),
        "confirmed": _("Confirmed"),
        "in_progress": _("Just now"),
        "completed": _("Over"),
    },
}
"""The steps of a case's way as customers read them, by the states in which it is at each."""
