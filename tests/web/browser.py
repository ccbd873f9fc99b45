"""A browser without scripts: it keeps cookies, follows where it is led, and sends the forms that stand on a page."""

from dataclasses import dataclass, field
from typing import Any, Self

import httpx2
from lxml import html

from tests.stack.people import PATIENCE, TRUSTED
from tests.web.logins import login_of
from tests.web.visitor import FROM_OUR_PAGES


@dataclass
class PageForm:
    """A form as it stands on a page: where it goes, and what stands in its fields before anybody types."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


def forms(page: httpx2.Response) -> list[PageForm]:
    """The forms of a page."""
    return [
        PageForm(
            form.get("action", ""),
            # A browser does not count the line end with which a text area begins (HTML, 13.1.2.5).
            {name: value.removeprefix("\n") for name, value in form.form_values()},
            [dict(button.attrib) for button in form.cssselect("button")],
        )
        for form in html.document_fromstring(page.text).forms
    ]


def form_to(page: httpx2.Response, action: str) -> PageForm:
    """The form that goes there. Fails where the page has none."""
    return next(each for each in forms(page) if each.action == action)


class Browser:
    """One person's browser at the stack's address."""

    def __init__(self, address: str) -> None:
        self._http = httpx2.AsyncClient(base_url=address, timeout=PATIENCE, verify=TRUSTED)

    @classmethod
    async def of(cls, address: str, email: str) -> Self:
        """A browser in which a demo person has logged in."""
        browser = cls(address)
        browser._http.cookies = (await login_of(address, email)).cookies
        return browser

    async def get(self, path: str) -> httpx2.Response:
        """The page, without following where it leads."""
        return await self._http.get(path)

    async def send(self, page: httpx2.Response, action: str, **typed: str) -> httpx2.Response:
        """What answers the page's form of this action, with what is typed into its fields."""
        return await self.post(action, form_to(page, action).fields | typed)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx2.Response:
        """What answers these fields, posted from a page of ours."""
        given: dict[str, Any] = FROM_OUR_PAGES | headers
        return await self._http.post(path, data=fields, headers=given)

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()
