"""The markup of the parts: templates of sitetools/parts/templates, put into the tree of a page."""

from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown.util import AtomicString


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "parts/templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["count"] = count


def filled(template: str, **values: object) -> ElementTree.Element:
    """The element that a template makes. Its text is Markdown still, as a caption's is, but in `code` and in
    elements marked `verbatim`."""
    root = ElementTree.fromstring(TEMPLATES.get_template(f"{template}.html").render(values))
    for element in root.iter():
        if element.attrib.pop("verbatim", None) or element.tag == "code":
            element.text = AtomicString(element.text or "")
    return root
