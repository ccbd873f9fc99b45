"""A visitor with a browser that runs no scripts: follows links, fills in forms, and keeps cookies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx2
from lxml import html

from runtime.settings import Settings
from tests.stack.people import PATIENCE, TRUSTED
from web.http.languages import CATALOGUES

FROM_OUR_PAGES = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = Settings.model_fields["demo_password"].default.get_secret_value()

Files = list[tuple[str, bytes, str]]


@dataclass
class Page:
    """What came back: the page as a tree, its status and address."""

    status: int
    address: str
    tree: html.HtmlElement
    headers: httpx2.Headers

    @property
    def text(self) -> str:
        """All that the page says, its spaces made single ones."""
        return " ".join(self.tree.text_content().split())

    def form(self, action: str) -> html.FormElement:
        """The form that is posted to an address that ends so."""
        found = [form for form in self.tree.forms if form.get("action", "").endswith(action)]
        assert found, f"no form to {action} on {self.address}: {self.text[:500]}"
        return found[0]

    def value(self, action: str, name: str) -> str:
        """What stands in a field of a form."""
        value = self.form(action).fields[name]
        return str(value or "").removeprefix("\n").replace("\r\n", "\n")

    def one(self, selector: str) -> str:
        """The text of the first element that the CSS selector finds."""
        return " ".join(self.tree.cssselect(selector)[0].text_content().split())


Said = Callable[..., str]


def saying(language: str) -> Said:
    """How pages in the language say an English text, its spaces as in `Page.text`; with its plural and a number, how
    they say it of so many."""

    def said(text: str, plural: str = "", count: int = 0, **values: Any) -> str:
        words = CATALOGUES[language]
        found = words.ngettext(text, plural, count) if plural else words.gettext(text)
        return " ".join((found % {"count": count, **values} if plural or values else found).split())

    return said


class Visitor:
    """Whoever sits before it; nobody until `log_in`. `token` proves that a form is of the visitor's own pages."""

    def __init__(self, address: str, **headers: str) -> None:
        headers = {"Accept-Language": "en", **headers}
        self.token = ""
        self.client = httpx2.AsyncClient(base_url=address, timeout=PATIENCE, headers=headers, verify=TRUSTED)

    async def log_in(self, email: str, password: str = PASSWORD) -> Page:
        """Logs in by the page."""
        page = await self.send(await self.open("/login"), "/login", email=email, password=password)
        self.token = str(page.tree.xpath("string(//input[@name='_token']/@value)"))
        return page

    async def open(self, address: str) -> Page:
        """Opens a page, and goes where it leads."""
        return await self._read(await self.client.get(address))

    async def send(self, page: Page, action: str, files: Files = [], **words: Any) -> Page:  # noqa: B006
        """Fills in a form of the page and sends it, as it stands there."""
        return await self._read(await self.post(page, action, files, **words))

    async def post(self, page: Page, action: str, files: Files = [], **words: Any) -> httpx2.Response:  # noqa: B006
        """As `send`; answers what came back at once, without going where it leads."""
        form = page.form(action)
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            # A browser does not count the line end with which a text area begins (HTML, 13.1.2.5).
            data.setdefault(name, []).append(value.removeprefix("\n"))
        data |= words
        sent = [("files", file) for file in files]
        address = urljoin(page.address, form.get("action"))
        return await self.client.post(address, data=data, files=sent or None, headers=FROM_OUR_PAGES)

    async def close(self) -> None:
        """Closes its connections."""
        await self.client.aclose()

    async def _read(self, answer: httpx2.Response) -> Page:
        while answer.is_redirect:
            answer = await self.client.get(urljoin(str(answer.url), answer.headers["location"]))
        return Page(answer.status_code, str(answer.url), html.document_fromstring(answer.text), answer.headers)
