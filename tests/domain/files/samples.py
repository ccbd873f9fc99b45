"""The smallest valid files of each type."""

import io
import zipfile
import zlib
from struct import pack

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(32) + b"\xff\xd9"
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TEXT = "Bonjour, voilà : ça ne marche pas.\n".encode()
CSV = b"number;amount\nTCK-1;12,50\n"

MZ = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(64)
ELF = b"\x7fELF\x02\x01\x01" + bytes(64)
MACH_O = b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + bytes(64)
JAVA_CLASS = b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(64)
SHORTCUT = b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(64)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
SHELL = b"#!/bin/sh\nrm -rf /\n"
BATCH = b"@echo off\r\ndel *.*\r\n"
PHP = b"<?php system($_GET['c']);"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BARE_SVG = b'\n <svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
WORD_WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def png() -> bytes:
    """One pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack("!L", len(data)) + kind + data + pack("!L", zlib.crc32(kind + data))

    header = pack("!2L5B", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            # A time of its own, not the clock's: samples name tests, and two processes must name them alike.
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue()


def office(main: str, **more: bytes) -> bytes:
    """An office document whose main part is of this content type."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{main}"/></Types>'.encode()
    return zipped({"[Content_Types].xml": types, "main.xml": b"<w/>", **more})


def bomb(unpacked: int) -> bytes:
    """A zip that honestly declares so many bytes, all zero."""
    return zipped({"zeros.txt": bytes(unpacked)})


def lying_bomb(declared: int) -> bytes:
    """A small zip whose directory declares far more than is there."""
    made = bytearray(zipped({"a.txt": b"a" * 100}))
    entry = made.rindex(b"PK\x01\x02")
    made[entry + 24 : entry + 28] = pack("<L", declared)
    return bytes(made)


def encrypted() -> bytes:
    """A zip whose entry says that it is encrypted."""
    made = bytearray(zipped({"a.txt": b"secret"}))
    entry = made.rindex(b"PK\x01\x02")
    made[6] |= 1
    made[entry + 8] |= 1
    return bytes(made)
