"""Pseudo-random numbers that depend on a seed and a position only, alike on every Python version.

The standard generator keeps 2.5 kB of state and is costly to seed; a world in which every row is made
by its index needs one generator per row. SplitMix64 (Steele, Lea, Flood 2014) needs one integer.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_MASK: Final = 0xFFFFFFFFFFFFFFFF
_GOLDEN: Final = 0x9E3779B97F4A7C15
_SPAN: Final = 1 << 64


def _scramble(state: int) -> int:
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


def mix(*parts: int) -> int:
    """64 well-spread bits that depend on every part and on their order."""
    state = 0
    for part in parts:
        state = _scramble((state + _GOLDEN + (part & _MASK)) & _MASK)
    return state


def label(text: str) -> int:
    """A number for a name, to keep the random streams of different things apart."""
    return zlib.crc32(text.encode())


class Chance:
    """A short stream of random choices; equal parts give equal streams."""

    __slots__ = ("_state",)

    def __init__(self, *parts: int) -> None:
        self._state = mix(*parts)

    def bits(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + _GOLDEN) & _MASK
        return _scramble(self._state)

    def below(self, bound: int) -> int:
        """An integer in ``[0, bound)``; the bias of the multiplication is under 2⁻⁴⁰ for our bounds."""
        return (self.bits() * bound) >> 64

    def unit(self) -> float:
        """A float in ``[0, 1)``."""
        return self.bits() / _SPAN

    def hit(self, rate: float) -> bool:
        """True in the share ``rate`` of all cases."""
        return self.unit() < rate

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all alike likely."""
        return options[self.below(len(options))]

    def hex(self, digits: int) -> str:
        """That many lower-case hexadecimal digits."""
        text = ""
        while len(text) < digits:
            text += f"{self.bits():016x}"
        return text[:digits]

    def uuid(self) -> str:
        """A version-4 UUID."""
        raw = self.hex(32)
        return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:32]}"
