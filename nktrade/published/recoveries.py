"""What a printed level and a printed base say of the recovery between them."""

from __future__ import annotations

from nktrade.errors import UnanswerableError
from nktrade.published.documents import load_documents
from nktrade.published.intervals import Interval


def bound_recovery(document: str, code: str) -> Interval:
    """Return a printed level in percent of its printed base, within the rounding of both.

    Parameters
    ----------
    document : str
    code : str
        Of a figure that the document prints as a value and as the yearly average of a base.

    Raises
    ------
    UnanswerableError
        If it does not print both.

    Examples
    --------
    >>> found = bound_recovery("kiep2023", "dual_use")
    >>> round(found.low, 2), round(found.high, 2)
    (52.13, 52.15)
    """
    rows = load_documents(document, code=code).dropna(subset="value_usd").set_index("measure")
    if not {"value", "average"} <= set(rows.index):
        raise UnanswerableError(
            f"{document} prints no level of {code!r} beside a base",
            hint="Choose a document and code with both: nktrade documents lists them.",
        )
    usd = rows["value_usd"]
    half = rows["half_unit"] * usd / rows["value"]  # from the printed unit
    level, base = (
        Interval.around(float(usd.loc[name]), float(half.loc[name]))
        for name in ("value", "average")
    )
    return level / base * 100
