"""Times, amounts and sizes read as a language has them."""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.web.visitor import saying
from web.http import words

ALGIERS = ZoneInfo("Africa/Algiers")
NOW = datetime(2026, 11, 19, 11, 55, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
LAST_YEAR = datetime(2025, 11, 18, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                *("today, 12:55", "Mon 23 Nov, 14:20", "18 Nov 2025, 14:20", "Today", "Monday 23 November"),
                *("23 Nov 2026", "1,283,680.61 DZD", "10,000", "18 kB", "2.3 MB", "9,999", "10,000+"),
            ],
        ),
        (
            "fr",
            [
                *(
                    "aujourd’hui, 12:55",
                    "lun. 23 nov., 14:20",
                    "18 nov. 2025, 14:20",
                    "Aujourd’hui",
                    "lundi 23 novembre",
                ),
                *("23 nov. 2026", "1 283 680,61 DZD", "10 000", "18 ko", "2,3 Mo", "9 999", "10 000+"),
            ],
        ),
    ],
)
def test_as_the_language_has_it(language: str, said: list[str]) -> None:
    when = partial(words.when, now=NOW, zone=ALGIERS, language=language, gettext=saying(language))
    day = partial(words.day, now=NOW, zone=ALGIERS, language=language, gettext=saying(language))
    found = [
        *(when(NOW), when(MONDAY), when(LAST_YEAR), day(NOW), day(MONDAY)),
        *(words.calendar_day(MONDAY.date(), language), words.money(128_368_061, "DZD", language)),
        *(words.number(10_000, language), words.size(18_300, language), words.size(2_345_678, language)),
        *(words.total(9_999, language), words.total(10_000, language)),
    ]
    assert [" ".join(each.split()) for each in found] == said
