"""What the steps of an identity check change of the customer: its `kyc_status`, its suspension, and the end of that."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.cases.step import Step
from domain.customers.rules import transition
from domain.customers.states import CustomerStatus, KycStatus
from models.kyc import KycCase
from models.people import Customer
from stores.audit import record

SUSPENDED_BECAUSE = "The identity check has expired and was not renewed in time."


@dataclass(frozen=True)
class CustomerMoved:
    """What became of the customer: `values` are for the case's row."""

    customer: Customer
    before: CustomerStatus
    after: CustomerStatus
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def suspended(self) -> bool:
        """Whether this step has suspended the customer."""
        return self.before is not self.after and self.after is CustomerStatus.SUSPENDED

    async def record(self, session: AsyncSession, step: Step[Any]) -> None:
        """Leaves an audit entry when the customer's status has changed; call it last."""
        if self.before is not self.after:
            await record(
                session,
                step.tenant_id,
                step.actor.id,
                "customer.moved",
                entity_kind="customer",
                entity_id=self.customer.id,
                detail={"status": {"before": self.before, "after": self.after}},
                correlation_id=step.correlation_id,
            )


async def move_customer(
    session: AsyncSession,
    step: Step[Any],
    case: KycCase,
    customer: Customer,
    status: KycStatus | None,
    *,
    ends_grace: bool,
) -> CustomerMoved:
    """Moves the customer in the step's transaction. `status` is the case's new one, None when it stays; `ends_grace`
    says that the time to replace an expired document is over.

    Only an active customer is suspended, and only who was suspended by this case comes back with its approval.
    """
    values: dict[str, Any] = {} if status is None else {"kyc_status": status}
    told: dict[str, Any] = {}
    before, after = customer.status, customer.status
    if ends_grace and before is CustomerStatus.ACTIVE:
        after = transition(before, CustomerStatus.SUSPENDED)
        values |= {"status": after, "suspended_at": step.at, "suspended_reason": SUSPENDED_BECAUSE}
        told = {"suspended_customer": True}
    elif status is KycStatus.APPROVED and case.suspended_customer:
        if before is CustomerStatus.SUSPENDED:
            after = transition(before, CustomerStatus.ACTIVE)
            values |= {"status": after, "suspended_at": None, "suspended_reason": None}
        told = {"suspended_customer": False}
    if values:
        await session.execute(
            sa.update(Customer)
            .where(col(Customer.tenant_id) == step.tenant_id, col(Customer.id) == customer.id)
            .values(**values, updated_at=sa.func.now())
            .execution_options(synchronize_session=False)
        )
    return CustomerMoved(customer, before, after, told)
