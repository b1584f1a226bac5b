"""How alike two words are spelt: rapidfuzz, and the same measure where it is not installed."""

from __future__ import annotations


def measure(one: str, other: str) -> float:
    """Return 0 to 100: twice the longest common subsequence over both lengths.

    Counted in the bits of one number (Hyyrö 2004, "Bit-parallel LCS-length computation revisited").

    Examples
    --------
    >>> round(measure("tyres", "tires"))
    80
    """
    places: dict[str, int] = {}
    for place, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << place
    whole = rest = (1 << len(one)) - 1
    for letter in other:
        met = rest & places.get(letter, 0)
        rest = (rest + met | rest - met) & whole
    length = len(one) + len(other)
    return 200 * (len(one) - rest.bit_count()) / length if length else 100.0


try:
    from rapidfuzz.fuzz import ratio
except ImportError:
    ratio = measure  # type: ignore[assignment]
