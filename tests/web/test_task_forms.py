"""Any task has its form: what is typed into it reaches the API as it would take it, and each refusal its control."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from domain.refusal import Refusal
from domain.tasks.form import LONGEST_TEXT, FieldType, FormField, check_fields, json_schema
from web.http.forms import Form
from web.http.rendering import ENVIRONMENTS
from web.inbox.forms import body_of, questions_of

T = FieldType
NAMES = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True)
SUBJECTS = st.lists(st.uuids().map(str), min_size=1, max_size=3, unique=True)
OPTIONS = st.lists(NAMES, min_size=1, max_size=6, unique=True)
# What a text control can hold: a browser makes one kind of line end of all of them.
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1, max_size=200)
DRAWN = ENVIRONMENTS["en"].from_string(
    '{% from "inbox/parts.html" import control with context %}'
    "<form>{% for each in controls %}{{ control(form, each, 'label', {}) }}{% endfor %}</form>"
)


@st.composite
def fields(draw: st.DrawFn) -> FormField:
    kind = draw(st.sampled_from(list(T)))
    several = kind in (T.CHOICES, T.TEXTS)
    bounds = sorted(draw(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))))
    return FormField(
        name=draw(NAMES),
        type=kind,
        title=draw(NAMES),
        options=tuple(draw(OPTIONS)) if kind in (T.CHOICE, T.CHOICES) else (),
        subjects=tuple(draw(SUBJECTS)) if several else (),
        minimum=bounds[0] if kind is T.NUMBER else None,
        maximum=bounds[1] if kind is T.NUMBER else None,
    )


def one_of(field: FormField) -> st.SearchStrategy[Any]:
    match field.type:
        case T.CHOICE | T.CHOICES:
            return st.sampled_from(field.options)
        case T.DATE:
            return st.dates(date(1900, 1, 1), date(2200, 1, 1)).map(date.isoformat)
        case T.NUMBER:
            return st.integers(field.minimum, field.maximum)
        case T.FLAG:
            return st.booleans()
        case _:
            return WORDS


@st.composite
def filled(draw: st.DrawFn) -> tuple[tuple[FormField, ...], dict[str, Any]]:
    form = tuple({field.name: field for field in draw(st.lists(fields(), max_size=4))}.values())
    values: dict[str, Any] = {}
    for field in form:
        if field.subjects:
            values[field.name] = {subject: draw(one_of(field)) for subject in field.subjects}
        elif draw(st.booleans()):
            values[field.name] = draw(one_of(field))
    return form, values


def typed(values: dict[str, Any]) -> dict[str, str]:
    """What stands in the controls, by their names."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        several = {f"{name}.{key}": one for key, one in value.items()} if isinstance(value, dict) else {name: value}
        for path, one in several.items():
            flat[f"fields.{path}"] = str(one).lower() if isinstance(one, bool) else str(one)
    return flat


@given(filled())
def test_what_is_typed_is_what_the_task_takes(asked: tuple[tuple[FormField, ...], dict[str, Any]]) -> None:
    form, values = asked
    schema = json_schema(form, ["approve"], ())
    controls = [control for question in questions_of(schema) for control in question.controls]
    page = DRAWN.render(form=Form(typed(values)), controls=controls, visit=SimpleNamespace(language="en"))
    sent = dict(html.fromstring(page).form_values()) if controls else {}
    sent = {name: value.removeprefix("\n") for name, value in sent.items()}
    body = body_of(schema, Form(sent | {"decision": "approve"}))
    assert body == {"decision": "approve"} | ({"fields": values} if values else {})
    check_fields(form, "approve", body.get("fields", {}), with_words=True)


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        (FormField(name="a", type=T.NUMBER, title="A", minimum=1, maximum=9), "ten", "fields.a"),
        (FormField(name="a", type=T.NUMBER, title="A", minimum=1, maximum=9), "10", "fields.a"),
        (FormField(name="a", type=T.DATE, title="A"), "2026-02-30", "fields.a"),
        (FormField(name="a", type=T.CHOICE, title="A", options=("x",)), "y", "fields.a"),
        (FormField(name="a", type=T.TEXT, title="A"), "x" * (LONGEST_TEXT + 1), "fields.a"),
        (FormField(name="a", type=T.CHOICES, title="A", options=("x",), subjects=("s",)), {"s": "y"}, "fields.a.s"),
    ],
)
def test_a_refusal_stands_at_its_control(field: FormField, value: Any, at: str) -> None:
    schema = json_schema((field,), ["approve"], ())
    sent = typed({"a": value}) | {"decision": "approve"}
    body = body_of(schema, Form(sent))
    with pytest.raises(Refusal) as refusal:
        check_fields((field,), "approve", body["fields"], with_words=True)
    assert refusal.value.field == at
    assert at in {control.name for question in questions_of(schema) for control in question.controls}
