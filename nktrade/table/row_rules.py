"""The rules of one row, each written once: for frames, for blocks of Arrow, for every reader.

A rule looks at a column as numbers, months or distinct words, and says which break it. Who found
the rows words the refusal: only they know the file, the heading and the number of a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nktrade.codes.hs import LABELS
from nktrade.errors import did_you_mean, list_of

SIDES = ("reporter", "partner")
FLOWS = ("export", "import")
CURRENCIES = ("USD", "CNY")
COMBINED = ("combined", "combined, estimated")
STATUSES = ("reported", "suppressed", "estimated", *COMBINED)

#: One month of one tariff line from one province above this is not trade but a shifted column.
ABSURD_VALUE = 1e12

#: Columns of a few words, and those words.
CHOICES = {"flow": FLOWS, "hs_edition": LABELS, "currency": CURRENCIES, "status": STATUSES}
#: Columns of many words, and how each is written.
_COUNTRY = r"[A-Z]{3}", "not a country code", "an ISO 3166 code of three capital letters"
_FORMS = {
    **dict.fromkeys(SIDES, _COUNTRY),
    "hs": (r"([0-9]{2}){1,5}", "not an HS code", "2, 4, 6, 8 or 10 digits as text"),
}
#: Every row has a word in these.
WORDED = (*CHOICES, *_FORMS)


class Wrong(NamedTuple):
    """What breaks a rule: of each row or word whether it does, and the words of the refusal."""

    bad: np.ndarray
    subject: str
    expected: str
    hint: str = ""


def find_wrong_words(column: str, words: Sequence[object]) -> Wrong | None:
    """Return which of a column's distinct words it cannot hold; missing ones among them."""
    if column in CHOICES:
        allowed = CHOICES[column]
        bad = np.array([word not in allowed for word in words], bool)
        subject, expected = f"unknown {column}", list_of(allowed)
        first = next((word for word, wrong in zip(words, bad, strict=True) if wrong), "")
        hint = did_you_mean(str(first), allowed)
    else:
        form, subject, expected = _FORMS[column]
        fits: Callable[[str], object] = re.compile(form).fullmatch
        bad = np.array([not (isinstance(word, str) and fits(word)) for word in words], bool)
        hint = ""
    return Wrong(bad, subject, expected, hint) if bad.any() else None


def find_wrong_months(months: np.ndarray) -> Wrong:
    """Return which are no months: a month is its first day."""
    bad = np.isnat(months) | (months != months.astype("M8[M]").astype(months.dtype))
    return Wrong(bad, "not a month", "the first day of a month, as 2020-06-01")


def find_wrong_releases(months: np.ndarray, combined: np.ndarray) -> Wrong:
    """Return which releases of two months are not in February; `combined` says which are any."""
    bad = combined & (months.astype("M8[M]").astype(int) % 12 != 1)
    expected = "February, where a release of January and February stands"
    return Wrong(bad, "a combined release of another month", expected)


def find_wrong_numbers(
    column: str, numbers: np.ndarray, hidden: np.ndarray | None = None
) -> Iterator[Wrong]:
    """Yield which numbers of value, quantity or quantity2 break which rule.

    `hidden` says of each row whether its value is suppressed; by default none is.
    """
    yield Wrong((numbers < 0) | np.isinf(numbers), "negative or infinite", "zero or more")
    if column != "value":
        return
    hidden = np.zeros(len(numbers), bool) if hidden is None else hidden
    missing = np.isnan(numbers)
    yield Wrong(missing & ~hidden, "no value", "a number")
    hint = "A zero would count as nothing; leave the value out, or call it reported."
    yield Wrong(~missing & hidden, "a suppressed value is there", "no value", hint)
    limit = f"at most {ABSURD_VALUE:,.0f} in one row"
    yield Wrong(numbers > ABSURD_VALUE, "absurdly large", limit, "Are the columns shifted?")
