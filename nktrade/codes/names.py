"""Short names of chapters and headings, in the project's own words, and a search over them."""

from __future__ import annotations

from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import editions_of, normalise


@cache
def _names() -> dict[str, str]:
    table = pd.read_csv(DATA / "classes" / "hs" / "names.csv", dtype="str")
    return dict(zip(table["code"], table["name"], strict=True))


def list_names() -> dict[str, str]:
    """Return every code that has a name of its own, with it, in the order of the codes."""
    return dict(sorted(_names().items()))


def name(code: str) -> str:
    """Return the short name of a chapter or heading; a longer code has its heading's name.

    Examples
    --------
    >>> name("67"), name("69022000")
    ('Feather and hair goods', 'Refractory bricks')
    >>> name("7777")
    ''
    """
    text = normalise(code)
    return _names().get(text[:4], "")


def label(code: str) -> str:
    """Return a code's name with the code behind it, as a page says it; of nothing known, the code.

    Examples
    --------
    >>> label("6902"), label("69022000"), label("7777")
    ('Refractory bricks (HS 6902)', 'Refractory bricks (HS 69022000)', 'HS 7777')
    """
    return f"{name(code)} (HS {code})" if name(code) else f"HS {code}"


def search(word: str) -> pd.DataFrame:
    """Find chapters and headings whose name contains every word given.

    Parameters
    ----------
    word : str
        One or more words; case does not matter.

    Returns
    -------
    pandas.DataFrame
        Columns code, name, editions (those the code lives in, separated by spaces).

    Examples
    --------
    >>> search("wigs")["code"].tolist()
    ['6703', '6704']
    """
    wanted = word.lower().split()
    hits = [(c, n) for c, n in _names().items() if all(w in n.lower() for w in wanted)]
    table = pd.DataFrame(hits, columns=["code", "name"], dtype="str")
    table["editions"] = [" ".join(editions_of(code)) for code in table["code"]]
    return table.sort_values("code", ignore_index=True)
