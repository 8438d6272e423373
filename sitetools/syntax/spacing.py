"""The space around the signs of a formula, where a browser would set another than TeX does."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
DOTS = {"…", "⋯"}
BRACKETS = set("()[]{}⟨⟩⌊⌋⌈⌉|‖∣∥/")
FUNCTION = "\u2061"  # stands, unseen, between a function and its argument
THIN = "0.1667em"


def as_in_tex(mathml: str) -> str:
    formula = ElementTree.fromstring(mathml)
    before, *rows = formula  # of a long formula: each ends where the line may
    for row in rows:
        if len(row) == 1 and row[0].tag == "mo":
            before.append(row[0])  # a sign with a row to itself would get no space
            formula.remove(row)
        else:
            before = row
    within = {child: row for row in formula.iter() for child in row}

    def beside(part: Element, step: int) -> Element | None:
        """What stands to the left (-1) or the right (1) of a sign, or of the sign with its limits."""
        while part in within and (within[part].tag in SCRIPTED or len(within[part]) == 1):
            part = within[part]
        row = list(within.get(part, []))
        place = row.index(part) + step if row else -1
        return row[place] if 0 <= place < len(row) else None

    for index in [index for part in formula.iter() if part.tag in SCRIPTED for index in part[1:]]:
        for sign in index.iter("mo"):
            space(sign, "0", "0")  # i=1, not i = 1
    for sign in list(formula.iter("mo")):
        left, right = beside(sign, -1), beside(sign, 1)
        if sign.text in DOTS:
            space(
                sign, THIN if is_operand(left) else "0", THIN if is_operand(right) or is_comma(right) else "0"
            )
        elif sign.text in BRACKETS and "minsize" in sign.attrib:
            space(sign, "0", "0")  # a bracket of a given size is a sign like any other to the browser
        elif "movablelimits" in sign.attrib and not is_operand(left):
            sign.set("lspace", "0")  # = ∑: the = has its space already
        elif sign.text == FUNCTION:
            name = within[sign][list(within[sign]).index(sign) - 1]
            if is_operand(beside(within[sign] if within[sign][0] is name else name, -1)):
                # W diag, not Wdiag
                within[sign].insert(list(within[sign]).index(name), Element("mspace", width=THIN))
    last = list(formula.iter())[-1]
    if last.tag == "mspace":
        within[last].remove(last)  # the words after a formula bring their own
    return ElementTree.tostring(formula, encoding="unicode", short_empty_elements=False)


def space(sign: Element, left: str, right: str) -> None:
    sign.attrib |= {"lspace": left, "rspace": right}


def is_operand(part: Element | None) -> bool:
    """A letter, a number or a closing bracket; not a sign, nor a space."""
    return part is not None and part.tag != "mspace" and (part.tag != "mo" or part.get("form") == "postfix")


def is_comma(part: Element | None) -> bool:
    return part is not None and part.get("separator") == "true"
