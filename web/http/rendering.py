"""How a page is drawn: one environment of templates for each language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from web.http import assets, words
from web.http.forms import KEY, PAGE, TOKEN, WHO, Form, token_for
from web.http.languages import CATALOGUES, LANGUAGES
from web.http.visits import Visit

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "font", "connect", "manifest", "worker", "frame")),
        "img-src 'self' data: blob:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ON_EVERY_PAGE = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Vary": "HX-Request, Cookie",
}

ROOM = Path(__file__).parents[1]


def gettext(visit: Visit, text: str, **given: Any) -> str:
    """A text in the visit's language."""
    said = CATALOGUES[visit.language].gettext(text)
    return said % given if given else said


def icon(name: str, kind: str = "") -> Markup:
    """An icon, which says nothing to a screen reader: the words beside it do."""
    inside = Markup(assets.ICONS[name])  # noqa: S704 - from our own file
    return Markup('<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(kind, inside)


@pass_context
def _when(context: Context, at: datetime) -> str:
    visit: Visit = context["visit"]
    return words.when(at, visit.now, visit.zone, visit.language, partial(gettext, visit))


@pass_context
def _day(context: Context, at: datetime) -> str:
    visit: Visit = context["visit"]
    return words.day(at, visit.now, visit.zone, visit.language, partial(gettext, visit))


@pass_context
def _clock(context: Context, at: datetime) -> str:
    visit: Visit = context["visit"]
    return words.clock(at, visit.zone, visit.language)


@pass_context
def _clock_in(context: Context, at: datetime, zone: ZoneInfo) -> str:
    """A time of day in a zone that is not the reader's."""
    return words.clock(at, zone, context["visit"].language)


@pass_context
def _when_in(context: Context, at: datetime, zone: ZoneInfo) -> str:
    """A moment in a zone that is not the reader's."""
    visit: Visit = context["visit"]
    return words.when(at, visit.now, zone, visit.language, partial(gettext, visit))


@pass_context
def _weekday(context: Context, day: date, shape: str = "long") -> str:
    """A date by its weekday: `Thu 19 Nov`, `Thu 19`, or one letter of it."""
    return words.weekday(day, shape, context["visit"].language)


@pass_context
def _time(context: Context, at: datetime, shape: str = "when") -> Markup:
    """A moment with the machine's own beside it."""
    said = {"when": _when, "clock": _clock}[shape](context, at)
    return Markup('<time datetime="{}">{}</time>').format(words.iso(at), said)


@pass_context
def _minutes(context: Context, minutes: int) -> str:
    """A length of open time: `1 h 15 min`."""
    hours, rest = divmod(minutes, 60)
    said = partial(gettext, context["visit"])
    if not hours:
        return said(words.MINUTES, minutes=rest)
    return said(words.HOURS_AND_MINUTES, hours=hours, minutes=rest) if rest else said(words.HOURS, hours=hours)


@pass_context
def _proof(context: Context, form: Form | None = None) -> Markup:
    """What every form carries beside its words."""
    visit: Visit = context["visit"]
    carried = {TOKEN: token_for(visit), KEY: (form or Form()).key, PAGE: visit.page}
    if visit.visitor:
        carried[WHO] = str(visit.caller.account_id)
    hidden = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup().join(hidden.format(name, value) for name, value in carried.items())


def _worded(way: Callable[..., str]) -> Callable[..., str]:
    """A filter that says something in the visit's language."""

    @pass_context
    def said(context: Context, value: Any, *given: Any) -> str:
        return way(value, *given, context["visit"].language)

    return said


@pass_context
def _said(context: Context, names: Mapping[Any, str]) -> list[tuple[Any, str]]:
    """What can be chosen, with what it is called in the visit's language."""
    return [(value, gettext(context["visit"], name)) for value, name in names.items()]


def _initials(name: str) -> str:
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    catalogue = CATALOGUES[language]
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True, pgettext=catalogue.pgettext, npgettext=catalogue.npgettext
    )
    environment.filters |= {
        "when": _when,
        "day": _day,
        "clock": _clock,
        "clock_in": _clock_in,
        "when_in": _when_in,
        "weekday": _weekday,
        "time": _time,
        "minutes": _minutes,
        "iso": words.iso,
        "date": _worded(words.calendar_day),
        "initials": _initials,
        "said": _said,
        "money": _worded(words.money),
        "amount": _worded(words.amount),
        "percent": _worded(words.percent),
        "size": _worded(words.size),
        "number": _worded(words.number),
        "total": _worded(words.total),
    }
    environment.globals |= {
        "icon": icon,
        "proof": _proof,
        "sheet": assets.SHEET.address,
        "script": assets.SCRIPT.address,
        "favicon": assets.ICON.address,
        "font": assets.FONT.address,
        "languages": LANGUAGES,
    }
    return environment


ENVIRONMENTS = {language: _environment(language) for language in LANGUAGES}


def draw(
    visit: Visit,
    template: str,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    **shown: Any,
) -> HTMLResponse:
    """The page, or the part of it that was asked for."""
    text = ENVIRONMENTS[visit.language].get_template(template).render(visit=visit, **shown)
    return HTMLResponse(text, status, _ON_EVERY_PAGE | dict(headers or {}))
