"""Numbers as a reader sees them."""

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    return "1" if exponent == 0 else "10" + str(exponent).translate(SUPERSCRIPT)


def scientific(value: float) -> str:
    """1234 -> "1,200", 3.2e-40 -> "3.2 × 10⁻⁴⁰": two digits, a power of ten only where it helps."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        rounded = float(f"{value:.2g}")
        return f"{rounded:,.0f}" if abs(rounded) >= 10 else f"{rounded:g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × {power_of_ten(int(exponent))}"
