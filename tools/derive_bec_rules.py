"""Derive data/classes/bec/rules.csv from the United Nations tables HS -> BEC Rev. 4.

    python tools/derive_bec_rules.py FOLDER

FOLDER holds hs2007_to_bec4.csv, hs2012_..., hs2017_... and hs2022_to_bec4.csv as published by the
United Nations Statistics Division. Where they give one code several categories, `decide` chooses;
`compress` then finds the shortest list of prefixes whose longest match gives every code its
category. The tables themselves stay where they are.
"""

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path

YEARS = (2007, 2012, 2017, 2022)
OUT = Path(__file__).resolve().parent.parent / "data" / "classes" / "bec" / "rules.csv"
LENGTHS = (2, 4, 5, 6)

#: Decisions that no count of neighbours makes well; the reasons are in the README.
BY_HAND = {"8524": "42"}

#: Monetary gold and legal tender: not merchandise, so without a category.
ABSENT = ("710820", "711890")

#: Outside the common nomenclature: goods not elsewhere specified.
SPECIAL = {"98": "7", "99": "7"}


def read_tables(folder):
    """Return {(code, year): set of categories}, without dots, empty rows and "n/a"."""
    given = defaultdict(set)
    for year in YEARS:
        with open(folder / f"hs{year}_to_bec4.csv", encoding="utf-8-sig", newline="") as file:
            for code, category, *_ in list(csv.reader(file))[1:]:
                if code.strip() and category.strip() != "n/a":
                    given[code.strip().replace(".", ""), year].add(category.strip())
    return given


def decide(given):
    """Return one category a code: the UN's own where it gives one, else by these steps.

    1. the category that the same code has in the edition nearest in time that gives only one;
    2. the one most common among the single-valued codes of its heading, then of its chapter;
    3. the lowest number. Ties go to the lowest number.
    """
    single = {key: next(iter(found)) for key, found in given.items() if len(found) == 1}
    common = defaultdict(Counter)
    for (code, _), category in single.items():
        common[code[:4]][category] += 1
        common[code[:2]][category] += 1
    chosen = {}
    for (code, year), found in given.items():
        known = single.get((code, year)) or BY_HAND.get(code[:4])
        for other in sorted(YEARS, key=lambda other: (abs(other - year), other)):
            if known is None and single.get((code, other)) in found:
                known = single[code, other]
        for neighbours in (common[code[:4]], common[code[:2]]):
            if known is None and any(neighbours[category] for category in found):
                known = min(found, key=lambda category: (-neighbours[category], category))
        category = known or min(found)
        if chosen.setdefault(code, category) != category:
            raise SystemExit(f"{code} has two categories in two editions: add an edition column")
    chosen.pop("999999", None)
    return chosen | dict.fromkeys(ABSENT, "")


def compress(chosen):
    """Return the fewest (prefix, category) whose longest match reproduces `chosen`."""
    classes = sorted(set(chosen.values()))

    def shortest(prefix, codes, depth):
        if depth == len(LENGTHS):
            own = chosen[codes[0]]
            return {c: [] if c == own else [(codes[0], own)] for c in classes}
        kids = defaultdict(list)
        for code in codes:
            kids[code[: LENGTHS[depth]]].append(code)
        below = [shortest(kid, members, depth + 1) for kid, members in kids.items()]
        inherited = {c: [rule for rules in below for rule in rules[c]] for c in classes}
        best = min(classes, key=lambda c: len(inherited[c]))
        restated = [(prefix, best), *inherited[best]]
        if not prefix:
            return inherited
        must_state = depth == 1
        return {
            c: restated if must_state or len(inherited[c]) > len(restated) else inherited[c]
            for c in classes
        }

    return shortest("", sorted(chosen), 0)[classes[0]]


def main(folder):
    """Write the rules."""
    rules = compress(decide(read_tables(Path(folder)))) + list(SPECIAL.items())
    with open(OUT, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("prefix", "class"), *sorted(rules)])
    print(f"{len(rules)} rules written to {OUT.name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
