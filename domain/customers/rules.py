"""The life of a customer: who may be activated, suspended and ended, and which customers' people may still act."""

from domain.customers.states import CustomerStatus, KycStatus
from domain.refusal import Refusal

TRANSITIONS: dict[CustomerStatus, frozenset[CustomerStatus]] = {
    CustomerStatus.PENDING: frozenset({CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED, CustomerStatus.INACTIVE}),
    CustomerStatus.ACTIVE: frozenset({CustomerStatus.SUSPENDED, CustomerStatus.INACTIVE}),
    CustomerStatus.SUSPENDED: frozenset({CustomerStatus.ACTIVE, CustomerStatus.INACTIVE}),
    CustomerStatus.INACTIVE: frozenset({CustomerStatus.ACTIVE}),
}


def transition(status: CustomerStatus, to: CustomerStatus) -> CustomerStatus:
    """The state after the change. Raises Refusal `customer_transition` when there is no way from one to the other."""
    if to not in TRANSITIONS[status]:
        raise Refusal("customer_transition", f"A customer that is {status} cannot become {to}.")
    return to


def activate(status: CustomerStatus, kyc: KycStatus) -> CustomerStatus:
    """The state of the customer once activated. Raises Refusal `customer_transition`, or `kyc_incomplete` while its
    identity has not been approved."""
    active = transition(status, CustomerStatus.ACTIVE)
    if kyc is not KycStatus.APPROVED:
        raise Refusal("kyc_incomplete", "The customer's identity check has not been approved yet.")
    return active


def may_act(status: CustomerStatus | None) -> None:
    """Checks that people of a customer with this status may change things; None stands for people who speak for no
    customer, such as staff.

    Raises Refusal `customer_suspended` or `customer_inactive`.
    """
    if status is CustomerStatus.SUSPENDED:
        raise Refusal("customer_suspended", "This customer is suspended: its people can read, and change nothing.")
    if status is CustomerStatus.INACTIVE:
        raise Refusal("customer_inactive", "This customer has been ended: its people can read, and change nothing.")
