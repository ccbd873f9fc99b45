"""Who has sent a mail: the account and the customer behind an address, which are made for whom nobody knew."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.customers.states import CustomerKind, CustomerStatus
from domain.mail.joining import Who
from domain.people.permissions import Permission
from models.mail import TicketParticipant
from models.people import Account, Customer, Membership, MembershipRole, Role, RolePermission
from models.plain import insert_of
from models.round_trips import send_with_next
from models.tickets import Ticket
from stores.address_proof import empty_unproven

CUSTOMERS_ROLE = "client"
"""The role of those who speak for a customer, as for who registers."""

ADMINS_ROLE = "admin"

_LOOK = "SELECT set_config('app.login_email', %s, true)"
"""As `models.database.look_as`, in one go with what is looked for."""

_ENDED = frozenset({CustomerStatus.SUSPENDED, CustomerStatus.INACTIVE})


@dataclass(frozen=True)
class Sender:
    """Somebody by an address in lower case. What is None is not there: an account, a place in this tenant, a customer
    that is spoken for. `works` says whether the person may answer customers, `unproven` that the account has a password
    and nobody has shown yet that the address is theirs."""

    address: str
    name: str
    account_id: UUID | None = None
    member: bool = False
    customer_id: UUID | None = None
    customer_status: CustomerStatus | None = None
    disabled: bool = False
    works: bool = False
    unproven: bool = False

    @property
    def staff(self) -> bool:
        """Whether the person belongs to the tenant rather than to a customer of it."""
        return self.member and self.customer_id is None

    @property
    def suspended(self) -> bool:
        """Whether nothing is taken from the person for now."""
        return self.disabled or self.customer_status in _ENDED


_MAY_ANSWER = (
    sa.select(col(MembershipRole.id))
    .join(Role, col(Role.id) == col(MembershipRole.role_id))
    .outerjoin(RolePermission, col(RolePermission.role_id) == col(Role.id))
    .where(
        col(MembershipRole.membership_id) == col(Membership.id),
        (col(RolePermission.permission) == Permission.TICKETS_WORK) | (col(Role.key) == ADMINS_ROLE),
    )
    .exists()
)


async def find_sender(session: AsyncSession, tenant_id: UUID, address: str, name: str) -> Sender:
    """Whoever has the address. The transaction then sees the account that has it, in whatever tenant that is."""
    send_with_next(session, (_LOOK, (address,)))
    row: Any = (
        await session.execute(
            sa.select(
                col(Account.id),
                col(Account.disabled_at).is_not(None).label("disabled"),
                col(Membership.id).label("membership_id"),
                col(Membership.customer_id),
                col(Customer.status),
                sa.and_(col(Membership.id).is_not(None), _MAY_ANSWER).label("works"),
                sa.and_(col(Account.email_verified_at).is_(None), col(Account.password_hash).is_not(None)).label(
                    "unproven"
                ),
            )
            .outerjoin(
                Membership, (col(Membership.account_id) == col(Account.id)) & (col(Membership.tenant_id) == tenant_id)
            )
            .outerjoin(Customer, col(Customer.id) == col(Membership.customer_id))
            .where(col(Account.email) == address)
        )
    ).one_or_none()
    if row is None:
        return Sender(address, name)
    member = row.membership_id is not None
    works = member and row.works
    return Sender(address, name, row.id, member, row.customer_id, row.status, row.disabled, works, row.unproven)


async def who_is(session: AsyncSession, sender: Sender, ticket: Ticket | None) -> Who:
    """What a sender is to a ticket, or to the tenant where there is none."""
    if sender.staff:
        return Who.STAFF
    if ticket is None:
        return Who.STRANGER
    if sender.account_id == ticket.requester_id and sender.member:
        return Who.REQUESTER
    if sender.customer_id == ticket.customer_id:
        return Who.COLLEAGUE
    if await _is_address_of(session, ticket.customer_id, sender.address):
        return Who.COLLEAGUE
    taking_part = sa.select(col(TicketParticipant.id)).where(
        col(TicketParticipant.ticket_id) == ticket.id,
        col(TicketParticipant.address) == sender.address,
        col(TicketParticipant.removed_at).is_(None),
    )
    return Who.PARTICIPANT if await session.scalar(taking_part) else Who.STRANGER


async def with_account(session: AsyncSession, sender: Sender) -> Sender:
    """The sender with an account; one that is made now has no password, and one whose address was never proven keeps
    none: whoever has registered a stranger's address would read what the stranger writes."""
    if sender.account_id:
        if sender.unproven:
            await empty_unproven(session, sender.account_id)
        return sender
    made = (
        insert(Account)
        .values(id=uuid7(), email=sender.address, full_name=sender.name)
        .on_conflict_do_nothing(index_elements=["email"])
    )
    account_id = await session.scalar(made.returning(col(Account.id)))
    if account_id is None:
        # It was registered just now.
        registered = sa.select(col(Account.id)).where(col(Account.email) == sender.address)
        account_id = (await session.scalars(registered)).one()
        await empty_unproven(session, account_id)
    return replace(sender, account_id=account_id)


async def with_customer(session: AsyncSession, tenant_id: UUID, sender: Sender, company_id: UUID | None) -> Sender:
    """The sender as somebody who speaks for a customer: for `company_id`, if there is such a one, else for the customer
    with this address whom nobody speaks for yet, else for one that is made now and is pending. Staff keep their place
    and speak for nobody; the customer bears their address."""
    sender = await with_account(session, sender)
    if sender.customer_id or sender.account_id is None:
        return sender
    customer = await _customer_for(session, tenant_id, sender, company_id)
    if not sender.member:
        await _speaks_for(session, tenant_id, sender.account_id, customer.id)
    return replace(sender, member=True, customer_id=customer.id, customer_status=customer.status)


async def is_suspended(session: AsyncSession, customer_id: UUID) -> bool:
    """Whether a customer is suspended or ended."""
    return await session.scalar(sa.select(col(Customer.status)).where(col(Customer.id) == customer_id)) in _ENDED


async def _customer_for(session: AsyncSession, tenant_id: UUID, sender: Sender, company_id: UUID | None) -> Customer:
    if company_id and (company := await session.get(Customer, company_id)):
        return company
    spoken_for = sa.exists().where(col(Membership.customer_id) == col(Customer.id))
    found: Customer | None = await session.scalar(
        sa.select(Customer)
        .where(sa.func.lower(col(Customer.email)) == sender.address, ~spoken_for)
        .order_by(col(Customer.created_at), col(Customer.id))
        .limit(1)
    )
    if found:
        return found
    made = Customer(
        id=uuid7(),
        tenant_id=tenant_id,
        kind=CustomerKind.INDIVIDUAL,
        name=sender.name,
        email=sender.address,
        status=CustomerStatus.PENDING,
    )
    send_with_next(session, insert_of(made))
    return made


async def _speaks_for(session: AsyncSession, tenant_id: UUID, account_id: UUID, customer_id: UUID) -> None:
    """Makes the account a member who speaks for the customer, with the role of those."""
    member = (
        insert(Membership)
        .values(id=uuid7(), tenant_id=tenant_id, account_id=account_id, customer_id=customer_id)
        .on_conflict_do_nothing(index_elements=["tenant_id", "account_id"])
        .returning(col(Membership.id))
        .cte("member")
    )
    role = (
        sa.select(sa.func.uuidv7(), sa.literal(tenant_id, sa.Uuid), member.c.id, col(Role.id))
        .join_from(Role, member, sa.true())
        .where(col(Role.key) == CUSTOMERS_ROLE, col(Role.tenant_id) == tenant_id)
    )
    columns = ["id", "tenant_id", "membership_id", "role_id"]
    await session.execute(insert(MembershipRole).from_select(columns, role, include_defaults=False))


async def _is_address_of(session: AsyncSession, customer_id: UUID, address: str) -> bool:
    found = await session.scalar(
        sa.select(col(Customer.id)).where(
            col(Customer.id) == customer_id, sa.func.lower(col(Customer.email)) == address
        )
    )
    return found is not None
