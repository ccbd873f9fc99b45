"""What stands in a form, as a draft keeps it, and the form that shows it again: its words, the files that were handed
in for it, and the key by which it counts once."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from api.identity.callers import Caller
from api.identity.routes.drafts import SENT_BY, DraftBody, keep_draft
from web.http.forms import FILES, KEY, NAMES, Form, draft_of
from web.http.visits import Visit

SEVERAL = "_lists"
"""The field of a draft for what is given several times: JSON of lists by name. As the other fields that begin so, no
form asks for it."""


def kept(form: Form) -> dict[str, str]:
    """What stands in the form. No secret is kept."""
    words = {name: value for name, value in form.values.items() if "password" not in name}
    several = {name: values for name, values in form.lists.items() if len(values) > 1 or name == FILES}
    if FILES in several:
        several[NAMES] = [form.names.get(each, "") for each in several[FILES]]
    return words | {KEY: form.key} | ({SEVERAL: json.dumps(several)} if several else {})


def form_of(fields: Mapping[str, str]) -> Form:
    """The form in which that stands."""
    values = {name: value for name, value in fields.items() if not name.startswith("_")}
    lists = {name: [value] for name, value in values.items()} | _several(fields.get(SEVERAL, "{}"))
    names = dict(zip(lists.get(FILES, ()), lists.pop(NAMES, ()), strict=False))
    values.pop(NAMES, None)
    form = Form(values, lists, names=names)
    form.key = fields.get(KEY) or form.key
    return form


async def keep(visit: Visit, caller: Caller, path: str, fields: Mapping[str, str], sent_by: str = "") -> None:
    """Keeps it as the draft of the form that is posted to the path, as far as a draft can hold it. Once the command
    that it was `sent_by` is done, the draft is gone."""
    try:
        body = DraftBody(fields={**fields, **({SENT_BY: sent_by} if sent_by else {})})
    except ValidationError:
        return
    await keep_draft(draft_of(path), body, caller, visit.services)


def _several(said: str) -> dict[str, list[str]]:
    """What a browser may have said otherwise counts for nothing."""
    try:
        lists: Any = json.loads(said)
    except ValueError:
        return {}
    if not isinstance(lists, dict):
        return {}
    return {name: [str(each) for each in values] for name, values in lists.items() if isinstance(values, list)}
