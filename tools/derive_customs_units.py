"""Derive data/classes/gacc/line_units.csv from customs' own list of tariff lines.

    python tools/derive_customs_units.py FILE

FILE lists the HS8 lines of a year with their units (columns hs8, year, unit1_zh and
unit2_zh). The latest year is taken; the shortest list of prefixes whose longest match gives every
line its units is written.
"""

import csv
import sys
from pathlib import Path

import derive_bec_rules
import pandas as pd

FOLDER = Path(__file__).resolve().parent.parent / "data" / "classes" / "gacc"
derive_bec_rules.LENGTHS = (2, 4, 6, 8)


def read_units(file):
    """Return each line of the latest year with its units: "kg", or "kg, item"."""
    table = pd.read_csv(file, dtype="str", keep_default_na=False)
    table = table[table["year"] == table["year"].max()].drop_duplicates("hs8")
    known = pd.read_csv(FOLDER / "units.csv", dtype="str").set_index("printed")["unit"]
    first = table["unit1_zh"].map(known)
    second = table["unit2_zh"].map(known)
    units = first.where(second.isna(), first + ", " + second)
    return dict(zip(table["hs8"], units.fillna(""), strict=True))


def main(file):
    """Write the rules."""
    rules = derive_bec_rules.compress(read_units(file))
    with open(FOLDER / "line_units.csv", "w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("prefix", "units"), *sorted(rules)])
    print(f"{len(rules)} rules written")


if __name__ == "__main__":
    main(*sys.argv[1:])
