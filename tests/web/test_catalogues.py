"""Whoever reads another language than English reads all of it, with the same values in it."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from tests.web.catalogues import catalogue, messages, texts
from web.http.languages import CATALOGUES, LANGUAGES

OTHERS = [language for language in LANGUAGES if language != "en"]
SAME = {
    "fr": {
        *("%(count)d min", "%(target)s", "%(before)s, then %(after)s", "%(minutes)s min", "%(hours)s h"),
        *("%(count)s minutes", "%(hours)s h %(minutes)s min", "BIC", "IBAN", "PDF"),
        *(
            "Catalogue",
            "Client",
            "Compact",
            "Conversation",
            "Description",
            "Documents",
            "E-mail",
            "Net",
            "Pages",
            "Stock",
            "Ticket",
        ),
        *("Tickets", "Total", "Version %(version)s", "Versions", "description", "version %(version)s"),
    }
}
"""What is the same in English and in the language."""
_VALUE = re.compile(r"%(?:\((\w+)\)[sd]|%)")
_UNSPACED = {"fr": re.compile(r"(?:[ ]|\w)(?:[;?!»]|:(?!\d)|%%)|«[ ]|'")}
"""How the language is not set: French has a space that does not break before its double signs, and its own
apostrophe."""
_TIMES = re.compile(r"\d\d:\d\d|HH:MM|https?:")


def english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def words(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def said(language: str) -> Iterator[tuple[Message, str]]:
    for message in messages(language):
        for form in words(message):
            yield message, form


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_holds_what_pages_say_and_nothing_else(language: str) -> None:
    needed = {(text.id, text.context) for text in texts()}
    assert {(english(message)[0], message.context) for message in messages(language)} == needed, "make catalogues"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_its_words(language: str) -> None:
    assert [message.id for message, form in said(language) if not form.strip()] == []
    plurals = catalogue(language).num_plurals
    several = [message for message in messages(language) if not isinstance(message.id, str)]
    assert {len(words(message)) for message in several} == {plurals}
    assert not [message.id for message in messages(language) if message.fuzzy]


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_have_the_same_values_in_them(language: str) -> None:
    for message in messages(language):
        *_, plural = english(message)
        one, *more = words(message)
        assert set(_VALUE.findall(one)) in ({*_VALUE.findall(english(message)[0])}, {*_VALUE.findall(plural)}), one
        assert all(set(_VALUE.findall(form)) == {*_VALUE.findall(plural)} for form in more), message.id


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_are_of_the_language(language: str) -> None:
    same = {form for message, form in said(language) if form in english(message)}
    assert same <= SAME[language]
    for _message, form in said(language):
        assert not _UNSPACED[language].search(_TIMES.sub("", form)), form
        assert "!" not in form


def test_french_counts_nothing_as_one() -> None:
    one, *several = english(next(message for message in messages("fr") if "%(count)s documents" in str(message.id)))
    french = CATALOGUES["fr"]
    assert french.ngettext(one, *several, 0) == french.ngettext(one, *several, 1) != french.ngettext(one, *several, 2)
