"""Public holidays by country, from the `holidays` library, with a company's own dates on top."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from holidays import country_holidays

from domain.refusal import Refusal

_NONE: Mapping[date, str] = MappingProxyType({})


def public_holidays(
    country: str, years: Iterable[int], added: Mapping[date, str] = _NONE, removed: Collection[date] = ()
) -> dict[date, str]:
    """Local date -> name for a country (ISO 3166-1 alpha-2) and some years, in order of date.

    `removed` dates are taken out, then `added` ones put in, whatever their year; so an estimated date, as Islamic
    ones are, is corrected by removing one and adding another. Names are English where the library has them.
    Raises Refusal `country_unknown`.
    """
    named = {day: name for year in sorted(set(years)) for day, name in _of_year(country.upper(), year)}
    for day in removed:
        named.pop(day, None)
    return dict(sorted((named | dict(added)).items()))


@lru_cache(maxsize=1024)
def _of_year(country: str, year: int) -> tuple[tuple[date, str], ...]:
    # Without a language the library takes the machine's own, and a sentence would change from one worker to another.
    try:
        languages = country_holidays(country).supported_languages
        language = next((known for known in languages if known.startswith("en")), None)
        return tuple(sorted(country_holidays(country, years=year, language=language).items()))
    except NotImplementedError:
        raise Refusal("country_unknown", f"There are no public holidays on record for {country[:20]!r}.") from None
