"""Calls to UN Comtrade: what is asked, and how a call too large for one answer is split.

Nothing is asked here; `nktrade.sources.comtrade_service` does that.

The parameters are those of the official Python package (comtradeapicall 1.3, by the UN Statistics
Division) and the R package comtradr 1.0: ``reporterCode``, ``partnerCode``, ``period``,
``flowCode``, ``cmdCode``, ``customsCode``, ``motCode``, ``partner2Code``, ``maxRecords``,
``countOnly``, ``includeDesc``. Several values go in one parameter with commas; ``AG6`` stands for
all six-digit codes; a call takes twelve months at most and an address of 4,096 characters. Without
``customsCode=C00``, ``motCode=0`` and ``partner2Code=0`` the service answers every breakdown
besides the total. Users report that the preview without a key takes one period a call, that an
answer cut off has its rows in no order to rely on, and that AG6 works there as it does with a key.
Descriptions are not asked for: countries are known by their codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from nktrade.codes.hs import EDITIONS as KNOWN
from nktrade.codes.hs import codes_of
from nktrade.errors import InputError, ServiceError, check_choice, count_of
from nktrade.sources._customs_codes import country_isos
from nktrade.sources.comtrade import EDITIONS, PREVIEW_ROWS

LEVELS = (2, 4, 6)
FLOWS = {"export": ("X",), "import": ("M",), "both": ("X", "M")}
#: So many codes of one month and flow cannot fill an answer of the preview, nor an address.
CODES_PER_CALL = PREVIEW_ROWS - 1
#: The first year of figures by HS in the service; months begin later, country by country.
FIRST_YEAR = 1988
#: The reporter that stands for whoever declares.
ALL = "ALL"
#: Codes beside the nomenclature for what a country does not itemise, by level.
_UNSPECIFIED = {2: ("99",), 4: ("9999",), 6: ("999999",)}


@dataclass(frozen=True)
class Call:
    """One call: all lines of one HS level, or those of `codes`, in some months and flows.

    Attributes
    ----------
    reporter, partner : str
        ISO3 codes; the reporter may be "ALL".
    months : tuple of str
        As ``"202006"``, or years as ``"2020"``.
    flows : tuple of str
        "X", "M" or both, as the reporter declares them.
    level : int
        2, 4 or 6 digits.
    codes : tuple of str
        Empty for every code of the level.
    """

    reporter: str
    partner: str
    months: tuple[str, ...]
    flows: tuple[str, ...]
    level: int
    codes: tuple[str, ...] = ()

    def query(self, rows: int, *, count: bool = False) -> str:
        """Return the part of the address after the question mark; it never holds a key.

        Examples
        --------
        >>> Call("CHN", "PRK", ("202006",), ("X",), 6).query(500)[:52]
        'reporterCode=156&partnerCode=408&period=202006&flowC'
        """
        said = (
            {}
            if self.reporter == ALL
            else {"reporterCode": ",".join(codes_of_country(self.reporter))}
        )
        said |= {
            "partnerCode": ",".join(codes_of_country(self.partner)),
            "period": ",".join(self.months),
            "flowCode": ",".join(self.flows),
            "cmdCode": ",".join(self.codes) or f"AG{self.level}",
            "customsCode": "C00",
            "motCode": "0",
            "partner2Code": "0",
        }
        said |= (
            {"countOnly": "true"} if count else {"maxRecords": str(rows), "includeDesc": "false"}
        )
        return urlencode(said, safe=",")

    def split(self, rows: Iterable[dict] = ()) -> list[Call]:
        """Return smaller calls that together ask the same: by flow, by month, by code.

        Parameters
        ----------
        rows : iterable of dict
            Those of the answer that was cut off: they tell the edition of the codes. Codes that
            they have beside the nomenclature are asked for too.

        Returns
        -------
        list of Call
            The first part by codes also asks for ``TOTAL``, against which the lines are held.

        Raises
        ------
        ServiceError
            For a call of one code, month and flow.
        """
        if len(self.flows) > 1:
            return [replace(self, flows=(flow,)) for flow in self.flows]
        if len(self.months) > 1:
            return [replace(self, months=(month,)) for month in self.months]
        if not self.codes:
            codes = ["TOTAL", *self._every_code(rows)]
            starts = range(0, len(codes), CODES_PER_CALL)
            return [replace(self, codes=tuple(codes[s : s + CODES_PER_CALL])) for s in starts]
        if len(self.codes) > 1:
            half = len(self.codes) // 2
            return [replace(self, codes=part) for part in (self.codes[:half], self.codes[half:])]
        raise ServiceError(
            "one code of one month and flow fills an answer, and cannot be asked for in parts",
            where=f"{self.codes[0]} in {self.months[0]}",
            hint="Nothing was imported. Save the figures from the site and import the file.",
        )

    def _every_code(self, rows: Iterable[dict]) -> list[str]:
        rows = list(rows)
        found = {EDITIONS.get(str(row["classificationCode"]), "") for row in rows} & {*KNOWN}
        known = {code for edition in found or KNOWN for code in codes_of(edition, self.level)}
        seen = {str(row["cmdCode"]) for row in rows if str(row["cmdCode"]) != "TOTAL"}
        return sorted(known.union(seen, _UNSPECIFIED[self.level]))

    def text(self) -> str:
        """Say in a few words what is asked."""
        months = self.months[0] + (f" to {self.months[-1]}" if len(self.months) > 1 else "")
        codes = (
            count_of(len(self.codes), "codes") if self.codes else f"every {self.level}-digit code"
        )
        return f"{months}, {' and '.join(self.flows)}, {codes}"


def plan_calls(
    years: Iterable[int],
    *,
    reporter: str = "CHN",
    partner: str = "PRK",
    level: int = 6,
    flow: str = "both",
    keyed: bool = False,
    yearly: bool = False,
) -> list[Call]:
    """Return the calls to begin with; those too large for one answer are split when asked.

    Without a key there is a call for each month and flow, with one a call for each year.
    `reporter` is an ISO3 code, several joined by commas, or "ALL".

    Raises
    ------
    InputError
        For an unknown country, level or flow, or a year without monthly figures.
    """
    reporters = list(dict.fromkeys(reporter.split(",")))
    for country in (*(name for name in reporters if name != ALL), partner):
        codes_of_country(country)
    if ALL in reporters and len(reporters) > 1:
        raise InputError("all reporters, or some of them", got=reporter)
    if level not in LEVELS:
        raise InputError(f"no level of {level} digits", expected="2, 4 or 6")
    check_choice("flow", flow, FLOWS)
    calls = []
    for declarer in reporters:
        for year in years:
            months = tuple(f"{year}{month:02d}" for month in range(1, 13))
            months = (str(year),) if yearly else months
            if keyed:
                calls.append(Call(declarer, partner, months, FLOWS[flow], level))
                continue
            calls += [
                Call(declarer, partner, (month,), (way,), level)
                for month in months
                for way in FLOWS[flow]
            ]
    return calls


def frequency_of(query: str) -> str:
    """Return "A" for a query of years, "M" for one of months, as the service's address has it.

    Examples
    --------
    >>> frequency_of("partnerCode=408&period=2020&flowCode=X"), frequency_of("period=202006")
    ('A', 'M')
    """
    return "A" if re.search(r"period=[0-9]{4}(?![0-9])", query) else "M"


def parse_years(text: str, last: int) -> range:
    """Read years as a command line gives them; `last` is the latest there can be.

    Examples
    --------
    >>> list(parse_years("2017-2019", last=2024))
    [2017, 2018, 2019]
    >>> list(parse_years("2020", last=2024))
    [2020]
    """
    start, dash, end = text.partition("-")
    try:
        first, final = int(start), int(end if dash else start)
    except ValueError:
        raise InputError("the years cannot be read", expected="as 2017-2024", got=text) from None
    if not FIRST_YEAR <= first <= final <= last:
        expected = f"years from {FIRST_YEAR} to {last}, the earlier first"
        raise InputError("there are no such years", expected=expected, got=text)
    return range(first, final + 1)


def codes_of_country(iso3: str) -> list[str]:
    """Return what the service calls a country; more than one where its borders changed.

    Examples
    --------
    >>> codes_of_country("PRK"), codes_of_country("CHN")
    (['408'], ['156'])
    """
    codes = [code for code, iso in country_isos().items() if iso == iso3]
    check_choice("country", iso3, country_isos().values(), expected="an ISO3 code as 'PRK'")
    return codes
