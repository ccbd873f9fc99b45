"""What a house can set of itself, section by section: each field with its kind, its name and what it means, said by an
example."""

from dataclasses import dataclass
from enum import StrEnum


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


class Kind(StrEnum):
    """How a value is written in a form."""

    TEXT = "text"
    LINES = "lines"
    NUMBER = "number"
    NUMBERS = "numbers"
    WORDS = "words"
    PERCENT = "percent"
    MONEY = "money"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class Setting:
    """A field of a section. One that is `optional` is taken away by leaving it empty."""

    name: str
    kind: Kind
    label: str
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Section:
    """Fields that are kept together. `example` says what they mean with the values in force, in places named as the
    fields are."""

    name: str
    about: str
    settings: tuple[Setting, ...]
    example: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """What its fields are called."""
        return {each.name: each.label for each in self.settings}


K = Kind

_COMPANY = (
    Setting("name", K.TEXT, _("Name"), optional=True),
    Setting("address", K.LINES, _("Address"), optional=True),
    Setting("phone", K.TEXT, _("Telephone"), optional=True),
    Setting("email", K.TEXT, _("E-mail address"), _("Mails are answered to it."), optional=True),
    Setting("nif", K.TEXT, _("Tax number (NIF)"), optional=True),
    Setting("rc", K.TEXT, _("Trade register (RC)"), optional=True),
    Setting("ai", K.TEXT, _("Article of taxation (AI)"), optional=True),
    Setting("country", K.TEXT, _("Country"), _("Two letters, as DZ; invoices as data need it."), optional=True),
    Setting("colour", K.TEXT, _("Colour of the head of mails"), _("As #1f3a5f"), optional=True),
)
_TICKETS = (
    Setting("remind_after_days", K.NUMBERS, _("Remind the customer after days"), _("Several with commas: 2, 5")),
    Setting("give_up_days", K.NUMBER, _("Resolve without an answer after days")),
    Setting("auto_close_days", K.NUMBER, _("Close what is resolved after days")),
    Setting("reopen_window_days", K.NUMBER, _("Can be opened again for days"), _("After that a new ticket is linked.")),
)
_QUOTES = (
    Setting("valid_days", K.NUMBER, _("Valid for days")),
    Setting("remind_days_before", K.NUMBERS, _("Remind the customer so many days before the end"), _("As 7, 3")),
    Setting("approval_discount_bp", K.PERCENT, _("A discount above this needs approval, in percent")),
    Setting("approval_total", K.MONEY, _("A total above this needs approval"), _("Empty: none does."), optional=True),
    Setting("approval_hours", K.NUMBER, _("Managers have hours of opening to approve")),
    Setting("tax_rate_bp", K.PERCENT, _("Usual tax rate, in percent")),
    Setting("terms", K.LINES, _("Terms on paper"), optional=True),
)
_KYC = (
    Setting("review_hours", K.NUMBER, _("Reviewers have hours of opening")),
    Setting("review_remind_hours", K.NUMBERS, _("Remind them so many hours before"), _("As 4")),
    Setting("review_escalate_hours", K.NUMBERS, _("Tell managers so many hours after it was due"), _("As 0, 8")),
    Setting("changes_days", K.NUMBER, _("Customers have days to replace papers")),
    Setting("changes_remind_days", K.NUMBERS, _("Remind them so many days before"), _("As 7, 2")),
    Setting("expiry_remind_days", K.NUMBERS, _("Remind so many days before a paper expires"), _("As 30, 7")),
    Setting("expiry_task_hours", K.NUMBER, _("Staff have hours of opening when one has expired")),
    Setting("grace_days", K.NUMBER, _("Suspend so many days after a paper has expired")),
    Setting("corporate_limit", K.MONEY, _("A company's yearly turnover above which two people review it")),
    Setting("listed_countries", K.WORDS, _("Countries of high risk"), _("Two letters each, with commas: IR, KP")),
)
_ORDERS = (
    Setting("validate_direct", K.YES_NO, _("Look at every order that no quote came before")),
    Setting("validate_above", K.MONEY, _("Look at orders from quotes above"), _("Empty: at none."), optional=True),
    Setting("validation_hours", K.NUMBER, _("Staff have hours of opening to look")),
    Setting("payment_first", K.YES_NO, _("Deliver only what is paid")),
    Setting("pay_within_days", K.NUMBER, _("Cancel what is not paid within days")),
    Setting("fulfilment_hours", K.NUMBER, _("Staff have hours of opening for a line")),
)
_INVOICES = (
    Setting("due_days", K.NUMBER, _("To be paid within days")),
    Setting("dunning_days", K.NUMBERS, _("Remind so many days after it was due"), _("As 3, 10, 20")),
    Setting("hand_over_days", K.NUMBER, _("Becomes a task for staff so many days after it was due")),
    Setting("tax_rate_bp", K.PERCENT, _("Usual tax rate, in percent")),
    Setting("terms", K.LINES, _("Terms on paper"), optional=True),
    Setting("bank_name", K.TEXT, _("Bank"), optional=True),
    Setting("bank_account", K.TEXT, _("Account"), optional=True),
    Setting("iban", K.TEXT, _("IBAN"), optional=True),
    Setting("bic", K.TEXT, _("BIC"), optional=True),
    Setting("stamp_duty", K.YES_NO, _("Payments in cash cost stamp duty")),
    Setting("stamp_duty_minimum", K.MONEY, _("Stamp duty at least")),
    Setting(
        "factur_x", K.YES_NO, _("Invoices hold themselves as data"), _("Needs both countries and your tax number.")
    ),
)
_BOOKINGS = (
    Setting("hold_minutes", K.NUMBER, _("Keep a place for minutes until it is confirmed")),
    Setting("confirm_hours", K.NUMBER, _("Staff have hours to confirm")),
    Setting("no_show_minutes", K.NUMBER, _("Wait minutes for who has to check in")),
    Setting("remind_hours_before", K.NUMBERS, _("Remind so many hours before"), _("As 24, 2")),
    Setting("follow_up_hours", K.NUMBER, _("Write so many hours after the end"), _("Empty: never."), optional=True),
)
_MAIL = (
    Setting("reopen_on_reply", K.YES_NO, _("A reply to a closed ticket opens it again")),
    Setting("lists_open_tickets", K.YES_NO, _("Mails of lists and in bulk open tickets")),
    Setting("marked_from", K.NUMBER, _("Nothing answers by itself from points of spam"), _("0 to 100, as 30")),
    Setting("spam_from", K.NUMBER, _("No ticket is opened from points of spam"), _("0 to 100, as 60")),
    Setting(
        "company_domains",
        K.WORDS,
        _("Companies by their domain"),
        _("With commas, each as example.com=customer’s id: who proves an address there speaks for that customer."),
    ),
)

SECTIONS = {
    "company": Section(_("Your company"), _("What is printed on quotes, invoices and other papers."), _COMPANY),
    "tickets": Section(
        _("Tickets"),
        _("When customers are reminded, and when a ticket ends by itself."),
        _TICKETS,
        _(
            "A customer who owes you an answer is reminded after %(remind_after_days)s days; after %(give_up_days)s "
            "days the ticket is resolved, %(auto_close_days)s days later closed, and for %(reopen_window_days)s days "
            "more it can be opened again."
        ),
    ),
    "quotes": Section(
        _("Quotes"),
        _("How long they are valid, and which a manager sees first."),
        _QUOTES,
        _(
            "A quote with %(approval_discount_bp)s %% off can be sent at once, one with more needs a manager. It is "
            "valid for %(valid_days)s days, and the customer is reminded %(remind_days_before)s days before the end."
        ),
    ),
    "kyc": Section(
        _("Identity checks"),
        _("How long reviewers and customers have, and what becomes of papers that expire."),
        _KYC,
        _(
            "A paper that expires is announced %(expiry_remind_days)s days before; %(grace_days)s days after it has "
            "expired the customer is suspended."
        ),
    ),
    "callbacks": Section(
        _("Callbacks"),
        _("How long a wish to be called stays open."),
        (Setting("give_up_days", K.NUMBER, _("Given up after days without a call")),),
        _("A wish that nobody could fulfil is given up after %(give_up_days)s days."),
    ),
    "orders": Section(
        _("Orders"),
        _("Which are looked at first, and whether they are paid before they are delivered."),
        _ORDERS,
        _("Staff have %(fulfilment_hours)s hours of opening for each line of an order."),
    ),
    "invoices": Section(
        _("Invoices"),
        _("When they are due, and how one is reminded of them."),
        _INVOICES,
        _(
            "An invoice is to be paid within %(due_days)s days; who has not is reminded %(dunning_days)s days after "
            "that, and after %(hand_over_days)s days somebody of the staff takes it up."
        ),
    ),
    "bookings": Section(
        _("Bookings"),
        _("How long places are kept, and when people are reminded."),
        _BOOKINGS,
        _(
            "Who has booked is reminded %(remind_hours_before)s hours before. A place that is not confirmed is free "
            "again after %(hold_minutes)s minutes."
        ),
    ),
    "mail": Section(
        _("Mail"),
        _("What becomes of mail that comes in."),
        _MAIL,
        _(
            "A mail with %(marked_from)s points of spam opens a ticket that nothing answers by itself; one with "
            "%(spam_from)s points opens none."
        ),
    ),
}
"""By the API's names for them."""
