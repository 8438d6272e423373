"""Make the faces of Inter and JetBrains Mono lighter: Latin letters and the features that the site uses, nothing else.

    npm pack @fontsource-variable/inter@5.3.0 @fontsource/jetbrains-mono@5.3.0, and unpack both
    pip install fonttools==4.68.0 brotli
    python lighter.py .../inter-latin-wght-normal.woff2 inter/
    python lighter.py .../jetbrains-mono-latin-400-normal.woff2 jetbrains-mono/

(Source Serif 4 stays as it is published: its licence reserves its name for that.)
"""
import sys
from pathlib import Path

FEATURES = ["kern", "mark", "ccmp", "tnum"]  # tnum: digits of one width in tables; no ligatures, which would hide what code is made of
SIGNS = [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2015), *range(0x2018, 0x201E), 0x2022, 0x2026, 0x2212, 0x2215]


def main() -> None:
    from fontTools import subset

    source, target = map(Path, sys.argv[1:])
    options = subset.Options(layout_features=FEATURES, hinting=False, flavor="woff2")
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=SIGNS)
    subsetter.subset(font)
    subset.save_font(font, str(target / source.name), options)


if __name__ == "__main__":
    main()
