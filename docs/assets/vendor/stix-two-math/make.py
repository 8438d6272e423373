"""Make stix-two-math.woff2: the signs that a course's formulas use, and some changes for browsers.

    pip download --no-deps ziamath==0.13 && unzip ziamath-0.13*.whl ziamath/fonts/STIXTwoMath-Regular.ttf
    pip install fonttools==4.68.0 brotli
    python make.py ziamath/fonts/STIXTwoMath-Regular.ttf

(The package of @fontsource has lost the variants of signs that formulas ask for; ziamath brings the whole font along.)
"""
import sys
from copy import deepcopy
from pathlib import Path

SIGNS = """
    20-7E A0-FF                                                       Latin
    391-3C9 3D1 3D5 3D6 3F0 3F1 3F5                                   Greek
    2C6 2C7 2D8-2DC 300-30C 20D7                                      accents
    2010-2016 2018-201D 2020-2022 2026 2032-2034 2057 2061-2064       dashes, primes, what is invisible
    2102 210B 210E-2113 2115 2118-211D 2124 212C 2130-2131 2133 2135  letters of their own
    2190-2199 21A6 21D0-21D4 27F5-27FA                                arrows
    2200-22A5 22C0-22C6 22EE-22F1 2A00-2A02 2A7D-2A7E                 operators and relations
    2308-230B 27E8-27E9 27EE-27EF 23B4-23B5 23DC-23DF                 brackets
    25A0-25A1                                                         squares
    1D400-1D467 1D49C-1D4CF 1D538-1D56B 1D6A8-1D71B                   bold, italic, script and double-struck letters
"""


def codes() -> set[int]:
    ranges = [word.split("-") for line in SIGNS.strip().splitlines() for word in line.strip().split("  ")[0].split()]
    return {code for ends in ranges for code in range(int(ends[0], 16), int(ends[-1], 16) + 1)}


def main() -> None:
    from fontTools import subset

    options = subset.Options(layout_features=["ss04", "ccmp"], hinting=False, flavor="woff2")  # ss04: primes as they stand in an exponent
    font = subset.load_font(sys.argv[1], options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes())
    subsetter.subset(font)

    constants = font["MATH"].table.MathConstants
    constants.SubscriptBaselineDropMin.Value = 0  # y_i as high as x_i: browsers apply to letters what TeX applies to brackets
    # A root for a letter with both indices: less room between them, and below a size between the two smallest.
    constants.SubSuperscriptGapMin.Value = 100
    constants.RadicalVerticalGap.Value, constants.RadicalDisplayStyleVerticalGap.Value = 100, 110

    root = font.getBestCmap()[0x221A]
    variants = font["MATH"].table.MathVariants
    radical = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
    width = font["hmtx"][root][0]
    higher, height = deepcopy(font["glyf"][root]), 1.16
    higher.coordinates.scale((1, height))
    higher.recalcBounds(font["glyf"])
    font["glyf"]["higher"] = higher
    font["hmtx"]["higher"] = font["hmtx"][root]
    record = deepcopy(radical.MathGlyphVariantRecord[0])
    record.VariantGlyph, record.AdvanceMeasurement = "higher", round(height * record.AdvanceMeasurement)
    radical.MathGlyphVariantRecord.insert(1, record)
    radical.VariantCount += 1
    # Every root as narrow as the smallest: Chromium keeps the room of the widest free behind each.
    for name in {*(v.VariantGlyph for v in radical.MathGlyphVariantRecord), *(part.glyph for part in radical.GlyphAssembly.PartRecords)}:
        glyph = font["glyf"][name]
        glyph.coordinates.scale((width / font["hmtx"][name][0], 1))
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, glyph.xMin)

    subset.save_font(font, str(Path(__file__).parent / "stix-two-math.woff2"), options)


if __name__ == "__main__":
    main()
