"""Which types of file are accepted. The type is told by the bytes, never by what the sender says.

Signatures of the allowed binary types come from `filetype`; text has none, so it is what is neither binary (WHATWG MIME
Sniffing, "binary data byte") nor markup nor a script. Which kind of zip it is, `domain.files.zips` decides once all
of it is there.
"""

import codecs
import re
from enum import StrEnum

import filetype
from filetype.types.archive import Zip
from filetype.types.document import Docx, Pptx, Xlsx
from filetype.types.image import Gif, Jpeg, Png, Webp

from domain.files.names import TEXT_EXTENSIONS, extension
from domain.refusal import Refusal

HEAD_BYTES = 4096
"""How much of a file's beginning `sniff` wants to see, or all of it when it is shorter."""


class FileType(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"
    WEBP = "image/webp"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    TXT = "text/plain"
    CSV = "text/csv"
    ZIP = "application/zip"


TEXT_TYPES = frozenset({FileType.TXT, FileType.CSV})

_SIGNED = (Jpeg(), Png(), Gif(), Webp(), Zip(), Docx(), Xlsx(), Pptx())
_GIF_VERSIONS = (b"GIF87a", b"GIF89a")
_ZIP_WITH_ENTRIES = b"PK\x03\x04"

_RUNNABLE_SIGNATURES = (
    b"MZ",  # Windows and DOS
    b"\x7fELF",
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),  # macOS
    b"\xca\xfe\xba\xbe",  # Java, and macOS for several processors
    b"\x00asm",
    b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
    b"\xd0\xcf\x11\xe0",  # Windows installers, and the old office formats with their macros
    b"#!",
    b"<?php",
)

# The tags of WHATWG MIME Sniffing 7.1, and those of the other markup that a browser would run.
_MARKUP = re.compile(
    rb"<(!doctype|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg|math|img|link|meta|object|"
    rb"embed|form|base|video|audio|xsl:stylesheet)[\s/>]|<!--|<\?(xml|php|=)|<%",
    re.IGNORECASE,
)
_BATCH = re.compile(rb"@echo\s+(off|on)\b", re.IGNORECASE)
_BLANK = b" \t\r\n\x0c"

_BINARY_BYTES = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_TEXT_BYTES = bytes(byte for byte in range(256) if byte not in _BINARY_BYTES)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def sniff(head: bytes, name: str) -> FileType:
    """The type of a file by its first `HEAD_BYTES`; ZIP for every kind of zip.

    `name` tells only a table from other text, and must not claim that text is something else. Raises Refusal:
    `file_empty`, `file_type_refused`.
    """
    if not head:
        raise Refusal("file_empty", "The file is empty.")
    if is_runnable(head):
        raise refused("The file is a program or a script, whatever its name says.")
    if signed := _signed(head):
        return signed
    text = TextCheck()
    text.feed(head)
    start = text.beginning.lstrip(_BLANK)
    if _MARKUP.match(start):
        raise refused("The file is HTML, SVG or other markup, whatever its name says.")
    if is_runnable(start) or _BATCH.match(start):
        raise refused("The file is a program or a script, whatever its name says.")
    ending = extension(name)
    if ending not in TEXT_EXTENSIONS | {""}:
        raise refused(f"The name ends in .{ending}, but the file is plain text.")
    return FileType.CSV if ending == "csv" else FileType.TXT


def is_runnable(head: bytes) -> bool:
    """Whether a computer would run what begins like this."""
    return head.startswith(_RUNNABLE_SIGNATURES)


def refused(sentence: str) -> Refusal:
    """The refusal of a type; clients get 415."""
    return Refusal("file_type_refused", sentence)


class TextCheck:
    """Looks through a text as it arrives; `beginning` holds its first bytes as UTF-8, without a byte order mark."""

    def __init__(self) -> None:
        self._utf_16: codecs.IncrementalDecoder | None = None
        self._begun = False
        self.beginning = b""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes. Raises Refusal `file_type_refused` when they are none of a text."""
        if not self._begun and chunk:
            self._begun = True
            if chunk.startswith(_UTF_16):
                self._utf_16 = codecs.getincrementaldecoder("utf-16")()
            self.beginning = self._plain(chunk).removeprefix(codecs.BOM_UTF8)
            return
        self._plain(chunk)

    def finish(self) -> None:
        """The text is over. Raises Refusal when it breaks off within a character."""
        if self._utf_16 is not None:
            self._decoded(b"", final=True)

    def _plain(self, chunk: bytes) -> bytes:
        if self._utf_16 is not None:
            chunk = self._decoded(chunk).encode(errors="replace")
        if chunk.translate(None, _TEXT_BYTES):
            raise _unknown()
        return chunk

    def _decoded(self, chunk: bytes, *, final: bool = False) -> str:
        if self._utf_16 is None:
            raise ValueError("only UTF-16 is decoded")
        try:
            return self._utf_16.decode(chunk, final)
        except UnicodeDecodeError:
            raise _unknown() from None


def _signed(head: bytes) -> FileType | None:
    if head.startswith(b"%PDF-"):
        return FileType.PDF
    if head.startswith(b"GIF") and not head.startswith(_GIF_VERSIONS):
        return None
    found = filetype.match(head, _SIGNED)
    if found is None:
        return None
    if isinstance(found, Zip | Docx | Xlsx | Pptx):
        if not head.startswith(_ZIP_WITH_ENTRIES):
            raise refused("The zip file is empty or a part of several.")
        return FileType.ZIP
    return FileType(found.mime)


def _unknown() -> Refusal:
    return refused("Files of this type are not accepted: send images, PDF, office documents, text, CSV or zip.")
