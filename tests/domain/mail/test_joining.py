"""Who may join a ticket: what names it x who writes x what is proven x what state it is in, every cell."""

from itertools import product
from uuid import uuid4

import pytest

from domain.mail.joining import Hold, Join, Link, Own, Way, Who, way
from domain.mail.naming import Named, NamedBy
from domain.mail.states import HeldFor, Verdict

SECRETS = [each for each in NamedBy if each.secret]
TAKING_PART = [Who.REQUESTER, Who.COLLEAGUE, Who.PARTICIPANT]
UNAUTHENTICATED, STAFF_UNPROVEN = Hold(HeldFor.UNAUTHENTICATED), Hold(HeldFor.STAFF_UNPROVEN)


def named(by: NamedBy | None, *, own: bool = False) -> Named | None:
    return Named(uuid4(), by, uuid4() if own else None) if by else None


def expected(who: Who, by: NamedBy | None, verdict: Verdict, closed: bool, reopens: bool) -> Way:
    """The table of the specification, line by line."""
    if verdict is Verdict.FAIL:
        return UNAUTHENTICATED
    if who is Who.STAFF:
        return STAFF_UNPROVEN
    if by is None:
        return Own()
    if who is Who.STRANGER:
        return Own(Link.SUGGESTED)
    joins = by in SECRETS or verdict is Verdict.PASS
    if joins and not closed:
        return Join()
    return Join(reopens=True) if joins and reopens else Own(Link.LINKED)


def test_every_cell() -> None:
    cells = list(product(Who, [None, *NamedBy], Verdict, (False, True), (False, True)))
    assert len(cells) == 5 * 7 * 3 * 4
    for who, by, verdict, closed, reopens in cells:
        goes = way(who, named(by), verdict, closed=closed, reopens=reopens)
        assert goes == expected(who, by, verdict, closed, reopens), (who, by, verdict, closed, reopens)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("verdict", "goes"),
    [
        (Verdict.PASS, Join(as_staff=True, reopens=True)),
        (Verdict.NONE, STAFF_UNPROVEN),
        (Verdict.FAIL, UNAUTHENTICATED),
    ],
)
def test_staff_answer_by_their_own_address_and_proven_only(verdict: Verdict, goes: Way, closed: bool) -> None:
    assert way(Who.STAFF, named(NamedBy.REPLY_ADDRESS, own=True), verdict, closed=closed) == goes


@pytest.mark.parametrize("who", [*TAKING_PART, Who.STRANGER])
def test_an_address_of_somebody_elses_makes_nobody_staff(who: Who) -> None:
    goes = way(who, named(NamedBy.REPLY_ADDRESS, own=True), Verdict.PASS)
    assert not (isinstance(goes, Join) and goes.as_staff)
