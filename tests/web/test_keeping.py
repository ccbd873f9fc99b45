"""What a draft keeps of a form is what the form shows again, whatever a browser sends in its place."""

from hypothesis import given
from hypothesis import strategies as st

from web.http.forms import FILES, KEY, Form
from web.http.keeping import SEVERAL, form_of, kept

NAMES = st.from_regex(r"[a-z][a-z.0-9]{0,20}", fullmatch=True).filter(lambda name: name not in (FILES, "file_names"))
WORDS = st.text(max_size=50)
LISTS = st.dictionaries(NAMES, st.lists(WORDS, min_size=2, max_size=4), max_size=3)
FILES_OF = st.dictionaries(st.uuids().map(str), WORDS, max_size=3)


@given(st.dictionaries(NAMES, WORDS, max_size=5), LISTS, FILES_OF, st.uuids().map(str))
def test_a_form_comes_back(
    values: dict[str, str], lists: dict[str, list[str]], files: dict[str, str], key: str
) -> None:
    given_often = {name: all_of[0] for name, all_of in lists.items()}
    ids = {FILES: list(files)} if files else {}
    form = Form(values | given_often, lists | ids, key=key, names=files)
    again = form_of(kept(form))
    assert (again.values, again.key, again.names) == (form.values, key, files)
    assert {name: again.lists[name] for name in (*lists, *ids)} == lists | ids


@given(st.dictionaries(st.sampled_from(["body", "_x", KEY, SEVERAL, FILES]), WORDS | st.just("[1]"), max_size=5))
def test_what_no_form_of_ours_says_is_read_all_the_same(fields: dict[str, str]) -> None:
    form = form_of(fields)
    assert form.key
    assert set(form.values) <= {"body", FILES}


def test_no_password_is_kept() -> None:
    form = Form({"password": "x", "current_password": "y", "email": "z"})
    assert set(kept(form)) == {"email", KEY}
