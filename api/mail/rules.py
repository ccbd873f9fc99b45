"""A tenant's rules for mail that comes in, and trying them out."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.http.problems import Problem, conflict, field_error, not_found
from api.http.references import require_there
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.mail.rule_schemas import ChoicesBody, DryRunBody, DryRunView, RuleBody, RuleOrderBody, RuleView
from api.mail.trying import as_rule, try_out
from domain.mail.rules import Condition, RuleFault
from domain.people.permissions import Permission
from models.mail import MailRule
from models.tickets import AgentGroup, TicketCategory
from stores.mail.rules import active_rules

router = Router(prefix="/mail/rules", tags=["mail"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.MAIL_READ))]
Manager = Annotated[Caller, Depends(needs(Permission.MAIL_MANAGE))]

MOST_RULES = 500


@router.get("")
async def list_mail_rules(caller: Reader, service: Service) -> list[RuleView]:
    """All rules, in the order in which they are tried: for each thing that is chosen the first that chooses it
    counts."""
    async with service.database.glance(caller.tenant_id) as session:
        return [_view(row) for row in await session.scalars(_in_order(caller))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=RuleView)
async def create_mail_rule(body: RuleBody, asked: AskingAnewDep, caller: Manager) -> Response:
    """Adds a rule, to be tried after those that there are."""
    _require_possible(body)

    async def create(session: AsyncSession) -> UUID:
        await _require_references(session, caller, body.choices)
        there = sa.select(sa.func.count(), sa.func.max(col(MailRule.place))).where(
            col(MailRule.tenant_id) == caller.tenant_id
        )
        count, last = (await session.execute(there)).one()
        if count >= MOST_RULES:
            raise conflict("too_many_rules", f"There are {MOST_RULES} rules already.")
        rule = MailRule(tenant_id=caller.tenant_id, place=0 if last is None else last + 1, **_columns(body))
        session.add(rule)
        await session.flush()
        await audit(session, caller, "mail_rule.created", "mail_rule", rule.id, {"place": rule.place})
        return rule.id

    async def read(session: AsyncSession, rule_id: UUID) -> RuleView:
        return _view(await _find(session, caller, rule_id))

    return await create_once(asked, caller, "mail_rule.create", create=create, at="/mail/rules/{}", read=read)


@router.put("/order")
async def order_mail_rules(body: RuleOrderBody, caller: Manager, service: Service) -> list[RuleView]:
    """Puts the rules in another order. 409 `rules_changed` when these are not all rules that there are."""
    async with service.database.transaction(caller.tenant_id) as session:
        rules = {row.id: row for row in await session.scalars(_in_order(caller).with_for_update())}
        if sorted(rules) != sorted(body.rule_ids):
            raise conflict("rules_changed", "These are not the rules that there are: read them again.")
        for place, rule_id in enumerate(body.rule_ids):
            rules[rule_id].place = place
        await session.flush()
        await audit(session, caller, "mail_rules.ordered", "tenant", caller.tenant_id, {"rule_ids": body.rule_ids})
        return [_view(rules[rule_id]) for rule_id in body.rule_ids]


@router.post("/dry-run")
async def try_mail_rules(body: DryRunBody, caller: Manager, service: Service) -> DryRunView:
    """What rules would have done with the last 1,000 mails: those of the body, else the active ones. Nothing
    changes."""
    for place, each in enumerate(body.rules or ()):
        _require_possible(each, f"rules.{place}.")
    async with service.database.transaction(caller.tenant_id) as session:
        if body.rules is None:
            rules = await active_rules(session)
        else:
            rules = [as_rule(str(place), each) for place, each in enumerate(body.rules) if each.active]
        return await try_out(session, caller.tenant_id, rules, stored=body.rules is None)


@router.get("/{rule_id}")
async def get_mail_rule(rule_id: UUID, caller: Reader, service: Service) -> RuleView:
    """One rule."""
    async with service.database.glance(caller.tenant_id) as session:
        return _view(await _find(session, caller, rule_id))


@router.put("/{rule_id}")
async def replace_mail_rule(rule_id: UUID, body: RuleBody, caller: Manager, service: Service) -> RuleView:
    """Replaces a rule; it keeps its place."""
    _require_possible(body)
    async with service.database.transaction(caller.tenant_id) as session:
        rule = await _find(session, caller, rule_id, lock=True)
        await _require_references(session, caller, body.choices)
        changed = [name for name, value in _columns(body).items() if getattr(rule, name) != value]
        for name, value in _columns(body).items():
            setattr(rule, name, value)
        rule.updated_at = datetime.now(UTC)
        await session.flush()
        if changed:
            await audit(session, caller, "mail_rule.replaced", "mail_rule", rule_id, {"fields": sorted(changed)})
        return _view(rule)


@router.delete("/{rule_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_mail_rule(rule_id: UUID, caller: Manager, service: Service) -> None:
    """Takes a rule away."""
    async with service.database.transaction(caller.tenant_id) as session:
        rule = await _find(session, caller, rule_id, lock=True)
        await session.delete(rule)
        await session.flush()
        await audit(session, caller, "mail_rule.deleted", "mail_rule", rule_id)


def _in_order(caller: Caller) -> sa.Select[MailRule]:
    whose = sa.select(MailRule).where(col(MailRule.tenant_id) == caller.tenant_id)
    return whose.order_by(col(MailRule.place), col(MailRule.id))


async def _find(session: AsyncSession, caller: Caller, rule_id: UUID, *, lock: bool = False) -> MailRule:
    query = sa.select(MailRule).where(col(MailRule.tenant_id) == caller.tenant_id, col(MailRule.id) == rule_id)
    rule: MailRule | None = await session.scalar(query.with_for_update() if lock else query)
    if rule is None:
        raise not_found("rule")
    return rule


def _columns(body: RuleBody) -> dict[str, Any]:
    return {
        "name": body.name,
        "active": body.active,
        "conditions": [each.model_dump(mode="json") for each in body.conditions],
        "choices": body.choices.model_dump(mode="json", exclude_defaults=True),
    }


def _view(rule: MailRule) -> RuleView:
    return RuleView.model_validate(rule.model_dump())


def _require_possible(body: RuleBody, path: str = "") -> None:
    """Raises Problem 422 for a condition that cannot be, and for a rule that chooses nothing."""
    for place, each in enumerate(body.conditions):
        try:
            Condition.of(each.model_dump())
        except RuleFault as fault:
            raise _impossible(fault, f"{path}conditions.{place}") from None
    if not body.choices.model_dump(exclude_defaults=True):
        raise field_error(f"{path}choices", "nothing_chosen", "A rule chooses something.")


def _impossible(fault: RuleFault, path: str) -> Problem:
    match fault.code:
        case "pattern_too_long":
            return field_error(f"{path}.value", "pattern_too_long", "A pattern has at most 500 characters.")
        case "score_invalid":
            return field_error(f"{path}.value", "score_invalid", "A score is a number, and is compared by `is`.")
        case "header_missing":
            return field_error(f"{path}.header", "header_missing", "Say which header is looked at.")
        case _:
            return field_error(f"{path}.value", "pattern_invalid", "This is no regular expression of RE2.")


async def _require_references(session: AsyncSession, caller: Caller, choices: ChoicesBody) -> None:
    await require_there(session, caller.tenant_id, TicketCategory, choices.category_id, "choices.category_id")
    await require_there(session, caller.tenant_id, AgentGroup, choices.group_id, "choices.group_id")
