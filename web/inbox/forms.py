"""The form of any task, drawn from the JSON Schema that the API gives of its decision, and read back into its body."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from web.http.forms import Form

FIELDS = "fields"
_WHOLE = re.compile(r"[+-]?\d{1,30}")


@dataclass(frozen=True)
class Control:
    """One control. `name` is the path of what it asks for in the decision's body, `subject` which of several things it
    is about. `kind` is `choice`, `date`, `number`, `flag` or `text`."""

    name: str
    kind: str
    subject: str | None = None
    options: Sequence[str] = ()
    minimum: int | None = None
    maximum: int | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Question:
    """What is asked under one title: by one control, or by one for each subject. `needed` names the decisions that
    cannot do without it, `beside` the question before it that asks about the same subjects."""

    name: str
    title: str
    controls: Sequence[Control]
    needed: Sequence[str] = ()
    beside: str | None = None

    @property
    def subjects(self) -> list[str]:
        """What it is asked about, if about several things."""
        return [control.subject for control in self.controls if control.subject is not None]


def decisions_of(schema: Mapping[str, Any]) -> list[str]:
    """What can be decided."""
    return list(schema["properties"]["decision"]["enum"])


def need_reason(schema: Mapping[str, Any]) -> list[str]:
    """The decisions that a reason has to be given for."""
    return [_const(rule) for rule in schema.get("allOf", ()) if "reason" in rule["then"].get("required", ())]


def questions_of(schema: Mapping[str, Any]) -> list[Question]:
    """What the form asks beside the decision and its reason."""
    fields: Mapping[str, Any] = schema["properties"][FIELDS]["properties"]
    questions: list[Question] = []
    for name, one in fields.items():
        asked = Question(name, one.get("title", name), list(_controls(name, one)), _needed(schema, name))
        same = [each.name for each in questions if asked.subjects and each.subjects == asked.subjects]
        questions.append(replace(asked, beside=same[0] if same else None))
    return questions


def body_of(schema: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The decision's body as the form says it. What nothing stands in is not in it; what is not of its type goes as it
    was typed, for the API to refuse."""
    body: dict[str, Any] = form.given("decision", "reason")
    fields: dict[str, Any] = {}
    for question in questions_of(schema):
        for control in question.controls:
            value = form.values.get(control.name, "")
            if value == "":
                continue
            if control.subject is None:
                fields[question.name] = _typed(control, value)
            else:
                fields.setdefault(question.name, {})[control.subject] = _typed(control, value)
    return body | ({FIELDS: fields} if fields else {})


def _typed(control: Control, value: str) -> Any:
    if control.kind == "number" and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if control.kind == "flag" and value in ("true", "false"):
        return value == "true"
    return value


def _controls(name: str, one: Mapping[str, Any]) -> Iterator[Control]:
    if one.get("type") == "object":
        for subject, each in one["properties"].items():
            yield _control(f"{FIELDS}.{name}.{subject}", each, subject)
    else:
        yield _control(f"{FIELDS}.{name}", one, None)


def _control(name: str, one: Mapping[str, Any], subject: str | None) -> Control:
    if "enum" in one:
        return Control(name, "choice", subject, options=list(one["enum"]))
    if one["type"] == "boolean":
        return Control(name, "flag", subject, options=("true", "false"))
    if one["type"] == "integer":
        return Control(name, "number", subject, minimum=one.get("minimum"), maximum=one.get("maximum"))
    if one.get("format") == "date":
        return Control(name, "date", subject)
    return Control(name, "text", subject, longest=one.get("maxLength"))


def _needed(schema: Mapping[str, Any], name: str) -> list[str]:
    return [
        _const(rule)
        for rule in schema.get("allOf", ())
        if name in rule["then"].get("properties", {}).get(FIELDS, {}).get("required", ())
    ]


def _const(rule: Mapping[str, Any]) -> str:
    return str(rule["if"]["properties"]["decision"]["const"])
