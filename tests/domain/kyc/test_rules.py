"""Which documents an identity check accepts, and how their status may change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.customers.states import CustomerKind, KycStatus
from domain.kyc import rules
from domain.kyc.review import choices_for, review_of
from domain.kyc.rules import Document, DocumentStatus, DocumentType, Risk
from domain.kyc.settings import KycSettings
from domain.refusal import Refusal
from domain.tasks.rules import Decision

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
INDIVIDUAL, CORPORATE = CustomerKind.INDIVIDUAL, CustomerKind.CORPORATE


def document(kind: str = "passport", status: str = "uploaded", **given: Any) -> Document:
    return Document(id=uuid4(), type=DocumentType(kind), uploader_id=uuid4(), status=DocumentStatus(status), **given)


def refused(code: str):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def test_any_identity_will_do_and_each_kind_needs_its_own() -> None:
    assert rules.missing(INDIVIDUAL, [], NOW) == ("identity", "proof_of_address")
    for identity in ("national_id", "passport", "driving_licence"):
        assert rules.missing(INDIVIDUAL, [document(identity)], NOW) == ("proof_of_address",)
    papers = [document(kind) for kind in ("company_registration", "tax_certificate", "passport")]
    assert rules.missing(CORPORATE, papers, NOW) == ()
    assert rules.missing(CORPORATE, papers[:1], NOW) == ("tax_certificate", "identity")
    with refused("documents_missing"):
        rules.require_complete(CORPORATE, papers[1:], NOW)


@pytest.mark.parametrize(
    "worthless",
    [
        {"status": "rejected"},
        {"status": "expired"},
        {"replaced": True},
        {"removed": True},
        {"expires_at": NOW},
    ],
)
def test_what_counts_no_more_is_missing(worthless: dict[str, Any]) -> None:
    assert "identity" in rules.missing(INDIVIDUAL, [document(**worthless)], NOW)


@pytest.mark.parametrize(
    ("issued", "expires", "code"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), "dates_impossible"),
        (date(1899, 12, 31), None, "dates_impossible"),
        (None, date(2200, 1, 2), "dates_impossible"),
        (date(2026, 11, 21), None, "issued_in_future"),
        (None, date(2026, 11, 19), "document_expired"),
    ],
)
def test_dates_that_cannot_be(issued: date | None, expires: date | None, code: str) -> None:
    midnight = datetime.min.time()
    ends = datetime.combine(expires, midnight, UTC) + timedelta(days=1) if expires else None
    begins = datetime.combine(issued, midnight, UTC) if issued else None
    with refused(code):
        rules.check_dates(document(issued_on=issued, expires_on=expires, expires_at=ends), begins, NOW)


def test_a_document_is_good_on_its_last_day() -> None:
    last = document(expires_on=NOW.date(), expires_at=datetime(2026, 11, 21, tzinfo=UTC))
    rules.check_dates(last, NOW, NOW)
    assert last.counts(NOW)


def test_one_of_a_type_waits_at_a_time() -> None:
    waiting = document()
    with refused("document_pending"):
        rules.add([waiting], document())
    rules.add([waiting], document("national_id"))
    rules.add([replace(waiting, removed=True), replace(waiting, status=DocumentStatus.REJECTED)], document())


def test_an_approval_takes_all_that_waits_and_replaces_what_it_follows() -> None:
    old, fresh, other = document(status="expired"), document(), document("proof_of_address", "approved")
    assert rules.replaces([old, other], fresh)
    changed = {one.id: one for one in rules.approved([old, fresh, other], NOW)}
    assert changed.keys() == {old.id, fresh.id}
    assert (changed[fresh.id].status, changed[fresh.id].decided_at) == (DocumentStatus.APPROVED, NOW)
    assert (changed[old.id].status, changed[old.id].replaced) == (DocumentStatus.EXPIRED, True)
    assert not rules.replaces(changed.values(), document("national_id"))


def test_a_rejection_is_of_all_and_requested_changes_of_what_was_named() -> None:
    first, second = document(), document("proof_of_address")
    assert {one.id for one in rules.rejected([first, second], NOW)} == {first.id, second.id}
    choices = {str(first.id): "rejected", str(second.id): "approved"}
    assert [one.id for one in rules.rejected([first, second], NOW, choices)] == [first.id]


@pytest.mark.parametrize(
    ("kind", "volume", "countries", "by_hand", "risk"),
    [
        (INDIVIDUAL, 10_000, ["DZ"], None, Risk.NORMAL),
        (INDIVIDUAL, 10_000, [None, "XX"], None, Risk.HIGH),
        (CORPORATE, 1_000, ["DZ"], None, Risk.NORMAL),
        (CORPORATE, 1_001, ["DZ"], None, Risk.HIGH),
        (INDIVIDUAL, 1_001, ["DZ"], None, Risk.NORMAL),
        (CORPORATE, None, [None], Risk.HIGH, Risk.HIGH),
        (CORPORATE, 1_001, ["XX"], Risk.NORMAL, Risk.NORMAL),
    ],
)
def test_risk(
    kind: CustomerKind, volume: int | None, countries: list[str | None], by_hand: Risk | None, risk: Risk
) -> None:
    found = rules.risk_of(kind, volume, countries, set_by_hand=by_hand, corporate_limit=1_000, listed=("XX",))
    assert found is risk


@pytest.mark.parametrize("status", KycStatus)
def test_every_state_knows_where_it_leads(status: KycStatus) -> None:
    for to in KycStatus:
        if to in rules.TRANSITIONS[status]:
            assert rules.transition(status, to) is to
        else:
            with refused("kyc_under_review" if status is KycStatus.UNDER_REVIEW else "kyc_transition"):
                rules.transition(status, to)


def test_the_form_asks_for_what_waits_only() -> None:
    waiting, decided = document(), document("proof_of_address", "approved")
    task = review_of([waiting, decided], KycSettings())
    assert task["form"][0].subjects == (str(waiting.id),)
    assert task["excluded"] == (waiting.uploader_id,)
    with refused("field_invalid"):
        choices_for(Decision.APPROVE, {"documents": {str(waiting.id): "rejected"}})


def test_settings_have_defaults_and_are_read_from_json() -> None:
    assert KycSettings.of({}) == KycSettings()
    read = KycSettings.of({"listed_countries": ["FR"], "grace_days": 3, "unknown": 1})
    assert (read.listed_countries, read.grace_days) == (("FR",), 3)
