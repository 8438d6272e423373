"""The numbers and the tables of the experiments.

{{ measured NAME }}     a number of course.report.measured, in the text; its records show on hover
{{ table NAME }}        a table of course.report.tables
"""

from xml.etree.ElementTree import Element

from course.report import measured, tables
from sitetools.syntax.directives import Spot, directive
from sitetools.syntax.markup import filled


@directive("measured", in_text=True)
def number(spot: Spot, name: str) -> Element:
    return filled("measured", value=measured.measured(name))


@directive("table")
def table(spot: Spot, name: str) -> None:
    spot.markdown(tables.table(name))
