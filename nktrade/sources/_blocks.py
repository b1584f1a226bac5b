"""A file of any size as blocks of whole records, undecoded; and the few lines that name one code.

In GB18030 and UTF-8 alike no byte of a longer character is a comma, a quote or a line end, so
rows can be cut, sifted and split into fields before any text is decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from nktrade.errors import InputError
from nktrade.sources._layout import Layout

#: Bytes read and parsed at a time; bytes sifted at a time, few enough to stay in the cache.
BLOCK, SIEVE = 1 << 23, 1 << 18


def whole_records(path: Path, layout: Layout, size: int = 0) -> Iterator[bytes]:
    """Yield the rows of a file in blocks that end where a record ends.

    Raises
    ------
    InputError
        If the file ends inside a quoted value.
    """
    with path.open("rb") as file:
        file.seek(layout.body)
        rest = b""
        while piece := file.read(size or BLOCK):
            block = b"".join((rest, piece, file.readline()))
            end = _last_record_end(block)
            if end:
                yield block[:end]
            rest = block[end:]
    if rest.count(b'"') % 2:
        rows = row_at(path, path.stat().st_size - len(rest))
        raise InputError(
            "the file breaks off inside a quoted value",
            where=f"{layout.name}, about row {rows:,}",
            got=repr(rest[-40:].decode(layout.encoding, errors="replace")),
            hint="The download was cut off; download it again.",
        )
    if rest.strip():
        yield rest


def _last_record_end(block: bytes) -> int:
    """Return the offset after the last line end outside quotes; 0 if there is none."""
    end = block.rfind(b"\n") + 1
    if b'"' not in block:
        return end
    outside = block.count(b'"', 0, end) % 2 == 0
    while end and not outside:
        before = block.rfind(b"\n", 0, end - 1) + 1
        outside ^= block.count(b'"', before, end) % 2 == 1
        end = before
    return end


def row_at(path: Path, offset: int) -> int:
    """Return the number of the row that begins at `offset`, counted only when a message asks."""
    row = 1
    with path.open("rb") as file:
        while offset and (piece := file.read(min(offset, BLOCK))):
            row += piece.count(b"\n")
            offset -= len(piece)
    return row


def sift(path: Path, start: int, needle: bytes, is_whole: Callable[[bytes], bool]) -> bytes | None:
    """Return the lines of a file that hold `needle`; the rest is never decoded.

    Returns
    -------
    bytes or None
        None if a line is not a whole record (line ends inside values): then the lines cannot be
        told apart safely and the whole file has to be parsed.
    """
    found: list[bytes] = []
    for block in _lines(path, start, SIEVE):
        end = 0
        for at in _find_all(block, needle):
            if at < end:  # the line before names it twice
                continue
            begin = block.rfind(b"\n", end, at) + 1 or end
            end = block.find(b"\n", at) + 1 or len(block)
            line = block[begin:end]
            if not is_whole(line):
                return None
            found.append(line)
    return b"".join(found)


def _find_all(block: bytes, needle: bytes) -> list[int]:
    """Return where a needle of two bytes or more is found, in order.

    Its first bytes are looked for as one number, at every offset: several bytes in one step of
    the processor, where `bytes.find` stops at each comma or quote that the needle begins with.
    """
    width = 4 if len(needle) >= 4 else 2
    word = np.frombuffer(needle[:width], f"u{width}")
    places: list[int] = []
    for shift in range(min(width, len(block))):
        words = np.frombuffer(block, word.dtype, (len(block) - shift) // width, shift)
        places += ((words == word).nonzero()[0] * width + shift).tolist()
    return sorted(at for at in places if block.startswith(needle, at))


def _lines(path: Path, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while piece := file.read(size):
            yield piece + file.readline()


def is_quoted_record(line: bytes, commas: int) -> bool:
    """Say whether a line is a record: quoted from its first byte, with every field."""
    bare = line.rstrip(b"\r\n")
    trailing = bare.endswith(b",")
    bare = bare.removesuffix(b",")
    fields = commas + 1 - trailing
    return (
        bare[:1] == b'"'
        and bare[-1:] == b'"'
        and bare.count(b'"') == 2 * fields
        and bare.count(b'","') == fields - 1
    )
