"""A PDF with an invoice's data in it."""

import io

from facturx import generate_from_binary
from PIL import ImageCms
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from activities.papers.factur_x import InvoiceData, as_xml


def embedded(pdf: bytes, data: InvoiceData, *, language: str, title: str) -> bytes:
    """The PDF as PDF/A-3 with its data in it."""
    metadata = {"author": data.seller.name, "keywords": "Factur-X", "title": title, "subject": title}
    whole: bytes = generate_from_binary(
        _with_colours(pdf),
        as_xml(data),
        flavor="factur-x",
        level="basic",
        lang=language,
        pdf_metadata=metadata,
        # The data say the same as the paper, and not only a part of it.
        afrelationship="alternative",
        # For readers that look for the metadata without knowing PDF.
        xmp_compression=False,
    )
    return whole


def _with_colours(pdf: bytes) -> bytes:
    """The PDF with the profile of its colours, which one that is kept for years has to bring along, and by the version
    of PDF that PDF/A-3 is made of."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.pdf_header = "%PDF-1.7"
    profile = DecodedStreamObject()
    profile.set_data(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFA1"),
            NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
            NameObject("/DestOutputProfile"): writer._add_object(profile.flate_encode()),
        }
    )
    writer._root_object[NameObject("/OutputIntents")] = ArrayObject([writer._add_object(intent)])
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
