"""Mail texts: one file per template and language, the subject on the first line."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"
LANGUAGES = ("en", "fr")

# Subjects have no room for the seconds and the whole name of a zone, which French has in its longest form.
_WHEN = {"en": "EEEE d MMMM yyyy, HH:mm zzz", "fr": "EEEE d MMMM yyyy 'à' HH:mm zzz"}


@dataclass(frozen=True)
class MailText:
    """A rendered mail: subject, and body as plain text."""

    subject: str
    body: str


class MailTemplates:
    def __init__(self) -> None:
        # Plain text, not HTML: escaping would show people `&amp;`.
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            trim_blocks=True,
            # Templates change only with the code: checking their files for every mail costs more than rendering it.
            auto_reload=False,
            autoescape=False,  # noqa: S701
        )

    def render(self, template: str, locale: str, timezone: str, context: dict[str, Any]) -> MailText:
        """Renders in the language of `locale`, English where there is none.

        ISO 8601 strings under keys that end in `_at` become local times of `timezone`, written as that language does.
        """
        language = locale.partition("-")[0]
        language = language if language in LANGUAGES else LANGUAGES[0]
        local = {
            key: _local(value, timezone, language) if key.endswith("_at") else value for key, value in context.items()
        }
        subject, _, body = self._environment.get_template(f"{language}/{template}.txt").render(local).partition("\n")
        # A header must not contain line ends, and people write all kinds of them.
        return MailText(" ".join(subject.split()), body.strip() + "\n")


def _local(value: str, timezone: str, language: str) -> str:
    moment = datetime.fromisoformat(value).astimezone(ZoneInfo(timezone))
    return format_datetime(moment, _WHEN[language], locale=language)
