"""What a tenant may set about the checks of its customers' identity."""

from dataclasses import dataclass

from domain.settings import TenantSettings


@dataclass(frozen=True)
class KycSettings(TenantSettings):
    """Hours are of opening of the tenant's calendar, days round the clock.

    `corporate_limit` is a company's yearly turnover with the tenant in minor units, above which two people review it;
    `listed_countries` (ISO 3166-1 alpha-2) are those of high risk. `grace_days` after a document has expired the
    customer is suspended.
    """

    section = "kyc"

    review_hours: int = 24
    review_remind_hours: tuple[int, ...] = (4,)
    review_escalate_hours: tuple[int, ...] = (0, 8)
    changes_days: int = 14
    changes_remind_days: tuple[int, ...] = (7, 2)
    expiry_remind_days: tuple[int, ...] = (30, 7)
    expiry_task_hours: int = 24
    grace_days: int = 14
    corporate_limit: int = 1_000_000_000
    listed_countries: tuple[str, ...] = ("IR", "KP", "MM")
