"""The texts of the pages and their catalogues: `make catalogues` adds to each what it lacks, to be translated, and puts
aside, as gettext does (`#~`), what no page says: its words are there again with the text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from domain.tickets.sla.explanation import ENGLISH
from web.http.languages import LANGUAGES, LOCALE

Keywords = Mapping[str, tuple[int | tuple[int, str], ...] | None]

ROOM = Path(__file__).parents[2] / "web"
_IN_PYTHON: Keywords = {"_": None, "gettext": (2,), "ngettext": (1, 2)}
_IN_TEMPLATES: Keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_JINJA = {"trim_blocks": "true", "silent": "false", "newstyle_gettext": "true", "extensions": "jinja2.ext.do"}


class Text(NamedTuple):
    """What a page says: in English, with its plural where it has one, the file that says it, and what is meant where a
    word means several things."""

    said: str | tuple[str, ...]
    place: str
    context: str | None = None

    @property
    def id(self) -> str:
        """Its English, in the singular."""
        return self.said if isinstance(self.said, str) else self.said[0]


def texts() -> Iterator[Text]:
    """Every text that a page can say."""
    for path in sorted(ROOM.rglob("*.html")):
        yield from _of("jinja2.ext:babel_extract", path, _IN_TEMPLATES, _JINJA)
    for path in sorted(ROOM.rglob("*.py")):
        yield from _of("python", path, _IN_PYTHON, {})
    for text in ENGLISH.values():
        yield Text(text, "domain/tickets/sla/explanation.py")


def _of(method: str, path: Path, keywords: Keywords, options: dict[str, str]) -> Iterator[Text]:
    place = str(path.relative_to(ROOM.parent))
    for _, said, _, context in extract_from_file(method, path, keywords=keywords, options=options):  # type: ignore[arg-type]
        yield Text(said, place, context)


def catalogue(language: str) -> Catalog:
    """What a language has."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    """The texts that a language has words for, or is to have them."""
    return [message for message in catalogue(language) if message.id]


def up_to_date(language: str, known: Catalog) -> Catalog:
    """The catalogue with all that the pages say, in the words that are known; other words are put aside."""
    remembered = {(_id(each), each.context): each for each in (*known.obsolete.values(), *known) if each.id}
    made = Catalog(
        locale=language,
        header_comment=f"# What the pages of Casewright say, in {LANGUAGES[language]}.",
        project="Casewright",
        charset="utf-8",
        fuzzy=False,
        # No date of the day: the file changes when a text does.
        creation_date=known.creation_date,
        revision_date=known.creation_date,
    )
    for text in texts():
        before = remembered.get((text.id, text.context))
        made.add(text.said, before.string if before else None, locations=[(text.place, 0)], context=text.context)
    for (said, context), each in remembered.items():
        if made.get(said, context) is None and any(each.string):
            made.obsolete[said if context is None else (said, context)] = Message(each.id, each.string, context=context)
    return made


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def main() -> None:
    """Brings each catalogue up to date."""
    for language in LANGUAGES:
        if language == "en":
            continue
        path = LOCALE / f"{language}.po"
        made = up_to_date(language, catalogue(language) if path.exists() else Catalog(locale=language))
        with path.open("wb") as file:
            write_po(file, made, sort_output=True, include_lineno=False, width=120)
        print(f"{language}: {sum(not message.string for message in made if message.id)} to translate")


if __name__ == "__main__":
    main()
