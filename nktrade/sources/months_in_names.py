"""The month in a file's name, as people write it; never the day of downloading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from nktrade.errors import InputError
from nktrade.table.spelled_months import find_month

_YEAR, _MONTH, _DAY = r"(?:19|20)[0-9]{2}", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12][0-9]|3[01])"
_NAME = (
    r"(?<![a-z])(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_GAP = r"[-_ .,']*"
#: An HS edition, and a release of BACI.
_NO_TIME = (r"hs[-_ ]?(?:[0-9]{4}|[0-9]{2})", r"v20[0-9]{4}[a-z]?")
#: Days, longest first, which are taken out before any month is looked for.
_DAYS = (
    rf"{_YEAR}[01][0-9][0-3][0-9](?:[-_ t]?[0-9]{{2,}})?",
    rf"{_YEAR}年{_MONTH}月{_DAY}[日号]?",
    rf"{_YEAR}([-_. ]){_MONTH}\1{_DAY}",
    rf"{_DAY}([-_. ]){_DAY}\1{_YEAR}",
    rf"{_DAY}(?:st|nd|rd|th)?{_GAP}{_NAME}{_GAP}(?:{_YEAR}|[0-9]{{2}})",
    rf"{_NAME}{_GAP}{_DAY}(?:st|nd|rd|th)?[-_ .,']+{_YEAR}",
    rf"(?:下载|downloaded|saved|retrieved)[^0-9]{{0,6}}{_YEAR}\s*[-_. 年]?\s*{_MONTH}月?",
)
_MONTHS = (
    rf"(?P<year>{_YEAR})\s*年\s*(?P<month>{_MONTH})\s*月",
    rf"(?P<year>{_YEAR})(?P<month>0[1-9]|1[0-2])",
    rf"(?P<year>{_YEAR})[-_. ](?P<month>{_MONTH})",
    rf"(?P<year>{_YEAR})-?m(?P<month>{_MONTH})",
    rf"(?P<month>{_MONTH})[-_. ](?P<year>{_YEAR})",
    rf"(?P<name>{_NAME}){_GAP}(?P<year>{_YEAR}|[0-9]{{2}})",
    rf"(?P<year>{_YEAR}){_GAP}(?P<name>{_NAME})",
)
#: A run of months: another number or month straight after one, or a month without its year.
_RUN = (
    r"\0\s*(?:-|~|至|到|to|\.\.)\s*(?:[0-9]|\0)|[0-9]\s*月|[0-9]\s*(?:-|~|至|到)\s*\0"
    rf"|{_NAME}|累计|累計|누계|누적|cumulative|(?<![a-z])(?:ytd|to date|since)(?![a-z])"
)


def month_in_name(name: str) -> str:
    """Return the one month that a file's name says.

    Raises
    ------
    InputError
        If the name says none, several, or only a day, which is when the file was downloaded.

    Examples
    --------
    >>> month_in_name("2023年6月.csv"), month_in_name("imports Jun-23.csv")
    ('2023-06', '2023-06')
    >>> month_in_name("2023-06 downloaded 2023-07-20.csv")
    '2023-06'
    >>> month_in_name("downloaded 2023-07-20.csv")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: downloaded 2023-07-20.csv: the file has no month column, and ...
    """
    rest = _in_signs(name)
    rest = re.sub(r"(\.[a-z][a-z0-9]{1,4}){1,2}$", "", rest)  # the ending
    rest = re.sub(r"[–—―]", "-", rest)
    for pattern in _NO_TIME:
        rest = re.sub(rf"(?<![a-z0-9])(?:{pattern})(?![0-9])", " ; ", rest)
    days = 0
    for pattern in _DAYS:
        rest, count = re.subn(rf"(?<![0-9])(?:{pattern})(?![0-9])", " ; ", rest)
        days += count
    found = set()
    for pattern in _MONTHS:
        whole = re.compile(rf"(?<![0-9]){pattern}(?![0-9])")
        for match in whole.finditer(rest):
            said = match.groupdict()
            number = find_month(said["name"][:3]) if "name" in said else int(said["month"])
            year = said["year"] if len(said["year"]) == 4 else f"20{said['year']}"
            found.add(f"{year}-{number:02d}")
        rest = whole.sub("\0", rest)
    if len(found) == 1 and not re.search(_RUN, rest):
        return found.pop()
    if len(found) == 1:
        found = {f"{found.pop()} in a run or sum of months"}
    raise InputError(
        "the file has no month column, and its name does not say one month",
        where=name,
        expected="a name as 202306.csv, 2023年6月.csv or imports-2023-06.csv",
        got=", ".join(sorted(found)) or ("a day, as of a download" if days else "no month"),
        hint="Say it: period='2023-06', or of two months released together '2024-01..2024-02'.",
    )


def years_in_name(name: str) -> set[str]:
    """Return the years that a file's name says, but those of a day, an HS edition or a release.

    Examples
    --------
    >>> sorted(years_in_name("2022 and 2023 exports, downloaded 2024-05-31.csv"))
    ['2022', '2023']
    >>> years_in_name("BACI_HS17_Y2022_V202501.csv"), years_in_name("HS2017 list.csv")
    ({'2022'}, set())
    """
    rest = _in_signs(name)
    for pattern in (*_DAYS, *_NO_TIME):
        rest = re.sub(rf"(?<![0-9])(?:{pattern})(?![0-9])", " ; ", rest)
    return set(re.findall(rf"(?<![0-9])({_YEAR})(?=(?:0[1-9]|1[0-2])?(?![0-9]))", rest))


#: Chinese numerals as they stand before the signs for year and month.
_NUMERALS = {numeral: str(number % 10) for number, numeral in enumerate("零一二三四五六七八九〇")}
_TENS = {"十": "10", "十一": "11", "十二": "12"}


def _in_signs(text: str) -> str:
    """Return a text in half width and small letters, with digits and the signs for year and month.

    Examples
    --------
    >>> _in_signs("二〇二三年十一月份"), _in_signs("２０２３년 6월")
    ('2023年11月', '2023年 6月')
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text)).casefold()
    plain = plain.replace("년", "年").replace("월", "月").replace("月份", "月")
    signs = "".join(_NUMERALS)
    return re.sub(
        rf"(?<![{signs}十])(?:[{signs}]{{4}}(?=年)|(?:十[一二]?|[一二三四五六七八九])(?=月))",
        lambda match: _TENS.get(match[0]) or "".join(map(_NUMERALS.__getitem__, match[0])),
        plain,
    )


def number_of_month(text: str) -> int:
    """Return the month that a cell or heading of months says; 0 for anything else.

    Examples
    --------
    >>> [number_of_month(text) for text in ("01", "Jan.", "一月", "M01", "Jan-Feb", "Market")]
    [1, 1, 1, 1, 0, 0]
    """
    plain = _in_signs(text).strip().removesuffix(".0")
    plain = re.sub(r"^m(?=[0-9])|月$|(?<=[0-9])m$|\.$", "", plain)
    if plain.isdecimal():
        return int(plain) if 1 <= int(plain) <= 12 and len(plain) <= 2 else 0
    return find_month(plain)


def refuse_cut_octobers(texts: Sequence[str], where: Callable[[str], str]) -> None:
    """Refuse 2023.1 where nothing tells that it is January, and not 2023.10 as a number.

    Months of one digit elsewhere tell it, and so does 2023.10.

    Raises
    ------
    InputError
        With the place of the text, which `where` names.

    Examples
    --------
    >>> refuse_cut_octobers(["2023.1", "2023.2"], str)
    >>> refuse_cut_octobers(["2023.1", "2023.09"], str)
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: 2023.1: January, or October that has lost its zero; expected ...
    """
    plain = [_in_signs(text).strip() for text in texts]
    if any(re.fullmatch(rf"{_YEAR}\.(?:[2-9]|10)", text) for text in plain):
        return
    for text, written in zip(plain, texts, strict=True):
        if re.fullmatch(rf"{_YEAR}\.1", text):
            raise InputError(
                "January, or October that has lost its zero",
                where=where(written),
                expected="as 2023-01 or 2023-10",
                got=repr(written),
                hint="A spreadsheet reads 2023.10 as a number and writes 2023.1: take the file as "
                "it was before, or write the months with a dash.",
            )


def read_month(text: str) -> str:
    """Return a cell's month as "2023-06", or its year as "2023".

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> [read_month(text) for text in ("202306", "2023.06", "06/2023", "2023년 6월", "Jun 2023")]
    ['2023-06', '2023-06', '2023-06', '2023-06', '2023-06']
    >>> read_month("2023")
    '2023'
    """
    plain = re.sub(r"[ t]00:00:00(\.0+)?z?$", "", _in_signs(str(text)).strip())
    plain = plain.replace("/", "-").removesuffix(".0")
    plain = re.sub(r"^([0-9]{4})[- ]?m([0-9]{1,2})$", r"\1-\2", plain)
    plain = re.sub(r"^([0-9]{4}[-.]?[0-9]{2})[-.]?01$", r"\1", plain) if len(plain) > 7 else plain
    if whole := re.fullmatch(rf"({_YEAR})(?:年|52)?", plain):  # Eurostat writes a year as 202352
        return whole[1]
    for pattern in _MONTHS:
        if match := re.fullmatch(pattern, plain):
            said = match.groupdict()
            number = find_month(said["name"][:3]) if "name" in said else int(said["month"])
            year = said["year"] if len(said["year"]) == 4 else f"20{said['year']}"
            return f"{year}-{number:02d}"
    raise InputError(
        "not a month or year", expected="as 202306, 2023-06, 06/2023 or 2023", got=repr(text)
    )
