"""Which bookings, and series of them, a caller may see."""

from api.bookings.schemas import BookingView
from api.bookings.series_schemas import SeriesView
from api.cases.reader import Cases, RowsAs
from domain.bookings.events import SHOWN_TO_CUSTOMERS
from domain.bookings.series import SeriesEvent
from domain.cases import CaseKind
from domain.people.permissions import Permission
from models.bookings import Booking, BookingSeries

BOOKINGS = Cases(
    CaseKind.BOOKING,
    Booking,
    at="/bookings/{}",
    read_all=Permission.BOOKINGS_READ_ALL,
    shown=SHOWN_TO_CUSTOMERS,
    views=RowsAs(BookingView),
)

BOOKING_SERIES = Cases(
    CaseKind.BOOKING_SERIES,
    BookingSeries,
    at="/booking-series/{}",
    read_all=Permission.BOOKINGS_READ_ALL,
    shown=frozenset({SeriesEvent.OPENED, SeriesEvent.EXTENDED, SeriesEvent.CANCELLED}),
    views=RowsAs(SeriesView),
)
