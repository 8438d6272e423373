"""The papers' numbers beside ours."""

import math
import re
from collections.abc import Iterable

from course.records.names import label
from course.report import ledger
from course.report.ledger import Comparison
from course.report.tables.markdown import markdown, register


def compared(comparisons: Iterable[Comparison]) -> str:
    """Comparisons of one quantity.

    Sources, conditions and reasons are notes below the table: a sentence in a narrow cell is hard to read.
    """
    comparisons = list(comparisons)
    quantity = comparisons[0].quantity
    anchor = re.sub(r"[^a-z0-9]+", "-", quantity.lower()).strip("-")
    notes: dict[str, str] = {}  # a text, and the footnote that holds it

    def note(text: str) -> str:
        return notes.setdefault(text, f"[^{anchor}-{len(notes) + 1}]") if text else ""

    rows = []
    for each in comparisons:
        digits = max(0, -round(math.log10(each.unit)))
        deviation = f" ± {each.deviation:.{digits}f}" if each.seeds > 1 else ""
        rows.append(
            [
                label(each.family, each.depth),
                f"{each.paper:.{digits}f}{note(each.source)}",
                f"{each.ours:.{digits}f}{deviation}{note(each.conditions)}",
                ("yes" if each.agrees else "no") + note(each.remark),
            ]
        )
    sentences = [f"{mark}: {sentence(text)}" for text, mark in notes.items()]
    return markdown(f"{sentence(quantity, '')} | Paper | Ours | Agrees", rows, "\n".join(sentences))


def sentence(text: str, stop: str = ".") -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(stop) else stop)


@register
def ledger_multiply_adds() -> str:
    return compared(ledger.multiply_adds())


@register
def ledger_parameters() -> str:
    return compared(ledger.parameters())


@register
def ledger_cifar10_parameters() -> str:
    return compared(ledger.cifar10_parameters())


@register
def ledger_training_error() -> str:
    return compared(ledger.cifar10("train_error"))


@register
def ledger_test_error() -> str:
    return compared(ledger.cifar10("test_error"))
