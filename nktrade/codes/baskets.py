"""Baskets: named sets of codes in a YAML file, the project's own or a user's.

A file maps names to baskets::

    bricks:
      title: Refractory bricks and cements
      edition: HS2017
      codes: ["6902", "3816*"]      # a code takes everything under it; * and ? are wildcards
      except: ["690290"]
      source: where the list comes from

Every code is checked against the nomenclature of its edition before a row is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.editions import check_code, counterparts, subheadings
from nktrade.codes.hs import EDITIONS, SPECIAL_CHAPTERS, check_edition, exists, normalise
from nktrade.errors import CodeError, InputError, check_choice, check_columns, did_you_mean, shorten
from nktrade.files.parsing import load_yaml, read_text

_FOLDER = DATA / "classes" / "baskets"
_FIELDS = ("title", "edition", "codes", "except", "source", "note")


@dataclass(frozen=True)
class Basket:
    """A named set of codes of one edition.

    Attributes
    ----------
    name, title, edition, source, note : str
    codes, excluded : tuple of str
        Plain codes of 2 to 10 digits; wildcards are already spelled out.
    """

    name: str
    edition: str
    codes: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    note: str = ""

    def members(self, edition: str | None = None) -> list[str]:
        """Return the basket's codes in an edition (its own by default), at six digits or more.

        In another edition a code that lives there is itself; one that does not is replaced by its
        counterparts, which may be wider. Chapters 98 and 99 stay as written.

        Examples
        --------
        >>> load_basket("refractory_bricks").members()
        ['690210', '690220', '690290']
        """
        return list(_members(self, check_edition(edition or self.edition)))


def list_baskets(path: str | Path | None = None) -> pd.DataFrame:
    """Return the baskets of a file, or those that come with the package.

    Returns
    -------
    pandas.DataFrame
        Text columns name, title, edition, codes, except, source, note.

    Examples
    --------
    >>> "wigs" in list_baskets()["name"].tolist()
    True
    """
    found = _shipped() if path is None else load_baskets(path)
    rows = [
        (b.name, b.title, b.edition, " ".join(b.codes), " ".join(b.excluded), b.source, b.note)
        for b in found.values()
    ]
    columns = ["name", "title", "edition", "codes", "except", "source", "note"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def load_baskets(path: str | Path) -> dict[str, Basket]:
    """Read and check every basket of a YAML file.

    Raises
    ------
    InputError
        If the file is not a mapping of names to baskets, or a field is unknown or missing.
    CodeError
        If a code is not text, does not exist in the basket's edition, a wildcard matches nothing,
        or an exclusion takes nothing out.
    """
    entries = load_yaml(read_text(Path(path), "the file of baskets"), "the file", str(path))
    if not isinstance(entries, Mapping):
        raise InputError("no baskets", where=str(path), expected="names, each with its codes")
    return {str(name): make_basket(str(name), entry, str(path)) for name, entry in entries.items()}


def load_basket(basket: str | Basket) -> Basket:
    """Return a basket by the one line of text that a notebook parameter can hold.

    Parameters
    ----------
    basket : str or Basket
        The name of a shipped basket (``"wigs"``); a file and a name (``"mine.yml#bricks"``; no
        name is needed where the file has one basket); or codes themselves, with exclusions marked
        by an exclamation mark (``"6902, 3816, !690290"``, in HS2017).

    Raises
    ------
    InputError, CodeError
        As `load_baskets`, or if no basket has that name.

    Examples
    --------
    >>> load_basket("6902, !690290").members()
    ['690210', '690220']
    """
    if isinstance(basket, Basket):
        return basket
    if not isinstance(basket, str):
        expected = "its name, codes as '6902, !690290', or a Basket"
        raise InputError("not a basket", expected=expected, got=shorten(basket))
    shipped = _shipped()
    if basket in shipped:
        return shipped[basket]
    path, _, name = basket.partition("#")
    if path.lower().endswith((".yml", ".yaml")):
        found = load_baskets(path)
        if not name and len(found) == 1:
            return next(iter(found.values()))
        if name not in found:
            subject = f"no basket {name!r}" if name else "which basket is not said"
            raise InputError(subject, where=path, hint=did_you_mean(name, found))
        return found[name]
    parts = basket.replace(",", " ").split()
    if not parts or not parts[0].lstrip("!")[:1].isdigit():
        raise InputError(f"unknown basket {basket!r}", hint=did_you_mean(basket, shipped))
    codes = [part for part in parts if not part.startswith("!")]
    excluded = [part[1:] for part in parts if part.startswith("!")]
    return make_basket(basket, {"edition": "HS2017", "codes": codes, "except": excluded})


def is_basket(name: str) -> bool:
    """Say whether a text names a basket: a shipped one, or one in a YAML file."""
    return name in _shipped() or name.partition("#")[0].lower().endswith((".yml", ".yaml"))


def make_basket(name: str, entry: object, where: str = "") -> Basket:
    """Check one basket: a mapping of the fields named in the module's description.

    Raises
    ------
    InputError, CodeError
        As `load_baskets`.

    Examples
    --------
    >>> make_basket("bricks", {"edition": "HS2017", "codes": ["690230"]})
    Traceback (most recent call last):
    ...
    nktrade.errors.CodeError: basket 'bricks': 6902 has no subheading 690230 in HS2017. It has ...
    """
    where = f"{where}, basket {name!r}" if where else f"basket {name!r}"
    if not isinstance(entry, Mapping):
        raise InputError("not a basket", where=where, expected="edition and codes")
    for field in entry:
        check_choice("field", field, _FIELDS, where=where)
    for field in ("edition", "codes"):
        if not entry.get(field):
            raise InputError(f"the field {field!r} is missing", where=where)
    edition = str(entry["edition"])
    check_choice("HS edition", edition, EDITIONS, where=where)
    codes = _spell_out(entry["codes"], edition, where)
    excluded = _spell_out(entry.get("except") or [], edition, where)
    for code in excluded:
        if not code.startswith(tuple(codes)):
            raise CodeError(
                f"the exclusion {code} takes nothing out",
                where=where,
                hint=f"The basket holds {', '.join(codes)}.",
            )
    words = {field: str(entry.get(field) or "").strip() for field in ("title", "source", "note")}
    return Basket(name, edition, codes, excluded, **words)


def in_basket(trade: pd.DataFrame, basket: str | Basket) -> pd.Series:
    """Say of every row whether its code lies in a basket, whatever its edition.

    Parameters
    ----------
    trade : pandas.DataFrame
        Columns hs and hs_edition.
    basket : str or Basket
        As `load_basket`.

    Returns
    -------
    pandas.Series of bool
        A heading is in only if everything under it is.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["69022000", "6902", "67"], "hs_edition": "HS2022"})
    >>> in_basket(trade, "refractory_bricks").tolist()
    [True, True, False]
    """
    check_columns(trade, ["hs", "hs_edition"])
    wanted = load_basket(basket)
    pair = trade.groupby(["hs", "hs_edition"], dropna=False, sort=False).ngroup()
    pairs = trade.loc[~pair.duplicated(), ["hs", "hs_edition"]]  # in the order of their numbers
    held = [
        _holds(wanted, normalise(code), check_edition(edition))
        for code, edition in zip(pairs["hs"], pairs["hs_edition"], strict=True)
    ]
    rows = np.array(held, dtype="bool")[pair.to_numpy()]
    return pd.Series(rows, index=trade.index, name=wanted.name)


def select_basket(trade: pd.DataFrame, basket: str | Basket) -> pd.DataFrame:
    """Return the rows of a trade table that lie in a basket, index kept.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["67030000", "67042000"], "hs_edition": "HS2017"})
    >>> select_basket(trade, "wigs")["hs"].tolist()
    ['67042000']
    """
    return trade[in_basket(trade, basket)]


@cache
def _shipped() -> dict[str, Basket]:
    found: dict[str, Basket] = {}
    for path in sorted(_FOLDER.glob("*.yml")):
        found |= load_baskets(path)
    return found


def _spell_out(items: object, edition: str, where: str) -> tuple[str, ...]:
    if isinstance(items, str) or not isinstance(items, list | tuple):
        raise InputError("the codes are not a list", where=where, expected='["6902", "3816"]')
    codes: list[str] = []
    for item in items:
        if isinstance(item, str) and any(mark in item for mark in "*?"):
            known = subheadings(item[:2], edition) if item[:2].isdigit() else _every(edition)
            pattern = item.replace(".", "")
            found = [code for code in known if fnmatchcase(code, pattern)]
            if not found:
                raise CodeError(f"nothing in {edition} matches {item!r}", where=where)
            codes += found
        else:
            codes.append(_check_code(item, edition, where))
    return tuple(dict.fromkeys(codes))


def _check_code(item: object, edition: str, where: str) -> str:
    try:
        return check_code(item, edition)
    except CodeError as error:
        hint = error.hint.replace("Read the column as text", "Put it in quotes")
        raise CodeError(error.subject, where=where, expected=error.expected, hint=hint) from None


def _every(edition: str) -> list[str]:
    return [code for n in range(1, 98) for code in subheadings(f"{n:02d}", edition)]


@cache
def _members(basket: Basket, edition: str) -> tuple[str, ...]:
    own: set[str] = set()
    for code in basket.codes:
        own |= set(subheadings(code, basket.edition) or [code])
    long = tuple(code for code in basket.excluded if len(code) > 6)
    gone = tuple(code for code in basket.excluded if len(code) <= 6)
    own = {code for code in own if not code.startswith(gone)} if gone else own
    if edition == basket.edition:
        return tuple(sorted(own - set(long)))
    moved = _relatives(basket.edition, edition)
    out: set[str] = set()
    for code in own:
        if code[:2] in SPECIAL_CHAPTERS or exists(code, edition):
            out.add(code)
        else:
            out |= set(moved.get(code[:6], ()))
    return tuple(sorted(out - set(long)))


@cache
def _relatives(source: str, target: str) -> dict[str, tuple[str, ...]]:
    """Return for each code of `source` the codes of `target` that it took over, or that did.

    Both ways by what older codes became: the other direction counts whole new headings to one old
    code (display modules to telephones), which a basket of telephones does not mean.
    """
    found = counterparts(source, target)
    if source < target:
        return found
    became: dict[str, tuple[str, ...]] = {}
    for code, takers in counterparts(target, source).items():
        for taker in takers:
            became[taker] = (*became.get(taker, ()), code)
    return found | became


def _holds(basket: Basket, code: str, edition: str) -> bool:
    held = _held(basket, edition)
    lines_out = [gone for gone in basket.excluded if len(gone) > 6]
    if any(code.startswith(gone) or gone.startswith(code) for gone in lines_out):
        return False
    if any(code[:n] in held for n in range(2, len(code) + 1, 2)):
        return True
    under = subheadings(code, edition) if len(code) < 6 else []
    return bool(under) and held.issuperset(under)


@cache
def _held(basket: Basket, edition: str) -> frozenset[str]:
    return frozenset(_members(basket, edition))
