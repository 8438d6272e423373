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
    20-7E A0 B1 D7                                                              a keyboard's signs, ± and ×
    393 394 398 39B 39E 3A0 3A3 3A6 3A8 3A9 3B1-3C9 3D1 3D5 3F5                 Greek
    2C6 2DC 302-304 20D7                                                        accents
    2016 2026 2032 2033 2061-2064                                               dashes, primes, what is invisible
    2102 210B 210D 210E 2110 2112 2115 2119-211B 211D 2124 212C 2130 2131 2133  letters that stand apart from their alphabets
    2190 2192 21A6 21D2                                                         arrows
    2200 2202 2203 2205 2207-2209 220F 2211 2212 2216 2218 221A 221D 221E       operators and relations
    2223 2225 2227-222B 223C 2243 2245 2248 2260 2261 2264 2265 226A 226B       operators and relations
    2282 2286 2297 2299 22A4 22A5 22C5 22EE 22EF                                operators, relations, dots
    2308-230B 27E8 27E9                                                         brackets
    25A1                                                                        the end of a proof
    1D400-1D467 1D49C-1D4B5 1D538-1D551 1D6FC-1D71B                             bold, italic, script and double-struck letters
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
