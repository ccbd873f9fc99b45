"""What goes in and out of the routes of mail rules."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.payloads import Name, Payload, Stored, View
from domain.mail.rules import Comparison as By
from domain.mail.rules import Field as Of
from domain.tickets.rules import TicketPriority

Value = Annotated[Stored, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=False)]


class ConditionBody(Payload):
    """What has to hold of a mail, in any case of letters. A `score` is compared by `is`: it is so high at least."""

    field: Of
    test: By
    value: Value
    header: Annotated[str | None, Field(max_length=100, pattern=r"^[!-9;-~]+$", description="Which header.")] = None


class ChoicesBody(Payload):
    """What is done with a mail of which all conditions hold."""

    priority: TicketPriority | None = None
    category_id: UUID | None = None
    group_id: UUID | None = None
    tag: Annotated[str | None, Field(min_length=1, max_length=50, pattern=r"^[\w-]+$")] = None
    ignore: bool = False
    spam: bool = False
    no_answer: bool = False


class RuleBody(Payload):
    name: Name
    active: bool = True
    conditions: Annotated[list[ConditionBody], Field(max_length=20)] = []
    choices: ChoicesBody


class RuleOrderBody(Payload):
    """All of the rules, in the order in which they are to be tried."""

    rule_ids: Annotated[list[UUID], Field(max_length=500)]


class ConditionView(View):
    field: Of
    test: By
    value: str
    header: str | None = None


class ChoicesView(View):
    """What is chosen; what is null or false is not."""

    priority: TicketPriority | None = None
    category_id: UUID | None = None
    group_id: UUID | None = None
    tag: str | None = None
    ignore: bool = False
    spam: bool = False
    no_answer: bool = False


class RuleView(View):
    id: UUID
    name: str
    place: int
    active: bool
    conditions: list[ConditionView]
    choices: ChoicesView
    updated_at: datetime


class DryRunBody(Payload):
    """Rules to be tried, in their order, in place of those that there are."""

    rules: Annotated[list[RuleBody] | None, Field(max_length=100)] = None


class RuleCountView(View):
    """How many mails a rule would have chosen something for."""

    rule: str
    rule_id: UUID | None
    mails: int


class DryRunMailView(View):
    """A mail for which rules would have chosen something: what, and which rule by which words."""

    mail_id: UUID
    received_at: datetime
    subject: str | None
    sender_address: str | None
    choices: ChoicesView
    because: list[dict[str, Any]]


class DryRunView(View):
    looked_at: int
    rules: list[RuleCountView]
    mails: list[DryRunMailView]
