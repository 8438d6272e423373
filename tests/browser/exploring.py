"""What the tests of the explorers share: a tab that shows one, the points of its lines,
and the code that unpacks its records.
"""

import json
import re
from pathlib import Path

import quickjs

CODE = Path(__file__).parents[2] / "docs/assets/explorers"
PLACES = [("lectures/residual-learning.html", "errors"), ("lectures/vanishing-gradients.html", "gradients")]


def opened(page, url: str, name: str):
    """The explorer on the page of this address, with its records."""
    page.goto(f"{url}#explorer-{name}")
    box = page.locator(f"#explorer-{name}")
    box.scroll_into_view_if_needed()
    page.wait_for_selector(f"#explorer-{name}.ready")
    return box


def curve(svg, line: str, number) -> list[tuple[float, float]]:
    """The points of a line that is drawn, from pixels back to numbers by the places of the ticks."""
    ticks = svg.evaluate(
        "svg => [...svg.querySelectorAll('.tick')].map(tick => [Number(tick.getAttribute('x')), "
        "Number(tick.getAttribute('y')), tick.textContent])"
    )
    lowest = max(y for _, y, _ in ticks)
    (x0, a0), *_, (x1, a1) = ((x, float(text)) for x, y, text in ticks if y == lowest)
    (y0, b0), *_, (y1, b1) = ((y, number(text)) for _, y, text in ticks if y != lowest)
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", svg.locator(line).get_attribute("d"))
    # The words of a tick stand 4 pixels below its line.
    return [
        (a0 + (float(x) - x0) * (a1 - a0) / (x1 - x0), b0 + (float(y) + 4 - y0) * (b1 - b0) / (y1 - y0))
        for x, y in points
    ]


def unpacked(values: list[int | None], one: int) -> list[float | None]:
    """What the page's own code reads."""
    context = quickjs.Context()
    context.eval((CODE / "chart.js").read_text(encoding="utf-8"))
    return json.loads(context.eval(f"JSON.stringify(unpack({json.dumps(values)}, {one}))"))
