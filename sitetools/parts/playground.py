"""The playground, on which a reader trains networks, and the pairs of networks that it offers.

{{ playground }}    the playground, and what stands in its place without JavaScript
{{ pairs }}         what each pair of docs/playground.toml shows

Its code lies in docs/assets/playground. A page from a folder may start a worker from nothing but a text that
it has, so the worker's code and the digits are packed into one script when the site is built.
"""

import base64
import json
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sklearn.datasets import load_digits

from course.paths import ROOT
from sitetools import datafiles
from sitetools.parts import explorers
from sitetools.syntax.directives import Spot, directive, page_of
from sitetools.syntax.markup import filled

FOLDER = "assets/playground"
PAIRS = ROOT / "docs/playground.toml"
PAGE = (
    "assets/explorers/chart.js",
    *(f"{FOLDER}/{name}.js" for name in ("setting", "words", "columns", "pad", "playground")),
)
WORKER = ("random", "network", "training", "worker")


@dataclass(frozen=True)
class Pair:
    """setting: as a link to the page holds it.  errors: lowest and highest of the training errors in percent,
    of network A and of network B.  text: Markdown.
    """

    title: str
    setting: str
    errors: list[tuple[float, float]]
    text: str

    @property
    def seen(self) -> str:
        first, second = (
            f"{low:g} %" if low == high else f"{low:g} to {high:g} %" for low, high in self.errors
        )
        return self.text.format(A=first, B=second)


def pairs() -> dict[str, Pair]:
    found = {}
    for name, written in datafiles.parsed(PAIRS).items():
        with datafiles.entry(PAIRS, f"[{name}]"):
            e = datafiles.fields(written, title=str, setting=str, errors=list, text=str)
            found[name] = Pair(
                e["title"], e["setting"], [(low, high) for low, high in e["errors"]], e["text"]
            )
    return found


@directive("playground", named=False)
def playground(spot: Spot) -> None:
    note = "Training needs JavaScript. What the six pairs show is told below."
    explorers.put(spot, "playground", filled("playground", pairs=pairs()), "gradient-by-layer", note)
    page_of(spot.md).meta["playground"] = PAGE  # the page's template loads these, on no other page


@directive("pairs", named=False)
def what_the_pairs_show(spot: Spot) -> None:
    spot.markdown("\n".join(f"1.  [{pair.title}](#{name}). {pair.seen}" for name, pair in pairs().items()))


def packed() -> dict[str, str]:
    """What the page's script finds as `playgroundRecords`, as a script by its name."""
    code = "\n".join((ROOT / f"docs/{FOLDER}/{name}.js").read_text(encoding="utf-8") for name in WORKER)
    settings = {name: pair.setting for name, pair in pairs().items()}
    content = json.dumps({"digits": digits(), "code": code, "pairs": settings}, ensure_ascii=False)
    return {f"{FOLDER}/playground-data.js": f"const playgroundRecords = {content};\n"}


@lru_cache(maxsize=1)
def digits() -> str:
    """The digits in course.data's order, first every image's first pixel in 0..16, then every image's
    second; the labels last. Neighbours are alike in that order, which makes it shortest.
    """
    pixels, labels = load_digits(return_X_y=True)  # course.data, which has the same, would bring torch
    packer = zlib.compressobj(9, strategy=zlib.Z_FILTERED)
    content = np.concatenate([pixels.T.ravel(), labels]).astype(np.uint8).tobytes()
    return base64.b64encode(packer.compress(content) + packer.flush()).decode()
