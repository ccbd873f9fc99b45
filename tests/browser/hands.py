"""The hands that people work a page with: a mouse, nothing but keys, or a mouse where no scripts run. A story is the
same with each."""

from pathlib import PurePath
from typing import Any, Protocol

from playwright.async_api import FilePayload, Locator, Page, expect

_STEPS_AT_MOST = 200
_IS_THERE = """it => it === document.activeElement || it.type === "radio" && document.activeElement.type === "radio"
    && it.name === document.activeElement.name && it.form === document.activeElement.form"""


class Hands(Protocol):
    """What one does with what stands on a page."""

    run_scripts: bool

    async def press(self, thing: Locator) -> None:
        """A button or a link."""

    async def fill(self, field: Locator, words: str) -> None:
        """A field, with what is typed into it."""

    async def choose(self, option: Locator) -> None:
        """One of several, or a box to tick."""

    async def pick(self, field: Locator, said: str) -> None:
        """What a list calls so."""

    async def give(self, field: Locator, file: FilePayload) -> None:
        """A file."""

    async def look_again(self, page: Page) -> None:
        """At what others have done meanwhile: it is there by itself, or once the page is asked for again."""


class Mouse:
    """Points and clicks."""

    run_scripts = True

    async def press(self, thing: Locator) -> None:
        await thing.click()

    async def fill(self, field: Locator, words: str) -> None:
        await field.fill(words)

    async def choose(self, option: Locator) -> None:
        await option.check()

    async def pick(self, field: Locator, said: str) -> None:
        await field.select_option(label=said)

    async def give(self, field: Locator, file: FilePayload) -> None:
        await field.set_input_files([file])
        await _has_gone_up(field)

    async def look_again(self, page: Page) -> None:
        pass


class WithoutScripts(Mouse):
    """Points and clicks at a browser that runs no scripts."""

    run_scripts = False

    async def give(self, field: Locator, file: FilePayload) -> None:
        await field.set_input_files([file])

    async def look_again(self, page: Page) -> None:
        await page.reload()


class Keyboard:
    """Goes from one thing to the next, and never points."""

    run_scripts = True

    async def press(self, thing: Locator) -> None:
        await _go_to(thing)
        await thing.page.keyboard.press("Enter")

    async def fill(self, field: Locator, words: str) -> None:
        await _go_to(field)
        if await field.get_attribute("type") == "date":
            # As a browser takes a date: a part after the other, in the language's order.
            year, month, day = words.split("-")
            english = (await field.page.evaluate("navigator.language")).startswith("en")
            words = f"{month}{day}{year}" if english else f"{day}{month}{year}"
        else:
            await field.page.keyboard.press("Control+a")
        await field.page.keyboard.type(words)

    async def choose(self, option: Locator) -> None:
        await _go_to(option)
        for _ in range(_STEPS_AT_MOST):
            if await option.evaluate("it => it === document.activeElement"):
                break
            await option.page.keyboard.press("ArrowDown")
        if not await option.is_checked():
            await option.page.keyboard.press("Space")

    async def pick(self, field: Locator, said: str) -> None:
        await _go_to(field)
        await field.page.keyboard.type(said)

    async def give(self, field: Locator, file: FilePayload) -> None:
        await _go_to(field)
        async with field.page.expect_file_chooser() as chooser:
            # Once this is answered the browser knows that choosers are to be caught: a key is not to be faster.
            await field.evaluate(_IS_THERE)
            await field.page.keyboard.press("Enter")
        await (await chooser.value).set_files([file])
        await _has_gone_up(field)

    async def look_again(self, page: Page) -> None:
        pass


async def _has_gone_up(field: Locator) -> None:
    await expect(field.page.locator("[data-chosen] input[name=file_ids]")).to_have_count(1)


async def _go_to(thing: Locator) -> None:
    # Looked for once: by its role and name the browser would look through the whole page again at each step.
    it = await thing.element_handle()
    for _ in range(_STEPS_AT_MOST):
        is_there = await it.evaluate(f"it => it.isConnected ? ({_IS_THERE})(it) : null")
        if is_there:
            return
        if is_there is None:
            it = await thing.element_handle()
        await thing.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {thing}")


FOCUS_IS_WATCHED = (PurePath(__file__).with_name("focus.js")).as_posix()
"""A script that complains, as an error of the page, where what has the focus goes away and nothing has it then."""

HANDS: dict[str, Any] = {"by mouse": Mouse(), "by keyboard": Keyboard(), "without scripts": WithoutScripts()}
