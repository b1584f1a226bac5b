"""The three files of published figures: their form, and their quotes against the sources."""

import csv
import re
from decimal import Decimal

import pytest

from nktrade._paths import DATA
from nktrade.table.periods import parse_period

HEADER = [
    "document",
    "place",
    "quote",
    "flow",
    "measure",
    "period",
    "base_period",
    "geography",
    "classification",
    "code",
    "label",
    "value",
    "unit",
    "value_usd",
    "half_unit",
    "reading",
    "period_reading",
    "base_reading",
    "reason",
]
SEEDS = {
    "brown2020": "000_137bad449de874d1.txt",
    "kiep2020h1": "003_4027ea639b0b1ac5.txt",
    "kiep2023": "004_d486f2bd1ba371ac.txt",
}
DOLLARS = {
    "USD": 1,
    "thousand USD": 1_000,
    "10 thousand USD": 10_000,
    "million USD": 1_000_000,
    "billion USD": 1_000_000_000,
}
FLOWS = {"import", "export", "total", "balance", ""}
MEASURES = {
    "value",
    "growth",
    "share",
    "recovery",
    "ratio",
    "average",
    "quantity",
    "rank",
    "other",
}
INEXACT = {"about", "below", "above"}
GROUPS = {
    "industry": {
        "agriculture",
        "chemistry",
        "electronics",
        "others",
        "textile",
        "machinery",
        "marine",
        "mine",
        "plastic_rubber",
        "steel",
        "wood",
        "transport",
    },
    "bec": {"capital", "intermediate", "consumption"},
}
CODES = {
    "HS4": r"\d{4}",
    "HS8": r"\d{8}",
    "basket": r"[a-z0-9]+(_[a-z0-9]+)*",
    "total": r"",
    "": r"",
}
#: Figures printed in words, and the words.
WORDS = {
    "1": "one|1st",
    "2": "two|second",
    "3": "third",
    "5": "Five",
    "6": "six",
    "7": "seven",
    "10": "ten",
    "100000": "hundred thousand",
    "500000": "half million",
}

PLACES = [pytest.param(name, id=name) for name in SEEDS]


def read(document: str) -> list[dict[str, str]]:
    """Every cell as text, so that a code keeps its zeros and a figure its digits."""
    path = DATA / "published" / f"{document}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows():
    return [(f"{name}:{n}", row) for name in SEEDS for n, row in enumerate(read(name), 1)]


def wrong(test) -> list[str]:
    """The rows that fail a test, so that a failure names them all."""
    return [f"{id_} {row['quote']!r} {row['value']}" for id_, row in rows() if not test(row)]


def is_inexact(row) -> bool:
    return row["measure"].rpartition(" ")[2] in INEXACT


def collapse(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("document", PLACES)
def test_header_is_exact(document):
    path = DATA / "published" / f"{document}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == HEADER
    assert [n for n, line in enumerate(lines, 1) if len(line) != len(HEADER)] == []
    assert {line[0] for line in lines[1:]} == {document}


def test_vocabularies():
    assert wrong(lambda row: row["flow"] in FLOWS) == []
    assert wrong(lambda row: row["measure"].partition(" ")[0] in MEASURES) == []
    assert wrong(lambda row: row["measure"].partition(" ")[2] in INEXACT | {""}) == []
    assert wrong(lambda row: re.fullmatch(r"(CHN(-\d\d)?|RUS|PRK|WLD)?", row["geography"])) == []
    assert wrong(lambda row: row["place"] and row["label"] and row["unit"]) == []


def test_no_two_rows_record_the_same_figure():
    key = ["document", "place", "quote", "flow", "measure", "period", "geography", "code", "label"]
    seen: dict[tuple, str] = {}
    twice = []
    for id_, row in rows():
        first = seen.setdefault((*(row[k] for k in key), row["value"]), id_)
        if first != id_:
            twice.append((first, id_))
    assert twice == []


def test_quotes_are_short():
    assert wrong(lambda row: 1 <= len(row["quote"].split()) <= 12) == []


def test_quotes_are_verbatim(shared):
    texts = {
        name: collapse((shared / "seeds" / file).read_text(encoding="utf-8"))
        for name, file in SEEDS.items()
    }
    assert wrong(lambda row: row["quote"] in texts[row["document"]]) == []


def test_quotes_hold_their_figure():
    def holds(row):
        figure = row["value"].lstrip("-")
        if not figure:
            return re.search(r"(^| )-( |$)", row["quote"])
        printed = re.findall(r"\d+(?:\.\d+)?", row["quote"].replace(",", ""))
        return figure in printed or re.search(WORDS.get(figure, r"(?!)"), row["quote"])

    assert wrong(holds) == []


def test_value_usd_is_value_times_unit():
    def agrees(row):
        if row["value"] and row["unit"] in DOLLARS:
            return Decimal(row["value_usd"]) == Decimal(row["value"]) * DOLLARS[row["unit"]]
        return row["value_usd"] == ""

    assert wrong(agrees) == []


def test_half_unit_follows_the_printed_digits():
    def agrees(row):
        if not row["value"] or is_inexact(row):
            return row["half_unit"] == ""
        last_digit = Decimal(1).scaleb(Decimal(row["value"]).as_tuple().exponent)
        return Decimal(row["half_unit"]) == last_digit / 2

    assert wrong(agrees) == []


def test_codes_have_the_shape_of_their_classification():
    def fits(row):
        kind, code = row["classification"], row["code"]
        return code in GROUPS[kind] if kind in GROUPS else re.fullmatch(CODES[kind], code)

    assert wrong(fits) == []
    chapters = [row["code"][:2] for _, row in rows() if row["classification"].startswith("HS")]
    assert {"05", "08"} <= set(chapters)  # zeros the slides lost are restored
    assert [c for c in chapters if not ("01" <= c <= "98" and c != "77")] == []


def test_every_reading_is_a_figure_with_a_reason():
    def sound(row):
        if not row["reading"]:
            return True
        return (
            Decimal(row["reading"]) != Decimal(row["value"])
            and row["reason"].strip().endswith(".")
            and re.search(r"\d", row["reason"])
        )

    assert wrong(sound) == []


def test_a_read_period_differs_from_the_print_and_has_a_reason():
    printed = {"period_reading": "period", "base_reading": "base_period"}
    for reading, column in printed.items():
        assert wrong(lambda r, a=reading, b=column: not r[a] or (r[b] and r[a] != r[b])) == []
        assert wrong(lambda r, a=reading: not r[a] or r["reason"].strip().endswith(".")) == []
    read = {id_ for id_, row in rows() if any(row[column] for column in printed)}
    assert read == {"kiep2020h1:28", "kiep2023:66", "kiep2023:67"}


def test_periods_parse():
    for _, row in rows():
        for column in ("period", "base_period", "period_reading", "base_reading"):
            if row[column]:
                parse_period(row[column])
    assert wrong(lambda row: row["period"] or not row["base_period"]) == []
