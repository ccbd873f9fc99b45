"""Forms: what a decision's fields may hold, and the JSON Schema that says so."""

from typing import Any

import pytest

from domain.refusal import Refusal
from domain.tasks.form import FieldType, FormField, check_fields, json_schema, without_words

FORM = (
    FormField(name="colour", type=FieldType.CHOICE, title="Colour", options=("red", "blue"), required_for=("approve",)),
    FormField(name="marks", type=FieldType.CHOICES, title="Marks", options=("good", "bad"), subjects=("a", "b")),
    FormField(name="until", type=FieldType.DATE, title="Until"),
    FormField(name="days", type=FieldType.NUMBER, title="Days", minimum=1, maximum=14),
    FormField(name="urgent", type=FieldType.FLAG, title="Urgent"),
    FormField(name="note", type=FieldType.TEXT, title="Note"),
)
GOOD: dict[str, Any] = {
    "colour": "red",
    "marks": {"a": "good"},
    "until": "2026-12-24",
    "days": 14,
    "urgent": False,
}


def test_what_fits_is_taken_with_or_without_words() -> None:
    check_fields(FORM, "approve", GOOD)
    check_fields(FORM, "approve", GOOD | {"note": "Fine"}, with_words=True)
    check_fields(FORM, "reject", {})
    assert without_words(FORM, GOOD | {"note": "Fine", "strange": 1}) == GOOD


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "green"},
        {"colour": ["red"]},
        {"colour": None},
        {"marks": {"c": "good"}},
        {"marks": {"a": "ugly"}},
        {"marks": "good"},
        {"until": "2026-02-30"},
        {"until": "20261224"},
        {"until": 7},
        {"days": 0},
        {"days": 15},
        {"days": True},
        {"days": 1.5},
        {"urgent": "yes"},
        {"strange": 1},
        {"note": "Words are not for the workflow"},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refusal:
        check_fields(FORM, "approve", GOOD | wrong)
    assert refusal.value.code == "field_invalid"
    assert "ords are" not in refusal.value.sentence


def test_what_a_decision_needs_is_missed() -> None:
    with pytest.raises(Refusal, match="colour"):
        check_fields(FORM, "approve", {})


def test_the_schema_describes_the_body() -> None:
    schema = json_schema(FORM, ("approve", "reject"), ("reject",))
    fields = schema["properties"]["fields"]
    assert fields["additionalProperties"] is False
    assert fields["properties"]["marks"]["properties"].keys() == {"a", "b"}
    assert fields["properties"]["days"] == {"title": "Days", "type": "integer", "minimum": 1, "maximum": 14}
    assert schema["properties"]["decision"] == {"enum": ["approve", "reject"]}
    needed = {condition["if"]["properties"]["decision"]["const"]: condition["then"] for condition in schema["allOf"]}
    assert needed["reject"] == {"required": ["reason"]}
    assert needed["approve"]["properties"]["fields"] == {"required": ["colour"]}
