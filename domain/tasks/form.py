"""The form of a task: which fields a decision takes. They are checked here; clients draw the form from its JSON
Schema."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from domain.refusal import Refusal

LONGEST_TEXT = 1_000
FIELDS = "fields"
"""Where a decision's body has the fields of the form."""


class FieldType(StrEnum):
    """`choices` and `texts` hold one for each of the field's subjects, by the subject's id."""

    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    TEXTS = "texts"


WORDS = frozenset({FieldType.TEXT, FieldType.TEXTS})
"""The types of free text: kept in the database, and never passed to a workflow."""


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field. `required_for` names decisions that cannot do without it; `minimum` and `maximum` bound a number."""

    name: str
    type: FieldType
    title: str
    options: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    required_for: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


Form = tuple[FormField, ...]


def check_fields(form: Form, decision: str, fields: dict[str, Any], *, with_words: bool = False) -> None:
    """Raises Refusal `field_invalid` for a field that is unknown, missing or not of its type.

    Free-text fields are expected only with `with_words`; without, they count as unknown.
    """
    expected = {field.name: field for field in form if with_words or field.type not in WORDS}
    # The names come from a person, and a refusal is written into a history: it must not repeat them.
    if not fields.keys() <= expected.keys():
        raise Refusal("field_invalid", f"This task takes these fields only: {', '.join(expected) or 'none'}.")
    for field in expected.values():
        if field.name in fields:
            if fault := _fault(field, fields[field.name]):
                sentence = f"The field {field.name} is not valid: see the form of the task."
                raise Refusal("field_invalid", sentence, field=f"{FIELDS}.{fault}")
        elif decision in field.required_for:
            sentence = f"The field {field.name} is needed to {decision.replace('_', ' ')}."
            raise Refusal("field_invalid", sentence, field=f"{FIELDS}.{field.name}")


def without_words(form: Form, fields: dict[str, Any]) -> dict[str, Any]:
    """The given fields without the free text."""
    plain = {field.name for field in form if field.type not in WORDS}
    return {name: value for name, value in fields.items() if name in plain}


def json_schema(form: Form, decisions: Iterable[str], need_reason: Iterable[str]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a decision's body."""
    fields = {
        "type": "object",
        "properties": {field.name: _schema(field) for field in form},
        "additionalProperties": False,
    }
    conditions = [
        _requires(decision, {"required": ["reason"]}) for decision in decisions if decision in set(need_reason)
    ]
    for decision in decisions:
        needed = [field.name for field in form if decision in field.required_for]
        if needed:
            within = {"required": [FIELDS], "properties": {FIELDS: {"required": needed}}}
            conditions.append(_requires(decision, within))
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "decision": {"enum": list(decisions)},
            "reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
            FIELDS: fields,
        },
        "required": ["decision"],
        "additionalProperties": False,
    }
    return {**schema, "allOf": conditions} if conditions else schema


def _requires(decision: str, then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {"decision": {"const": decision}}}, "then": then}


def _schema(field: FormField) -> dict[str, Any]:
    one: dict[str, Any]
    match field.type:
        case FieldType.CHOICE | FieldType.CHOICES:
            one = {"enum": list(field.options)}
        case FieldType.DATE:
            one = {"type": "string", "format": "date"}
        case FieldType.NUMBER:
            bounds = {"minimum": field.minimum, "maximum": field.maximum}
            one = {"type": "integer"} | {name: bound for name, bound in bounds.items() if bound is not None}
        case FieldType.FLAG:
            one = {"type": "boolean"}
        case _:
            one = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    if field.type in (FieldType.CHOICES, FieldType.TEXTS):
        one = {
            "type": "object",
            "properties": dict.fromkeys(field.subjects, one),
            "additionalProperties": False,
        }
    return {"title": field.title, **one}


def _fault(field: FormField, value: Any) -> str | None:
    """The path of what is not as it should be, None where all is: a subject that the field has is named."""
    if field.type not in (FieldType.CHOICES, FieldType.TEXTS):
        return None if _fits_one(field, value) else field.name
    if not isinstance(value, dict) or not value.keys() <= set(field.subjects):
        return field.name
    return next((f"{field.name}.{subject}" for subject, one in value.items() if not _fits_one(field, one)), None)


def _fits_one(field: FormField, value: Any) -> bool:
    match field.type:
        case FieldType.CHOICE | FieldType.CHOICES:
            return isinstance(value, str) and value in field.options
        case FieldType.DATE:
            return isinstance(value, str) and _is_date(value)
        case FieldType.NUMBER:
            if not isinstance(value, int) or isinstance(value, bool):
                return False
            above = field.minimum is None or value >= field.minimum
            return above and (field.maximum is None or value <= field.maximum)
        case FieldType.FLAG:
            return isinstance(value, bool)
        case _:
            return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
