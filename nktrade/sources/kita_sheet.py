"""A table of K-stat as its site saves it: conditions, unit, and headings over several rows.

Two genuine workbooks were compared (Korea's trade with Italy, and the United States' trade, both by
year). Each is an old Excel workbook of one sheet: a title; a line of conditions (국가, or 기준국가
and 상대국가; 당월/누계; 단위); 수출 and 수입 over 금액, 중량 and 증감률; whole numbers in the unit.
The last year may be of some months alone, which nothing says but its printed change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from nktrade.errors import InputError
from nktrade.files.parsing import read_rows
from nktrade.sources.months_in_names import read_month, refuse_cut_octobers
from nktrade.sources.records import find_encoding

#: What the site calls a column, by nktrade's name.
ALIASES = {
    "period": (
        "년월",
        "기간",
        "연월",
        "년도",
        "연도",
        "년",
        "시점",
        "date",
        "period",
        "year/month",
    ),
    "hs": ("코드", "hs코드", "hsk코드", "품목코드", "hscode", "code"),
    "province": ("지역", "성", "성시", "지역명", "province"),
    "export": ("수출금액", "수출액", "exports", "export", "exportvalue", "exportamount"),
    "import": ("수입금액", "수입액", "imports", "import", "importvalue", "importamount"),
    "export_weight": ("수출중량", "exportweight"),
    "import_weight": ("수입중량", "importweight"),
}
_OURS = {label: ours for ours, labels in ALIASES.items() for label in labels}
_FLOWS, _BELOW = ("수출", "수입"), ("금액", "중량", "증감률")
_SCALES = {"": 1, "천": 1_000, "만": 10_000, "백만": 1_000_000, "억": 100_000_000,
           "thousand": 1_000, "million": 1_000_000}  # fmt: skip
_UNIT = re.compile(
    r"(?:단위[^)]*?|\(|unit[:：]?)([0-9][0-9,]*|)(백만|천|만|억|thousand|million|)"
    r"(?:(?:미국?|us)?(?:달러|불|\$)|usd)([0-9][0-9,]*|)(thousand|million|)"
)
_COUNTRIES = {
    "중국": "CHN", "북한": "PRK", "한국": "KOR", "대한민국": "KOR", "미국": "USA", "일본": "JPN",
    "러시아": "RUS", "홍콩": "HKG", "대만": "TWN", "베트남": "VNM", "인도": "IND",
}  # fmt: skip
_ROWS = 20


class Sheet:
    """The rows of one table, and what stands above them.

    Attributes
    ----------
    records : list of list of str
        Every row, with one row of headings in the place of the last of several.
    at : int
        Where that is, from 0.
    columns : dict
        By the period that stands above headings ("" where none does): nktrade's names to headings.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.encoding = find_encoding(path, lambda cell: _label(cell) in _OURS)
        with path.open(newline="", encoding=self.encoding, errors="replace") as file:
            self.records = list(read_rows(file, path.name))
        top = self.records[:_ROWS]
        self.at, heads = next(
            ((i, heads) for i in range(len(top)) if _is_heading(heads := _heads(top[: i + 1]))),
            (-1, []),
        )
        if self.at < 0:
            raise InputError(
                "there are no headings of K-stat",
                where=self.name,
                expected="코드 and 수출금액 or 수입금액 in one of the first rows",
                hint="Another table is read with: nktrade data import table FILE --layout …",
            )
        self.above = "\n".join(fold(cell) for row in top[: self.at + 1] for cell in row)
        spans = _spans(top[: self.at], heads)
        self.columns: dict[str, dict[str, str]] = {span: {} for span in spans.values() or [""]}
        flat = [f"{head} {spans[i]}" if i in spans else head for i, head in enumerate(heads)]
        for i, head in enumerate(heads):
            ours = _OURS.get(_label(head))
            for span in [spans[i]] if i in spans else self.columns:
                if not ours:
                    continue
                if ours in self.columns[span]:
                    raise InputError(
                        "two columns say the same thing",
                        where=f"{self.name}, row {self.at + 1}",
                        got=f"{self.columns[span][ours]}, {flat[i]}",
                        hint="Save the table with one of them: of the month alone, of one year.",
                    )
                self.columns[span][ours] = flat[i]
        self.records[self.at] = flat

    def scale(self) -> int:
        """Return what one unit of value is worth.

        Raises
        ------
        InputError
            If no line says the unit.
        """
        unit = _UNIT.search(self.above)
        if unit is None:
            raise InputError(
                "no line says the unit", where=self.name, expected="as (단위 : 천달러)",
                hint="Write it above the headings if you know it.",
            )  # fmt: skip
        counted = int(re.sub("[^0-9]", "", unit[1] + unit[3]) or 1)
        return counted * _SCALES[unit[2]] * _SCALES[unit[4]]

    def check(self, reporter: str, partner: str, period: str | None = None) -> None:
        """Refuse a table that is not what was said of it.

        Raises
        ------
        InputError
            For no HS codes, another declarer or partner, months that are sums since January, and
            a last year of which only some months are there.
        """
        if not any("hs" in columns for columns in self.columns.values()):
            raise InputError(
                "the table has no HS codes",
                where=f"{self.name}, row {self.at + 1}",
                expected="a column 코드",
                got=", ".join(filter(None, self.records[self.at])),
                hint="Totals of all goods are no rows: save the table by item.",
            )
        self._check_countries(reporter, partner)
        labels = [_label(head) for head in self.records[self.at]]
        place = next((i for i, label in enumerate(labels) if label in ALIASES["period"]), None)
        self._refuse_sums([*self.columns, period or ""])
        if place is None:
            return
        periods = {
            row: period
            for row, record in enumerate(self.records[self.at + 1 :], self.at + 2)
            if place < len(record) and (period := _period(record[place]))
        }
        self._refuse_sums(periods.values())
        years = {row: int(period) for row, period in periods.items() if len(period) == 4}
        keys = [i for i, label in enumerate(labels) if _OURS.get(label) in ("hs", "province")]
        for column, label in enumerate(labels[1:], 1):
            money = _OURS.get(labels[column - 1]) in ("export", "import")
            if label in ("수출증감률", "수입증감률") and money:
                self._refuse_part_years(years, keys, column)

    def _refuse_sums(self, periods: Iterable[str]) -> None:
        """Refuse months that are sums since January, in a condition or over the headings."""
        said = (
            "누계" in re.sub(r"당월/누계(:당월)?", "", self.above) or "당월/누계:누계" in self.above
        )
        if said and any(len(_period(period)) > 4 for period in periods):
            raise InputError(
                "the months are sums since January",
                where=self.name,
                got="누계",
                hint="Save the table again with 당월, the month alone.",
            )

    def _check_countries(self, reporter: str, partner: str) -> None:
        said = dict(re.findall(r"(?<![가-힣])(기준국가|상대국가|국가):([^,:\n]+)", self.above))
        # Where one country alone is named the table is of Korea's own customs.
        declared = said.get("기준국가") or ("한국" if "국가" in said else "")
        with_whom = said.get("상대국가") or said.get("국가", "")
        for role, word, iso in (("reporter", declared, reporter), ("partner", with_whom, partner)):
            known = iso in _COUNTRIES.values() or word in _COUNTRIES
            if word and known and _COUNTRIES.get(word) != iso:
                raise InputError(
                    f"the table is of another {role}",
                    where=self.name,
                    expected=iso,
                    got=repr(word),
                    hint=f"Say whose it is, as {role}='{_COUNTRIES.get(word, 'KOR')}'.",
                )

    def _refuse_part_years(self, years: dict[int, int], keys: list[int], change: int) -> None:
        """Refuse a year whose printed change is not that between it and the year before."""
        told = {row: tuple(self.records[row - 1][i] for i in keys) for row in years}
        found = {(told[row], year): self.records[row - 1] for row, year in years.items()}
        for row, year in years.items():
            record, before = self.records[row - 1], found.get((told[row], year - 1), [])
            now, then = _number(record, change - 1), _number(before, change - 1)
            printed = _number(record, change)
            if not then or now is None or printed is None:
                continue
            grown = 100 * (now / then - 1)
            if abs(grown - printed) > 0.06 + 50 * (1 + now / then) / then:  # as both are rounded
                raise InputError(
                    "the year is not whole, or was edited: its printed change is not the one "
                    "between the years",
                    where=f"{self.name}, row {row:,}",
                    expected=f"{printed:.1f} %",
                    got=f"{grown:.1f} % in {year}",
                    hint="Save the table again to the last whole year.",
                )


def _heads(rows: list[list[str]]) -> list[str]:
    """Return the last row's headings: those below 수출 or 수입 with it before them.

    What goes over several rows stands in the first of them.
    """
    *above, own = rows
    heads = []
    flow = ""
    for column, cell in enumerate(own):
        over = [row[column].strip() if column < len(row) else "" for row in reversed(above[-2:])]
        flow = next(filter(None, map(_label, over[:1])), flow)
        label = _label(cell)
        if label in _BELOW and flow in _FLOWS:
            heads.append(flow + cell.strip())
        else:
            heads.append(cell.strip() or next(filter(None, over), ""))
    return heads


def _is_heading(heads: list[str]) -> bool:
    ours = [_OURS[label] for label in map(_label, heads) if label in _OURS]
    return len(ours) > 1 and bool({"export", "import"} & set(ours))


def _spans(above: list[list[str]], heads: list[str]) -> dict[int, str]:
    """Return by column the period that stands in the nearest row above that has one."""
    for row in reversed(above[-2:]):
        spans: dict[int, str] = {}
        last = ""
        for column, head in enumerate(heads):
            text = row[column].strip() if column < len(row) else ""
            last = text or last
            if head and re.match(r"[12][0-9]{3}", last):
                spans[column] = last
        if spans:
            return spans
    return {}


def choose(spans: list[str], period: str | None, name: str) -> list[tuple[str, str]]:
    """Return the periods that are wanted, as they stand and as months or years.

    Raises
    ------
    InputError
        For a sum over several months that is not left aside, and a period that is not there.
    """
    read: dict[str, str] = {}
    refuse_cut_octobers(spans, lambda span: f"{name}, the heading {span!r}")
    for span in spans:
        try:
            read[span] = read_month(span)
        except InputError:
            if period is None:
                raise InputError(
                    "a sum over several months is no month and no year",
                    where=name,
                    got=repr(span),
                    hint="Leave it aside by naming what is wanted: period='2023' (--period 2023).",
                ) from None
    chosen = [(span, month) for span, month in read.items() if period in (None, month, span)]
    if not chosen:
        raise InputError(
            "the table has no such period", where=name, expected=period or "", got=", ".join(spans)
        )
    return chosen


def _period(cell: str) -> str:
    try:
        return read_month(cell)
    except InputError:
        return ""


def _number(record: list[str], column: int) -> float | None:
    text = record[column].replace(",", "").strip() if column < len(record) else ""
    return float(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else None


def _label(cell: str) -> str:
    """Return a heading without the unit behind it."""
    return re.sub(r"\(.*?\)", "", fold(cell))


def fold(cell: str) -> str:
    """Return a text in half width and small letters, without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).casefold()
