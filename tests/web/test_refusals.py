"""Every refusal has words for people: in English the API's own sentence or a plainer one, in other languages theirs."""

import ast
import re
from http import HTTPStatus
from types import SimpleNamespace
from typing import cast, get_args

import pytest
from pydantic_core.core_schema import ErrorType

from tests.web.problems import LIST, PAGE, as_list, as_page, codes, nodes, text
from web.http.languages import LANGUAGES
from web.http.refusal_words import PLAINER, SENTENCES, WORDS
from web.http.refusals import sentence
from web.http.visits import Visit

_OF_PYDANTIC = re.compile(
    r"(string|int|decimal|float|bool|date|datetime|time|uuid|enum|literal|greater|less|finite|url)_"
)
_NO_FORM_SENDS = {
    *("date_past", "date_future", "datetime_past", "datetime_future", "datetime_object_invalid", "string_sub_type"),
    *("timezone_offset", "time_delta_type", "time_delta_parsing", "url_type", "url_too_long", "url_syntax_violation"),
    *("decimal_type", "uuid_version", "datetime_from_date_parsing", "date_from_datetime_inexact", "string_not_ascii"),
}
"""What the bodies of the API do not ask for."""
_DEFECTS = {"Only a case's command can be dispatched"}
"""What no form can cause."""


def looking(language: str) -> Visit:
    return cast(Visit, SimpleNamespace(language=language))


def test_every_code_has_words() -> None:
    found = {*codes()}
    assert {"login_refused", "quote_expired", "password_common", "slot_taken"} <= found
    assert found - PLAINER.keys() - WORDS.keys() == set()


def test_what_pydantic_finds_wrong_with_a_form_has_words() -> None:
    possible = {code for code in get_args(ErrorType) if _OF_PYDANTIC.match(code)}
    assert possible - _NO_FORM_SENDS - PLAINER.keys() - WORDS.keys() == set()
    assert {"missing", "extra_forbidden", "value_error", "too_short", "too_long", "enum"} <= {*PLAINER, *WORDS}


def test_no_code_has_two_words() -> None:
    assert PLAINER.keys() & WORDS.keys() == set()


def test_words_are_calm_sentences() -> None:
    for said in (*PLAINER.values(), *WORDS.values()):
        assert said[0].isupper(), said
        assert said.endswith("."), said
        assert "!" not in said
        assert not re.search(r"[a-z]_[a-z]|[Ww]orkflow|Idempotency|Temporal|token|permission|policy|tenant", said), said


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_other_languages_say_it_in_their_words(language: str) -> None:
    visit = looking(language)
    for code, said in (PLAINER | WORDS).items():
        assert sentence(visit, code, "The API's own sentence.") not in (said, "The API's own sentence."), code
    for said in SENTENCES:
        assert sentence(visit, "value_error", said) not in (said, sentence(visit, "value_error", "Another one.")), said


def test_english_says_the_sentence_of_the_api_where_it_is_for_people() -> None:
    visit = looking("en")
    assert sentence(visit, "stock_reserved", "3 are available.") == "3 are available."
    assert sentence(visit, "value_error", "Value error, must be an IBAN") == "Must be an IBAN"
    assert sentence(visit, "missing", "Field required") == PLAINER["missing"]


def test_what_a_check_of_a_field_says_has_words() -> None:
    raised = {
        text(node.args[0])
        for _, node in nodes("api")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError"
    }
    assert {_capital(rule) for rule in raised if rule and "…" not in rule} - _DEFECTS <= {*SENTENCES}


def test_no_sentence_has_words_that_nobody_says() -> None:
    constants = {text(node) for room in ("api", "domain") for _, node in nodes(room)}
    assert {*SENTENCES} <= {_capital(said) for said in constants}


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def test_what_has_no_code_of_ours_has_the_name_of_its_status() -> None:
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        assert status.name.lower() in {*PLAINER, *WORDS}


def test_the_list_of_problems_says_what_the_code_says() -> None:
    """`make errors` brings it up to date."""
    assert LIST.read_text() == as_list()
    assert PAGE.read_text() == as_page()


def test_each_problem_has_a_meaning() -> None:
    assert not [code.name for code in codes().values() if not code.meaning]
