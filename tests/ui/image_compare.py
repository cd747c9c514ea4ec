"""Tells two images of a screen apart where a person would: what is elsewhere, or says something else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Pixels = NDArray[np.uint8]
"""Rows, columns, red green blue."""
COLOURS = 128
"""A kept image has so many: small files, and the look is kept."""
NEAR_PX = 1
"""An edge may lie so far beside, as it does with another font renderer."""
CHANNEL = 56
"""So much beyond everything that stands near by is another colour."""
BLOCK = 16
BLOCK_SHARE = 0.09
"""Of the pixels of a block of 16 x 16: more of them differ where a digit is another one, fewer where an edge is."""
IMAGE_SHARE = 0.001
"""Of all pixels."""
TONE = 6.0
"""So far the mean colour of a block may move, in steps of a channel: 4 where edges are smoothed otherwise, more where a
line of text is greyed by no more than CHANNEL (a word of four letters that was dim before may still pass)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How an image differs from its reference: share of all pixels, worst block's share, where that block begins; and
    how far the mean of a block is another tone at most, and where."""

    share: float
    worst: float
    at: tuple[int, int]
    tone: float = 0.0
    toned_at: tuple[int, int] = (0, 0)

    @property
    def same(self) -> bool:
        """Whether a person would call them the same."""
        return self.share <= IMAGE_SHARE and self.worst <= BLOCK_SHARE and self.tone <= TONE

    def told(self) -> str:
        """For whoever reads the test's answer."""
        return (
            f"{self.share:.3%} of the pixels differ, {self.worst:.0%} of the block at x, y = {self.at}; "
            f"the block at {self.toned_at} is another tone by {self.tone:.1f}"
        )


def as_pixels(image: QImage) -> Pixels:
    """The image's colours."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def _few_colours(pixels: Pixels) -> Pixels:
    """The same with few colours: each next one is where most is still far from those that are kept."""
    colours, where, often = _counted(pixels)
    nearest, distance = np.zeros(len(colours), np.intp), np.full(len(colours), np.inf)
    for _ in range(min(COLOURS, len(colours))):
        one = int((np.sqrt(often) * np.minimum(distance, 1e6)).argmax())
        away = ((colours - colours[one]) ** 2).sum(axis=1).astype(np.float64)
        nearest[away < distance] = one
        distance = np.minimum(distance, away)
    found: Pixels = colours[nearest][where].reshape(pixels.shape).astype(np.uint8)
    return found


def _counted(pixels: Pixels) -> tuple[NDArray[np.int32], NDArray[np.intp], NDArray[np.intp]]:
    """Every colour once, for each pixel the number of its colour, and how often each stands there."""
    packed = pixels.reshape(-1, 3).astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    found, where, often = np.unique(packed, return_inverse=True, return_counts=True)
    return np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1), where.reshape(-1), often


def write(pixels: Pixels, path: Path, base: Pixels | None = None) -> None:
    """Keep an image in few colours; blocks that `base` shows as well are transparent."""
    high, wide, _ = pixels.shape
    colours, where, _ = _counted(_few_colours(pixels))
    numbers = where.reshape(high, wide).astype(np.uint8)
    if base is not None:
        numbers[_equal_blocks(pixels, base)] = len(colours)
    image = QImage(numbers.tobytes(), wide, high, wide, QImage.Format.Format_Indexed8)
    image.setColorTable(
        [*(0xFF000000 | int(red) << 16 | int(green) << 8 | int(blue) for red, green, blue in colours), 0]
    )
    image.save(str(path), quality=0)


def read(path: Path, base: Pixels | None = None) -> Pixels:
    """The image that was kept; what is transparent in it is taken from `base`."""
    kept = QImage(str(path)).convertToFormat(QImage.Format.Format_RGBA8888)
    dots = np.frombuffer(kept.constBits(), np.uint8).reshape(kept.height(), kept.width(), 4)
    if base is None:
        return dots[:, :, :3].copy()
    return np.where(dots[:, :, 3:] > 0, dots[:, :, :3], base)


def _equal_blocks(one: Pixels, other: Pixels) -> NDArray[np.bool_]:
    """Every pixel of the blocks that are the same in both."""
    high, wide, _ = one.shape
    found = np.zeros((high, wide), np.bool_)
    for top in range(0, high, BLOCK):
        for left in range(0, wide, BLOCK):
            place = np.s_[top : top + BLOCK, left : left + BLOCK]
            found[place] = np.array_equal(one[place], other[place])
    return found


def difference(image: Pixels, reference: Pixels) -> Difference:
    """Where one holds a colour that the other has nowhere near by; images of different sizes differ altogether."""
    if image.shape != reference.shape:
        return Difference(1.0, 1.0, (0, 0))
    tone, toned_at = _tone(image, reference)
    if (np.maximum(image, reference) - np.minimum(image, reference)).max() <= CHANNEL:
        return Difference(0.0, 0.0, (0, 0), tone, toned_at)
    differs = _strange(image, reference) | _strange(reference, image)
    high, wide = (side - side % BLOCK for side in differs.shape)
    blocks = differs[:high, :wide].reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK).mean(axis=(1, 3))
    row, column = np.unravel_index(int(blocks.argmax()), blocks.shape)
    at = int(column) * BLOCK, int(row) * BLOCK
    return Difference(float(differs.mean()), float(blocks.max()), at, tone, toned_at)


def _tone(image: Pixels, reference: Pixels) -> tuple[float, tuple[int, int]]:
    """How far a block's mean colour moved at most, and where the block begins; what lies up to NEAR_PX beside has not
    moved."""
    wanted = _means(image)
    moved = np.abs(wanted - _means(reference)).max(axis=2)
    if moved.max() > TONE:
        steps = range(-NEAR_PX, NEAR_PX + 1)
        for shift in product(steps, steps):
            beside = np.roll(reference, shift, axis=(0, 1))
            moved = np.minimum(moved, np.abs(wanted - _means(beside)).max(axis=2))
    row, column = np.unravel_index(int(moved.argmax()), moved.shape)
    return float(moved.max()), (int(column) * BLOCK, int(row) * BLOCK)


def _means(pixels: Pixels) -> NDArray[np.float64]:
    """The mean colour of every block."""
    high, wide = (side // BLOCK for side in pixels.shape[:2])
    lines = pixels[: high * BLOCK, : wide * BLOCK].reshape(high, BLOCK, wide * BLOCK * 3)
    sums = lines.sum(axis=1, dtype=np.uint16).reshape(high, wide, BLOCK, 3).sum(axis=2, dtype=np.uint32)
    means: NDArray[np.float64] = sums / float(BLOCK * BLOCK)
    return means


def _strange(image: Pixels, other: Pixels) -> NDArray[np.bool_]:
    """Pixels that lie outside all that the other image shows near by."""
    low, high = _near(other, np.minimum).astype(np.int16), _near(other, np.maximum).astype(np.int16)
    outside = (image < low - CHANNEL) | (image > high + CHANNEL)
    return np.asarray(outside.any(axis=2), np.bool_)


def _near(pixels: Pixels, pick: np.ufunc) -> Pixels:
    """The lowest or highest value of each pixel and its neighbours, one direction after the other."""
    for axis in (0, 1):
        sides = [np.roll(pixels, step, axis) for step in range(-NEAR_PX, NEAR_PX + 1)]
        pixels = pick.reduce(sides)
    return pixels
