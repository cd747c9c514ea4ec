"""How many pixels of this screen are a millimetre, or that nobody knows: a speed in mm/s is only true where this is."""

from __future__ import annotations

import math
from dataclasses import dataclass

MM_PER_INCH = 25.4
USUAL_PX_PER_MM = 1366 / 345
"""A screen of 15.6 inch and 1366x768, for which the layout was drawn; assumed where nothing is known."""
_MADE_UP_DPI = (72.0, 75.0, 96.0, 100.0)
"""What display servers say when the screen has told them nothing."""
_POSSIBLE_DPI = (30.0, 400.0)
_UNEVEN = 0.08
"""Pixels are square: sizes that say otherwise by more than this are wrong."""


@dataclass(frozen=True, slots=True)
class ScreenSize:
    """Pixels (logical ones) a millimetre. why: whence this is known, or why it is not."""

    px_per_mm: float
    known: bool
    why: str


def screen_size(pixels: tuple[float, float], told_mm: tuple[float, float], diagonal_in: float = 0.0) -> ScreenSize:
    """From the logical pixels of a screen, the millimetres that it says it has, and the diagonal that somebody measured
    (inches, 0 = nobody)."""
    if diagonal_in > 0:
        per_mm = math.hypot(*pixels) / (diagonal_in * MM_PER_INCH)
        return ScreenSize(per_mm, known=True, why=f"{diagonal_in:g} inch, measured")
    (width, height), (wide_mm, high_mm) = pixels, told_mm
    if min(width, height, wide_mm, high_mm) <= 0:
        return _unknown("the screen does not tell its size")
    across, down = (MM_PER_INCH * width / wide_mm, MM_PER_INCH * height / high_mm)
    told = f"{wide_mm:.0f} x {high_mm:.0f} mm"
    if abs(across / down - 1) > _UNEVEN or not _POSSIBLE_DPI[0] <= across <= _POSSIBLE_DPI[1]:
        return _unknown(f"the screen says {told}, which cannot be")
    if any(abs(across - one) < 0.05 for one in _MADE_UP_DPI):
        return _unknown("the screen does not tell its size")  # this is what the server says in its place
    return ScreenSize(across / MM_PER_INCH, known=True, why=f"the screen says {told}")


def _unknown(why: str) -> ScreenSize:
    return ScreenSize(USUAL_PX_PER_MM, known=False, why=why)
