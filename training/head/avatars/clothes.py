"""Shoulders for Lorelei's people, who end at the neck."""

from __future__ import annotations

from .cast import INK, Person

_NECK = {  # where a neck's lines end, left and right, by the variant of the head
    "variant01": ((268, 838), (667, 806)),
    "variant02": ((262, 838), (660, 806)),
    "variant03": ((273, 838), (712, 834)),
    "variant04": ((305, 848), (681, 827)),
}
_LOW = {"round": 912, "v": 985, "collar": 930}  # y of a neckline's lowest point
_PEN = f'stroke="{INK}" stroke-width="10.5" stroke-linejoin="round" stroke-linecap="round"'


def clothes(person: Person) -> tuple[str, str]:
    """Return what lies under a drawing (skin), and over it, as SVG in the style's units."""
    (left, top), (right, end) = _NECK[person.parts["head"]]
    left, right = left + 4, right - 2
    low, middle = _LOW[person.neckline], (left + right) / 2 + 22
    start = f"M{left} {top}"
    if person.neckline == "round":
        neck = (
            f"C{left + 20} {low - 40} {middle - 110} {low} {middle} {low}"
            f" S{right - 24} {low - 40} {right} {end}"
        )
    else:
        neck = (
            f"C{left + 60} {top + 70} {middle - 60} {low - 40} {middle} {low}"
            f"C{middle + 50} {low - 50} {right - 50} {end + 60} {right} {end}"
        )
    shoulders = (
        f"C{right + 110} {end + 46} {right + 215} {end + 70} {right + 262} {end + 300}"
        f"L{left - 240} {top + 300}C{left - 205} {top + 100} {left - 120} {top + 60} {left} {top}Z"
    )
    over = _filled(start + neck + shoulders, person.cloth)
    if person.neckline == "round":
        low += 34
        over += _line(
            f"M{left - 16} {top + 6}C{left + 6} {low - 30} {middle - 120} {low} {middle} {low}"
            f" S{right - 2} {low - 38} {right + 16} {end + 6}"
        )
    elif person.neckline == "collar":
        over += _filled(
            f"{start}C{left + 60} {top + 70} {middle - 60} {low - 40} {middle} {low}"
            f"L{middle - 78} {low + 62}"
            f"C{left + 40} {top + 130} {left - 10} {top + 70} {left - 22} {top + 8}Z",
            person.cloth,
        )
        over += _filled(
            f"M{right} {end}C{right - 50} {end + 60} {middle + 50} {low - 50} {middle} {low}"
            f"L{middle + 74} {low + 58}"
            f"C{right - 30} {end + 120} {right + 14} {end + 70} {right + 24} {end + 10}Z",
            person.cloth,
        )
        over += _line(f"M{middle} {low}L{middle + 6} 1080")
    under = f'<path d="{start}{neck}Z" fill="{person.skin}"/>'
    return under, over


def _filled(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="{colour}" {_PEN}/>'


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" {_PEN}/>'
