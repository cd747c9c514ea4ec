"""The colours that plots need, by role, taken from the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Look(Protocol):
    """What plots ask of a theme."""

    @property
    def panel(self) -> str: ...
    @property
    def border(self) -> str: ...
    @property
    def dim(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def hr(self) -> str: ...
    @property
    def spo2(self) -> str: ...
    @property
    def resp(self) -> str: ...
    @property
    def nibp(self) -> str: ...
    @property
    def rate(self) -> str: ...
    @property
    def temp(self) -> str: ...
    @property
    def scale(self) -> float: ...


@dataclass(frozen=True, slots=True)
class PlotColours:
    """Colours by role as #rrggbb, and how much larger than the 1366x768 layout things are drawn."""

    background: str = "#171c22"
    grid: str = "#2c343e"
    axis: str = "#a3adba"
    text: str = "#eef1f6"
    hr: str = "#4ade80"
    spo2: str = "#46cfee"
    resp: str = "#d9d49f"
    nibp: str = "#f4f6f9"
    rate: str = "#b196fb"
    scale: float = 1.0
    temp: str = "#e6d6f5"

    def px(self, pixels: float) -> int:
        """A length of the 1366x768 layout in pixels of this screen."""
        return max(1, round(pixels * self.scale))

    def pen(self, pixels: float) -> float:
        """How thick a line is that is `pixels` thick in the 1366x768 layout; never thinner than there."""
        return max(pixels, pixels * self.scale)


DARK_PLOT = PlotColours()


def plot_colours(theme: Look) -> PlotColours:
    """The plots' colours in this theme."""
    return PlotColours(
        theme.panel, theme.border, theme.dim, theme.text,
        theme.hr, theme.spo2, theme.resp, theme.nibp, theme.rate, theme.scale, theme.temp,
    )  # fmt: skip
