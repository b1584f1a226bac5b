"""Units that a publisher's table prints itself: in its headings, or in a line above them.

A value in thousands that is read as dollars is wrong by a thousand and looks like any other. What
is printed and was not said is therefore asked for, and what contradicts what was said is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from nktrade.errors import InputError

#: Words of a multiple of a currency.
_SCALED = re.compile(
    r"thousand|thsd|(?<![a-z])ths(?![a-z])|million|billion|(?<![a-z])(?:mn|mln|mio|bn)(?![a-z])"
    r"|(?<![a-z])k(?:usd|eur|\$)|[十百千万萬亿億백천만억]+(?:美?[元金]|人民[币幣]|日?円|ドル|미?달러|불|원|엔|\$|us)"
    r"|\([十百千万萬亿億]+\)"
    r"|тыс|млн|млрд|(?<![0-9])10{0,5}(?:[, ]?000)+(?![0-9])|[$€¥'’] ?000(?![0-9])"
)
_MONEY = {
    "USD": r"us ?\$|usd|dollar|美[元金]|ドル|달러|불(?![가-힣])|долл",
    "CNY": r"人民[币幣]|(?<![a-z])(?:rmb|cny|yuan)(?![a-z])|위안|юан",
    "EUR": r"€|(?<![a-z])eur(?:os?)?(?![a-z])|欧元|유로|евро",
    "JPY": r"円|日元|(?<![a-z])(?:jpy|yen)(?![a-z])|иен",
    "KRW": r"(?<![a-z])krw(?![a-z])|韩元",
    "RUB": r"(?<![a-z])rub(?![a-z])|руб|卢布",
}
#: Values since January, each of which counts the months before it again.
_SINCE = re.compile(r"累计|累計|누계|누적|cumulative|(?<![a-z])ytd(?![a-z])|year to date|нараст")
_UNIT = re.compile(
    r"单位|單位|単位|단위|(?<![a-z])units?(?![a-z])|единиц|" + "|".join(_MONEY.values())
)
_TONNES = re.compile(
    r"(?<![a-z'’])(?:t|mt|tons?|tonnes?)(?![a-z])|吨|噸|トン|톤|тонн|(?<![а-я])т(?![а-я])"
)


def check_units(
    columns: Mapping[str, str],
    above: Iterable[str],
    said: Mapping[str, Any],
    name: str,
    monthly: bool = True,
) -> None:
    """Refuse values and weights of which the file says a unit that the caller did not.

    Parameters
    ----------
    columns : mapping
        nktrade's names of the columns to the headings in the file.
    above : iterable of str
        What stands in the lines above the headings.
    said : mapping
        As `nktrade.sources.any_table.read_table` takes it.
    monthly : bool
        Whether the rows are of months, which sums since January are not.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_units({"value": "USD 1,000"}, [], {"currency": "USD", "scale": 1000}, "a.csv")
    >>> check_units({"value": "USD 1,000"}, [], {"currency": "USD"}, "a.csv")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: a.csv: values are in a multiple of the currency; got 'USD 1,000'. ...
    """
    lines = [text for text in above if _UNIT.search(_fold(text))]
    values = [text for ours, text in columns.items() if ours in ("value", "export", "import")]
    weights = [text for ours, text in columns.items() if ours.endswith("weight")]
    for text in [*values, *lines]:
        if "scale" not in said and _SCALED.search(_fold(text)):
            raise InputError(
                "values are in a multiple of the currency",
                where=name,
                got=repr(text.strip()[:60]),
                hint="Say in the call or the layout what one unit of them is worth: scale=1000 for "
                "thousands, scale=1 where they are whole all the same.",
            )
    for text in values:
        if monthly and _SINCE.search(_fold(text)):
            raise InputError(
                "values are sums since January, and would be counted once a month",
                where=name,
                got=repr(text.strip()[:60]),
                hint="Take the column of the month alone.",
            )
        named = {iso for iso, word in _MONEY.items() if re.search(word, _fold(text))}
        if named and said["currency"] not in named:
            raise InputError(
                "the heading of the values names another currency than was said",
                where=name,
                expected=str(said["currency"]),
                got=repr(text.strip()[:60]),
            )
    for text in [*weights, *(lines if weights else [])]:
        if "weight_in" not in said and _TONNES.search(_fold(text)):
            raise InputError(
                "weights may be in tonnes",
                where=name,
                got=repr(text.strip()[:60]),
                hint="Say in the call or the layout what they are in: weight_in='t', or 'kg'.",
            )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
