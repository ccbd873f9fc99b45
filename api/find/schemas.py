"""What is found, as it is read."""

from uuid import UUID

from api.http.payloads import View
from domain.cases import CaseKind


class CaseFound(View):
    """A case; `title` is what people say that it is about, where its kind has that."""

    kind: CaseKind
    id: UUID
    number: str
    title: str | None = None


class NameFound(View):
    """A person or a customer."""

    id: UUID
    name: str


class FoundView(View):
    """What the words have found: at most eight of each."""

    cases: list[CaseFound]
    customers: list[NameFound]
    people: list[NameFound]
