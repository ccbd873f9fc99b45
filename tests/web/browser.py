"""A browser without scripts: it keeps cookies, follows where it is led, and sends the forms that stand on a page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self

import httpx2

from runtime.settings import Settings

PASSWORD = Settings.model_fields["demo_password"].default.get_secret_value()
OUR_PAGES = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that is posted from the page on which it stands."""


@dataclass
class PageForm:
    """A form as it stands on a page: where it goes, and what stands in its fields before anybody types."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[PageForm] = []
        self._form: PageForm | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(given.get("action", ""))
            self.found.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "button":
            form.buttons.append(given)
        elif tag == "textarea":
            self._area, form.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = given.get("value", "")
        elif tag == "input" and name and given.get("type") not in ("checkbox", "radio", "file"):
            form.fields[name] = given.get("value", "")
        elif tag == "input" and name and "checked" in given:
            form.fields[name] = given.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._form and self._area:
            self._form.fields[self._area] += data.removeprefix("\n")


def forms(page: httpx2.Response) -> list[PageForm]:
    """The forms of a page."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.found


def form_to(page: httpx2.Response, action: str) -> PageForm:
    """The form that goes there. Fails where the page has none."""
    return next(each for each in forms(page) if each.action == action)


class Browser:
    """One person's browser at the stack's address."""

    def __init__(self, address: str) -> None:
        self._http = httpx2.AsyncClient(base_url=address, timeout=30.0)

    @classmethod
    async def of(cls, address: str, email: str) -> Self:
        """A browser in which a demo person has logged in."""
        browser = cls(address)
        page = await browser.send(await browser.get("/login"), "/login", email=email, password=PASSWORD)
        assert page.status_code == 303, page.text
        return browser

    async def get(self, path: str) -> httpx2.Response:
        """The page, without following where it leads."""
        return await self._http.get(path)

    async def send(self, page: httpx2.Response, action: str, **typed: str) -> httpx2.Response:
        """What answers the page's form of this action, with what is typed into its fields."""
        return await self.post(action, form_to(page, action).fields | typed)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx2.Response:
        """What answers these fields, posted from a page of ours."""
        given: dict[str, Any] = OUR_PAGES | headers
        return await self._http.post(path, data=fields, headers=given)

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()
