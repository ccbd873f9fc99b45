"""What a tenant may set about mail that comes in."""

import re
from dataclasses import dataclass
from uuid import UUID

from domain.settings import TenantSettings

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True)
class MailSettings(TenantSettings):
    """`reopen_on_reply`: a reply to a closed ticket opens it again, as long as it can be, instead of opening a new one.
    `lists_open_tickets`: so do mails of lists and in bulk. From `marked_from` points of spam on nothing answers by
    itself, from `spam_from` on no ticket is opened. `company_domains` holds `example.com=<customer's id>` for companies
    of which everybody who proves an address there is one.
    """

    section = "mail"

    reopen_on_reply: bool = False
    lists_open_tickets: bool = False
    marked_from: int = 30
    spam_from: int = 60
    company_domains: tuple[str, ...] = ()

    def company_of(self, address: str) -> UUID | None:
        """The customer that an address belongs to by its domain."""
        domain = address.rpartition("@")[2]
        named = map(company_domain, self.company_domains)
        return next((customer_id for name, customer_id in named if name == domain), None)


def company_domain(text: str) -> tuple[str, UUID]:
    """The domain, in lower case, and the customer's id of an entry of `company_domains`. Raises ValueError."""
    domain, _, customer_id = text.strip().partition("=")
    domain = domain.strip().lower()
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("must be as example.com=<id of a customer>")
    return domain, UUID(customer_id.strip())
