"""Which names a file may have (OWASP File Upload Cheat Sheet: names are untrusted input)."""

import re
import unicodedata

from domain.one_line import is_one_line
from domain.refusal import Refusal

MAX_NAME_CHARACTERS = 255

TEXT_EXTENSIONS = frozenset({"txt", "text", "log", "md", "csv"})
_IMAGE_EXTENSIONS = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp"})
ALLOWED_EXTENSIONS = TEXT_EXTENSIONS | _IMAGE_EXTENSIONS | {"pdf", "docx", "xlsx", "pptx", "zip"}

_PROGRAMS = (
    "exe dll com scr pif cpl msi msp msc sys drv ocx xll so dylib elf app dmg pkg deb rpm apk ipa jar class dex wasm "
    "iso img vhd vhdx"
)
_SCRIPTS = (
    "bat cmd ps1 psm1 vb vbs vbe js jse mjs cjs wsf wsh hta lnk url scf reg inf chm desktop action command "
    "sh bash zsh csh ksh fish py pyc pyw pyz rb pl php phtml phar cgi asp aspx jsp lua tcl awk"
)
_WITH_MACROS = "docm dotm xlsm xltm xlam pptm potm ppam ppsm"
RUNNABLE_EXTENSIONS = frozenset(f"{_PROGRAMS} {_SCRIPTS} {_WITH_MACROS}".split())
"""Extensions that a system, a shell, an interpreter or an office program would run when somebody opens the file."""

_DRIVE = re.compile(r"[A-Za-z]:")


def checked_name(name: str) -> str:
    """The name as it is kept: normalised to NFC, without blanks around it.

    Raises Refusal `file_name_refused` for a name that is empty, too long, part of a path or made to deceive, and
    `file_type_refused` for one whose extension is not among the allowed.
    """
    kept = unicodedata.normalize("NFC", name).strip(" ")
    if not kept:
        raise _refused("A file needs a name.")
    if len(kept) > MAX_NAME_CHARACTERS:
        raise _refused(f"A file's name has at most {MAX_NAME_CHARACTERS} characters.")
    if not is_one_line(kept):
        raise _refused("A file's name holds no control characters.")
    if "/" in kept or "\\" in kept or _DRIVE.match(kept) or kept.endswith("."):
        # Windows drops a dot at the end, and with it what was checked here as the extension.
        raise _refused("A file's name is no path, and does not end with a dot.")
    if (ending := extension(kept)) not in ALLOWED_EXTENSIONS | {""}:
        raise Refusal("file_type_refused", f"Files whose name ends in .{ending} are not accepted.")
    return kept


def extension(name: str) -> str:
    """What follows the last dot, in lower case; empty where there is none or where it is a number, as in "v1.2"."""
    _, dot, ending = name.rpartition(".")
    return ending.strip().lower() if dot and not ending.isdigit() else ""


def _refused(sentence: str) -> Refusal:
    return Refusal("file_name_refused", sentence)
