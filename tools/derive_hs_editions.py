"""Derive data/classes/editions/*.csv from the United Nations tables between editions.

    python tools/derive_hs_editions.py FOLDER

FOLDER holds HS2017toHS2012ConversionAndCorrelationTables.xlsx and its two sisters, as published by
the United Nations Statistics Division, each with a correlation and a conversion sheet. Codes that
correspond only to themselves, or convert to themselves, are left out; codes with the same
counterparts share a line.
"""

import csv
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

OUT = Path(__file__).resolve().parent.parent / "data" / "classes" / "editions"
PAIRS = (("HS2017", "HS2012"), ("HS2022", "HS2012"), ("HS2022", "HS2017"))
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_pairs(path, sheet):
    """Return the set of (newer code, older code) in a workbook's sheet of that name."""
    book = zipfile.ZipFile(path)
    strings = [
        "".join(text.text or "" for text in item.iter(f"{_NS}t"))
        for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    ]
    names = [
        s.get("name")
        for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_NS}sheet")
    ]
    number = next(i for i, name in enumerate(names, 1) if sheet in name)
    found = set()
    for row in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(
        f"{_NS}row"
    ):
        cells = []
        for cell in row:
            value = cell.find(f"{_NS}v")
            if value is not None:
                cells.append(strings[int(value.text)] if cell.get("t") == "s" else value.text)
        codes = [cell.strip() for cell in cells if re.fullmatch(r"\s*\d{6}\s*", cell)]
        if len(codes) == 2:
            found.add((codes[0], codes[1]))
    return found


def compress(pairs):
    """Return lines (newer codes, older codes): every newer code of a line meets every older one."""
    older_of, newer_of = defaultdict(set), defaultdict(set)
    for newer, older in pairs:
        older_of[newer].add(older)
        newer_of[older].add(newer)
    shared = defaultdict(list)
    for newer, olders in sorted(older_of.items()):
        if olders != {newer} or newer_of[newer] != {newer}:
            shared[tuple(sorted(olders))].append(newer)
    return sorted((" ".join(newer), " ".join(older)) for older, newer in shared.items())


def main(folder):
    """Write one file a pair of editions."""
    OUT.mkdir(exist_ok=True)
    conversions = []
    for newer, older in PAIRS:
        book = Path(folder) / f"{newer}to{older}ConversionAndCorrelationTables.xlsx"
        pairs = read_pairs(book, "Correlation")
        lines = compress(pairs)
        with open(OUT / f"{newer}_{older}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("newer", "older"), *lines])
        print(f"{newer} {older}: {len(pairs)} pairs in {len(lines)} lines")
        moved = defaultdict(list)
        for code, to in sorted(read_pairs(book, "Conversion")):
            if code != to:
                moved[to].append(code)
        conversions += [(newer, older, " ".join(moved[to]), to) for to in sorted(moved)]
    with open(OUT / "conversions.csv", "w", encoding="utf-8", newline="") as file:
        heading = ("newer", "older", "codes", "to")
        csv.writer(file, lineterminator="\n").writerows([heading, *conversions])


if __name__ == "__main__":
    main(*sys.argv[1:])
