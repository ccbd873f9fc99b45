"""The door of quotes among workflows: what other lifecycles may ask of one."""

from uuid import UUID

from domain.cases import Ask, CaseKind
from workflows.parts.messages import Command


def convert(quote_id: UUID) -> Ask:
    """Tells it that an order has come of it."""
    return Ask.of(CaseKind.QUOTE, quote_id, "convert", Command)
