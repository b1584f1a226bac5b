"""What a document guesses of foreign exchange: the drain, the receipts, the oil off the record."""

from __future__ import annotations

from typing import NamedTuple

from nktrade.errors import UnanswerableError
from nktrade.published.documents import load_documents


class DrainClaim(NamedTuple):
    """The claim of Brown (October 2020), read from the document's own rows.

    Attributes
    ----------
    drain : (float, float)
        Foreign exchange that leaked out since 2017, both ends, in USD.
    receipts : float
        Unrecorded receipts a month, in USD.
    oil_tons : float
        Crude oil a year that customs does not record, in tons.

    Examples
    --------
    >>> claim = DrainClaim(drain=(1e9, 3e9), receipts=30e6, oil_tons=500e3)
    >>> claim.drain[1] - claim.drain[0]
    2000000000.0
    """

    drain: tuple[float, float]
    receipts: float
    oil_tons: float


def read_drain_claim(partner: str, currency: str) -> DrainClaim:
    """Return the claim, for trade that it speaks of.

    Raises
    ------
    UnanswerableError
        For another country than North Korea, or another currency than dollars.

    Examples
    --------
    >>> read_drain_claim("PRK", "USD")
    DrainClaim(drain=(2000000000.0, 3000000000.0), receipts=50000000.0, oil_tons=500000.0)
    """
    if (partner, currency) != ("PRK", "USD"):
        raise UnanswerableError(
            "the document guesses North Korea's drain in dollars, and no other",
            got=f"{partner} in {currency}",
            hint='Ask in dollars of North Korea and China (currency="USD", partner="PRK").',
        )
    rows = load_documents("brown2020")
    ends = rows.loc[rows["label"].str.startswith("Foreign exchange leaked"), "value_usd"]
    return DrainClaim(
        (float(ends.min()), float(ends.max())),
        float(rows.loc[rows["measure"] == "average about", "value_usd"].iloc[0]),
        float(rows.loc[rows["code"] == "crude_petroleum", "value"].iloc[0]),
    )
