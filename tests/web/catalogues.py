"""The texts of the pages and their catalogues: `python -m tests.web.catalogues` adds to each what it lacks, to be
translated, and takes out what no page says any more."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from domain.tickets.sla.explanation import ENGLISH
from web.http.languages import LANGUAGES, LOCALE

ROOM = Path(__file__).parents[2] / "web"
KEYWORDS = {"_": None, "gettext": (2,), "ngettext": (1, 2)}
JINJA = {"trim_blocks": "true", "silent": "false", "newstyle_gettext": "true", "extensions": "jinja2.ext.do"}

Text = str | tuple[str, ...]


def texts() -> Iterator[tuple[Text, str]]:
    """Every text that a page can say, with its plural where it has one, and the file that says it."""
    for path in sorted(ROOM.rglob("*.html")):
        yield from _of("jinja2.ext:babel_extract", path, {"_": None, "gettext": None, "ngettext": (1, 2)}, JINJA)
    for path in sorted(ROOM.rglob("*.py")):
        yield from _of("python", path, KEYWORDS, {})
    for text in ENGLISH.values():
        yield text, "domain/tickets/sla/explanation.py"


def _of(method: str, path: Path, keywords: dict[str, object], options: dict[str, str]) -> Iterator[tuple[Text, str]]:
    place = str(path.relative_to(ROOM.parent))
    for _, text, _, _ in extract_from_file(method, path, keywords=keywords, options=options):  # type: ignore[arg-type]
        yield text, place


def catalogue(language: str) -> Catalog:
    """What a language has."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def main() -> None:
    """Brings each catalogue up to date."""
    for language in LANGUAGES:
        if language == "en":
            continue
        path = LOCALE / f"{language}.po"
        known = catalogue(language) if path.exists() else Catalog(locale=language)
        found = Catalog(locale=language, project="Casewright", charset="utf-8", fuzzy=False)
        for text, place in texts():
            before = known.get(text[0] if isinstance(text, tuple) else text)
            found.add(text, before.string if before else None, locations=[(place, 0)])
        with path.open("wb") as file:
            write_po(file, found, sort_output=True, include_lineno=False, omit_header=False, width=120)
        print(f"{language}: {sum(not message.string for message in found if message.id)} to translate")


if __name__ == "__main__":
    main()
