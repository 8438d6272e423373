"""What a link to a page looks like elsewhere: the card, drawn from the records when the site is built,
and the words that go with it.
"""

import html
import io
from functools import lru_cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page
from PIL import Image, ImageDraw, ImageFont

from course import records, style

NAME = "assets/card.png"
WIDTH, HEIGHT, SCALE = 1200, 630, 2  # what the places that show cards ask for; drawn larger, for smooth lines
FONT = Path(__file__).parents[2] / "docs/assets/vendor/inter/inter-latin-wght-normal.woff2"
LOOK = style.THEMES["dark"]
WORDS = ("How deep can a neural network be,", "and what stops it?")


def font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    chosen = ImageFont.truetype(FONT, size * SCALE)
    chosen.set_variation_by_axes([weight])
    return chosen


@lru_cache(maxsize=1)
def draw() -> bytes:
    """The title, and training error by epoch: 56 layers without shortcuts and with them,
    mean over seeds. As a PNG.
    """
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "#14171d")
    pen = ImageDraw.Draw(image)

    def write(x: int, y: int, text: str, size: int, weight: int, colour: str) -> None:
        pen.text((x * SCALE, y * SCALE), text, font=font(size, weight), fill=colour)

    write(72, 150, "Going Deeper", 76, 700, LOOK.ink)
    for number, line in enumerate(WORDS):
        write(72, 270 + 44 * number, line, 30, 400, LOOK.quiet)
    left, right, top, bottom = 700, 1010, 130, 500
    rows = records.rows("digits")
    for family, label in (("plain", "56 layers"), ("resnet", "with shortcuts")):
        points = records.spread(
            [row for row in rows if row["family"] == family and row["depth"] == 56], "train_error", "epoch"
        )
        epochs = sorted(points)
        line = [
            (
                SCALE * (left + (right - left) * (epoch - epochs[0]) / (epochs[-1] - epochs[0])),
                SCALE * (bottom - (bottom - top) * points[epoch].centre / 100),
            )
            for epoch in epochs
        ]
        pen.line(line, fill=LOOK[family], width=6 * SCALE, joint="curve")
        write(right + 14, round(line[-1][1] / SCALE) - 12, label, 20, 500, LOOK[family])
    pen.line(
        [(left * SCALE, bottom * SCALE), (right * SCALE, bottom * SCALE)], fill=LOOK.grid, width=2 * SCALE
    )
    write(left, bottom + 14, "training error, epoch by epoch", 18, 400, LOOK.quiet)
    file = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def describe(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name the card in the head of a page. A card has a full address, so it needs the address of the site."""
    words = {
        "og:type": "website",
        "og:site_name": config.site_name,
        "og:title": config.site_name if page.is_homepage else page.title,
        "og:description": page.meta.get("description") or config.site_description,
    }
    if config.site_url:
        words |= {
            "og:url": page.canonical_url,
            "og:image": f"{config.site_url.rstrip('/')}/{NAME}",
            "og:image:alt": f"{config.site_name}: {' '.join(WORDS)}",
        }
    tags = "".join(
        f'<meta property="{name}" content="{html.escape(str(value))}">\n' for name, value in words.items()
    )
    card = '<meta name="twitter:card" content="summary_large_image">\n' if config.site_url else ""
    return output.replace("</title>", f"</title>\n{tags}{card}", 1)
