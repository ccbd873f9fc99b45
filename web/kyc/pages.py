"""What the pages of a customer's identity check show."""

from dataclasses import dataclass

from api.http.problems import not_found
from api.kyc.routes import find_kyc
from api.kyc.schemas import DocumentView, KycView, RequirementView
from domain.customers.states import KycStatus
from domain.kyc.rules import DocumentStatus
from web.http.reading import read
from web.http.visits import Visit

_OPEN = (KycStatus.NONE, KycStatus.COLLECTING, KycStatus.CHANGES_REQUESTED)
_OVER = (DocumentStatus.REJECTED, DocumentStatus.EXPIRED)


@dataclass(frozen=True)
class Step:
    """One thing that has to be shown, and what was handed in for it last."""

    requirement: RequirementView
    document: DocumentView | None

    @property
    def waits_for_customer(self) -> bool:
        """Whether the customer has to hand something in."""
        return self.document is None or self.document.status in _OVER


@dataclass(frozen=True)
class Check:
    """The identity check as its customer sees it."""

    kyc: KycView
    steps: list[Step]

    @property
    def is_complete(self) -> bool:
        """Whether all has been handed in."""
        return not self.kyc.missing

    @property
    def can_be_submitted(self) -> bool:
        """Whether it is for the customer to ask for the review."""
        waits = any(step.document and step.document.status is DocumentStatus.UPLOADED for step in self.steps)
        return self.kyc.status in _OPEN or (waits and self.kyc.status is not KycStatus.UNDER_REVIEW)

    def step(self, name: str) -> Step:
        """The step of this name. Raises 404."""
        found = next((step for step in self.steps if step.requirement.name == name), None)
        if found is None:
            raise not_found("step")
        return found


def case_of(visit: Visit) -> str:
    """The API's path of the visitor's own identity check. Raises 403."""
    return f"/customers/{visit.caller.own_customer()}/kyc"


async def check_of(visit: Visit) -> Check:
    """The visitor's own identity check."""
    kyc = await read(visit, find_kyc, customer_id=visit.caller.own_customer())
    return Check(kyc, [Step(required, _last(kyc, required)) for required in kyc.required])


def _last(kyc: KycView, required: RequirementView) -> DocumentView | None:
    given = [each for each in kyc.documents if each.type in required.one_of and not each.replaced_at]
    return max(given, key=lambda each: each.uploaded_at, default=None)
