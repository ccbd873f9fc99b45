"""Mail texts: one file per template and language, the subject on the first line. The HTML is made of the same text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.company import Company
from domain.mail.reading.marker import marker

TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"
LANGUAGES = ("en", "fr")

# Subjects have no room for the seconds and the whole name of a zone, which French has in its longest form.
_WHEN = {"en": "EEEE d MMMM yyyy, HH:mm zzz", "fr": "EEEE d MMMM yyyy 'à' HH:mm zzz"}
_MIDNIGHT = {"en": "EEEE d MMMM yyyy, 'midnight'", "fr": "EEEE d MMMM yyyy, 'minuit'"}
_LAST_MOMENTS = ("until_at", "by_at", "due_at", "expires_at", "target_at")
"""How names of times end that something has to be done by. At midnight that is a day's end, not the next one's
beginning."""

_OPEN = {"en": "Open the page", "fr": "Ouvrir la page"}
_USUAL_BAND = "#1f3a5f"
_ON_BAND = ("#ffffff", "#1f2933")


@dataclass(frozen=True)
class MailText:
    """A rendered mail: subject, and body as plain text and as HTML."""

    subject: str
    body: str
    html: str


class MailTemplates:
    def __init__(self) -> None:
        # Templates change only with the code: checking their files for every mail costs more than rendering it.
        usual: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "auto_reload": False}
        loader = FileSystemLoader(TEMPLATES)
        # Plain text, not HTML: escaping would show people `&amp;`.
        self._texts = Environment(loader=loader, autoescape=False, **usual)  # noqa: S701
        self._layout = Environment(loader=loader, autoescape=True, **usual).get_template("layout.html")

    def render(
        self,
        template: str,
        locale: str,
        timezone: str,
        context: dict[str, Any],
        *,
        sender: Company,
        answered: bool = False,
    ) -> MailText:
        """Renders in the language of `locale`, English where there is none, on the letterhead of `sender`. A mail that
        can be `answered` begins with the line above which answers are written.

        ISO 8601 strings under keys that end in `_at` become local times of `timezone`, written as that language does.
        """
        language = locale.partition("-")[0]
        language = language if language in LANGUAGES else LANGUAGES[0]
        usual: dict[str, Any] = {"words": None, "left_out": []}
        local = usual | {
            key: _local(key, value, timezone, language) if key.endswith("_at") else value
            for key, value in context.items()
        }
        subject, _, body = self._texts.get_template(f"{language}/{template}.txt").render(local).partition("\n")
        # A header must not contain line ends, and people write all kinds of them.
        subject, body = " ".join(subject.split()), body.strip() + "\n"
        above = marker(language) if answered else None
        band = sender.colour or _USUAL_BAND
        html = self._layout.render(
            language=language,
            subject=subject,
            marker=above,
            sender=sender.name,
            link=context["link"],
            blocks=list(_blocks(body, context["link"])),
            open=_OPEN[language],
            foot=" · ".join(each for each in (sender.address, sender.phone, sender.email) if each),
            band=band,
            on_band=_readable_on(band),
        )
        return MailText(subject, f"{above}\n\n{body}" if above else body, html)


def _local(key: str, value: str, timezone: str, language: str) -> str:
    moment = datetime.fromisoformat(value).astimezone(ZoneInfo(timezone))
    if key.endswith(_LAST_MOMENTS) and moment.time() == time.min:
        return format_date(moment.date() - timedelta(days=1), _MIDNIGHT[language], locale=language)
    return format_datetime(moment, _WHEN[language], locale=language)


def _blocks(body: str, link: str) -> Iterator[list[str]]:
    """The lines of each paragraph of a text; a line that is the link is a block by itself."""
    for paragraph in body.strip().split("\n\n"):
        lines = [line for line in paragraph.split("\n") if line]
        if words := [line for line in lines if line != link]:
            yield words
        if link in lines:
            yield [link]


def _readable_on(colour: str) -> str:
    """White or nearly black, whichever has the higher contrast with a colour such as `#1f3a5f` (WCAG 2.2, 1.4.3)."""

    def luminance(of: str) -> float:
        parts = [int(of[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: float, other: float) -> float:
        return (max(one, other) + 0.05) / (min(one, other) + 0.05)

    return max(_ON_BAND, key=lambda words: contrast(luminance(words), luminance(colour)))
