"""A browser without scripts: it keeps cookies, follows where it is led, and sends the forms of the page it is on."""

from dataclasses import dataclass
from typing import Any

import httpx2
from lxml import html

Shown = html.HtmlElement


@dataclass
class Page:
    """What a browser shows."""

    status: int
    address: str
    text: str

    @property
    def tree(self) -> Shown:
        return html.document_fromstring(self.text)

    @property
    def says(self) -> str:
        """Its words, as one line."""
        return " ".join(self.tree.text_content().split())

    def form(self, action: str) -> Shown:
        found = self.tree.xpath(f"//form[@action='{action}' and @method='post']")
        assert found, f"no form for {action} at {self.address}: {self.says[:600]}"
        return found[0]

    def faults(self) -> set[str]:
        """The fields that something is wrong with."""
        return {link.get("href").removeprefix("#f-") for link in self.tree.xpath("//*[@class='errors']//a")}


class Browser:
    def __init__(self, http: httpx2.AsyncClient) -> None:
        http.headers["Sec-Fetch-Site"] = "same-origin"
        http.follow_redirects = True
        self.http = http
        self.page = Page(0, "", "")

    async def open(self, address: str) -> Page:
        return self._shown(await self.http.get(address))

    async def send(self, action: str, **typed: Any) -> Page:
        """Sends the page's form for an action, with what stands in it and what is typed."""
        form = self.page.form(action)
        fields: dict[str, Any] = {}
        for name, value in form.form_values():
            fields[name] = [*fields[name], value] if name in fields else [value]
        fields |= typed
        return self._shown(await self.http.post(action, data=fields))

    async def log_in(self, email: str, password: str) -> Page:
        await self.open("/login")
        return await self.send("/login", email=email, password=password)

    def _shown(self, answer: httpx2.Response) -> Page:
        self.page = Page(answer.status_code, str(answer.url.raw_path, "ascii"), answer.text)
        return self.page
