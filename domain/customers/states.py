"""Customers and their life, as the business names it."""

from enum import StrEnum


class CustomerKind(StrEnum):
    INDIVIDUAL = "individual"
    CORPORATE = "corporate"


class CustomerStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    INACTIVE = "inactive"


class KycStatus(StrEnum):
    """Where the check of a customer's identity stands; `none` before it has begun."""

    NONE = "none"
    COLLECTING = "collecting"
    UNDER_REVIEW = "under_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
