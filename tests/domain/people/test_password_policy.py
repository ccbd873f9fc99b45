"""Which passwords are good enough."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.password_policy import MIN_LENGTH, Failing, failings, is_common

COMMON = ["password", "qwertyuiop", "welcome", "dragon", "azertyuiop", "motdepasse", "letmein"]
DISGUISE = str.maketrans("aeios", "@310$")

good = st.tuples(
    st.text(string.ascii_uppercase, min_size=1, max_size=4),
    st.text(string.ascii_lowercase, min_size=1, max_size=4),
    st.text(string.digits, min_size=1, max_size=4),
    st.text("-_?%", min_size=1, max_size=4),
    st.text(string.ascii_letters + string.digits + "-_?%", min_size=MIN_LENGTH, max_size=20),
).flatmap(lambda parts: st.permutations("".join(parts)).map("".join))


@pytest.mark.parametrize(
    ("password", "lacking"),
    [
        ("Casewright-demo-2026!", ()),
        ("Zebra-crossing-94", ()),
        ("Élan-vital-à-12", ()),
        ("Eleven-ch4r", (Failing.TOO_SHORT,)),
        ("Twelve-char4", ()),
        ("lower-case-only-1", (Failing.NO_UPPER,)),
        ("UPPER-CASE-ONLY-1", (Failing.NO_LOWER,)),
        ("No-digits-in-this", (Failing.NO_DIGIT,)),
        ("NoSymbolsInThis1", (Failing.NO_SYMBOL,)),
        (
            "",
            (Failing.TOO_SHORT, Failing.NO_UPPER, Failing.NO_LOWER, Failing.NO_DIGIT),
        ),
    ],
)
def test_says_what_is_missing(password: str, lacking: tuple[Failing, ...]) -> None:
    assert set(lacking) <= set(failings(password))
    if password:
        assert failings(password) == lacking


@pytest.mark.parametrize(
    "password",
    [
        "P@ssw0rd-2026!",
        "Password12345!",
        "PasswordPassword1!",
        "Qwertyuiop123!",
        "Welcome2024Welcome!",
        "Drag0n_42_42_42",
        "$ecretSecret1",
        "Pa$$w0rd1234",
        "Summer2026!!!!",
        "1234567890Ab!",
        "!!Adm1n!!2026!!",
        "L3tM31n!!!!!!",
    ],
)
def test_knows_a_common_one_in_disguise(password: str) -> None:
    assert failings(password) == (Failing.COMMON,)


@given(good)
def test_what_has_all_of_it_lacks_nothing_but_may_be_common(password: str) -> None:
    assert set(failings(password)) <= {Failing.COMMON}


@given(good)
def test_without_capitals_it_lacks_a_capital(password: str) -> None:
    assert Failing.NO_UPPER in failings(password.lower())


@given(
    st.sampled_from(COMMON),
    st.sampled_from(["lower", "upper", "capitalize"]),
    st.booleans(),
    st.text("0123456789!?-_.", max_size=8),
)
def test_a_common_one_is_common_however_it_is_dressed(base: str, case: str, disguised: bool, tail: str) -> None:
    word = getattr(base, case)()
    assert is_common((word.translate(DISGUISE) if disguised else word) + tail)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(password: str) -> None:
    assert all(failing.sentence for failing in failings(password))
