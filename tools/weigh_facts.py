"""Weigh prints against one another: which of contradictory figures is honoured, and why.

Everything is arithmetic on the intervals that rounding leaves. Nothing here knows the panel or
any prior, and no figure is changed: one that falls keeps its place with the reason.

1. A print that its collector marked as wrong, whose goods are in doubt, or that is of another scope
   (notified to the Security Council, another institution's estimate) does not bind.
2. Prints of the same thing whose intervals meet are all honoured. Where they do not meet, the one
   that most publishers print, then one that is not derived, then the later vintage is honoured; a
   coarser print that was cut and not rounded agrees with it, an earlier print near it is a vintage,
   any other a contradiction. If nothing tells which is right, neither is honoured.
3. Dollars and tons of the same thing give a unit value; one far from the good's others puts the
   less confirmed of the two in doubt.
4. A figure many times any other month's of the same thing, of four at least, and printed once, has
   lost its unit.
5. What lies within something larger (a month in a quarter, a line in a heading, a province in the
   country) must not exceed it, and two flows must make their total. The figure in most broken
   relations falls first, and of equals the less trusted; if nothing tells them apart, all do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pandas as pd

#: Two prints of one figure that are this near, of different months, are vintages of it.
REVISION = 0.1
#: A part may exceed its whole by so much between two vintages.
SLACK = 0.005
#: Times the largest other rate a month beyond which a unit is lost.
ORDER = 50.0
#: Times its good's median beyond which a unit value is a slip.
UNIT_VALUE = 6.0
SAME = (
    *("flow", "statistic", "subject", "hs", "province", "regime", "measure", "whole", "unit"),
    *("first", "last"),
)
_ADDED = ("value", "quantity")


def weigh(ledger: pd.DataFrame) -> pd.DataFrame:
    """Weigh the figures of a ledger.

    Where the documents and totals alone are at odds, nothing is decided: the readings of the first
    say what is meant.

    Parameters
    ----------
    ledger : pandas.DataFrame
        As `load_figures` returns it, `honoured` as it stands before weighing, with a column doubt.

    Returns
    -------
    pandas.DataFrame
        Index of `ledger`. Columns honoured, check, votes (how many publishers print it).
    """
    table = ledger.assign(
        low=ledger["read_low"].fillna(ledger["low"]),
        high=ledger["read_high"].fillna(ledger["high"]),
        name=ledger["label"].where(ledger["subject"].isin(["lines", "group"]), ""),
    )
    # A total worked out from rounded rates is no evidence against a print.
    table["honoured"] &= ~(table["source"].eq("totals") & table["kind"].eq("derived"))
    state = pd.DataFrame({"honoured": table["honoured"], "check": "", "votes": 1}, table.index)
    state["check"] = state["check"].astype("object")
    _weigh_prints(table, state)
    _weigh_unit_values(table, state)
    _weigh_orders(table, state)
    _weigh_relations(table, state)
    untouched = ledger["honoured"] & ~table["honoured"]
    state.loc[untouched, "honoured"] = True
    return state


def _rank(row: pd.Series, votes: int) -> tuple:
    """Order prints of the same thing: the largest is honoured, equals cannot be told apart."""
    plain = row["kind"] != "derived", row["qualifier"] == ""
    return (votes, *plain, row["source"] != "facts", row["vintage"])


def _weigh_prints(table: pd.DataFrame, state: pd.DataFrame) -> None:
    held = table[state["honoured"] & table["first"].notna() & table["flow"].ne("")]
    for _, part in held.groupby([*SAME, "name"], sort=False):
        if len(part) < 2 or part["source"].ne("facts").all():
            continue
        low, high = part["low"].to_numpy(), part["high"].to_numpy()
        meets = (low[:, None] <= high) & (low <= high[:, None])
        rows = [row for _, row in part.iterrows()]
        cut = np.array([[_is_cut(one, other) for other in rows] for one in rows])
        near = meets | cut | cut.T
        votes = [len({rows[k]["publisher"] for k in np.flatnonzero(m)}) for m in near]
        width = high - low
        best = max(range(len(rows)), key=lambda n: (*_rank(rows[n], votes[n]), -width[n]))
        if cut[best].any():  # what was cut is the finer print's
            best = min(np.flatnonzero(cut[best]), key=lambda n: width[n])
        rival = any(
            not near[best, n] and _rank(rows[n], votes[n]) == _rank(rows[best], votes[best])
            for n in range(len(rows))
        )
        for n, row in enumerate(rows):
            others = int(near[n].sum()) - 1
            state.loc[row.name, "votes"] = votes[n]
            if rival and not (meets[best, n] and n != best):
                text = "contradicted, and nothing tells which is right"
                other = rows[best] if n != best else next(r for r in rows if r is not row)
                state.loc[row.name, ["honoured", "check"]] = [
                    *(False, f"{text}: {other.name} prints {other['value']:,.10g}")
                ]
            elif meets[best, n]:
                state.loc[row.name, "check"] = f"agrees with {others} other" if others else ""
            elif cut[n, best]:
                text = f"cut, not rounded; {rows[best].name} prints {rows[best]['value']:,.10g}"
                state.loc[row.name, ["honoured", "check"]] = [False, text]
            else:
                state.loc[row.name, ["honoured", "check"]] = [False, _explain(row, rows[best])]


def _is_cut(one: pd.Series, other: pd.Series) -> bool:
    """Say whether a coarser print is a finer one with its last digits cut off."""
    unit = 2 * one["half"]
    coarser = one["half"] > other["half"] and one["qualifier"] == "" and one["kind"] != "derived"
    return bool(coarser and one["value"] <= other["value"] < one["value"] + unit)


def _explain(row: pd.Series, best: pd.Series) -> str:
    near = abs(row["value"] - best["value"]) <= REVISION * abs(best["value"])
    printed = f"{best.name} prints {best['value']:,.10g}"
    if row["kind"] == "derived":
        return f"derived; {printed}"
    if near and row["vintage"] and best["vintage"] > row["vintage"]:
        return f"earlier vintage; {printed} in {best['vintage']}"
    if near and row["vintage"] and best["vintage"] and best["vintage"] < row["vintage"]:
        return f"later vintage, printed once; {printed} and more publishers agree"
    return f"contradicted; {printed}"


def _weigh_unit_values(table: pd.DataFrame, state: pd.DataFrame) -> None:
    """Compare dollars a ton of the same thing with the median of its heading."""
    what = ["flow", "hs", "province", "regime", "period"]
    goods = table[state["honoured"] & table["subject"].eq("goods") & table["value"].gt(0)]
    goods = goods[goods["kind"].ne("derived")]
    money = goods[goods["unit"].eq("USD") & goods["measure"].eq("value")]
    tons = goods[goods["unit"].eq("t") & goods["measure"].eq("quantity")]
    pairs = money.reset_index().merge(tons.reset_index(), on=what, suffixes=("", "_t"))
    if pairs.empty:
        return
    pairs["price"] = pairs["value"] / pairs["value_t"]
    pairs["heading"] = pairs["hs"].str[:4] + pairs["flow"]
    middle = pairs.groupby("heading")["price"].transform("median")
    number = pairs.groupby("heading")["period"].transform("nunique")
    far = np.maximum(pairs["price"] / middle, middle / pairs["price"]) > UNIT_VALUE
    for _, pair in pairs[far & (number > 2)].iterrows():
        text = f"unit value {pair['price']:,.4g} USD a ton is far from the good's others"
        names = [pair["id"], pair["id_t"]]
        least = state.loc[names, "votes"].min()
        for name in names:
            if state.loc[name, "votes"] == least:
                state.loc[name, ["honoured", "check"]] = [False, text]


def _weigh_orders(table: pd.DataFrame, state: pd.DataFrame) -> None:
    """Compare each figure's monthly rate with those of other periods of the same thing."""
    held = table[state["honoured"] & table["measure"].isin(_ADDED) & table["value"].gt(0)]
    held = held[held["first"].notna() & held["subject"].isin(["goods", "total"])]
    first, last = held["first"].dt, held["last"].dt
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    held = held.assign(rate=held["value"] / months)
    what = ["flow", "subject", "hs", "province", "unit", "measure"]
    for _, part in held.groupby(what, sort=False):
        for name, row in part[part["source"].eq("facts")].iterrows():
            others = part[part["period"] != row["period"]]
            alone = state.loc[name, "votes"] == 1 and others["period"].nunique() >= 4
            if alone and row["rate"] > ORDER * others["rate"].max():
                times = row["rate"] / others["rate"].max()
                text = f"{times:,.0f} times the largest other month's rate: a unit may be lost"
                state.loc[name, ["honoured", "check"]] = [False, text]


def _weigh_relations(table: pd.DataFrame, state: pd.DataFrame) -> None:
    """Let the figures in most broken relations fall, until all relations hold."""
    broken = [*_find_parts_too_large(table, state), *_find_open_sums(table, state)]
    while broken:
        counts = Counter(name for members, _ in broken for name in members)

        def blame(name: str, counts: Counter = counts) -> tuple:
            row, votes = table.loc[name], int(state.loc[name, "votes"])
            marked = row["kind"] == "derived", "read" in row["doubt"], row["qualifier"] != ""
            return (counts[name], row["source"] == "facts", *marked, row["flow"] == "total", -votes)

        most = max(map(blame, counts))
        worst = {name for name in counts if blame(name) == most}
        if len(worst) == len(counts) and all(
            table.loc[name, "source"] != "facts" for name in worst
        ):
            break
        for name in worst:
            texts = [text for members, text in broken if name in members]
            more = f" (and {len(texts) - 1} more)" * (len(texts) > 1)
            state.loc[name, ["honoured", "check"]] = [False, texts[0] + more]
        broken = [entry for entry in broken if not worst & set(entry[0])]


def _find_parts_too_large(table: pd.DataFrame, state: pd.DataFrame):
    held = table[state["honoured"] & table["measure"].isin(_ADDED) & table["first"].notna()]
    held = held[held["flow"].isin(["export", "import", "total"]) & ~held["subject"].eq("regime")]
    held = held[held["subject"].isin(["goods", "total"])]
    for _, part in held.groupby(["unit", "measure"]):
        rows = part.reset_index().to_dict("records")
        first, last = part["first"].to_numpy(), part["last"].to_numpy()
        low, high = part["low"].to_numpy(), part["high"].to_numpy()
        for n, whole in enumerate(rows):
            if not np.isfinite(high[n]):
                continue
            inside = (first >= first[n]) & (last <= last[n]) & (low > high[n] * (1 + SLACK))
            for k in np.flatnonzero(inside):
                if k != n and _lies_within(rows[k], whole):
                    one = rows[k]
                    if "facts" in (one["source"], whole["source"]):
                        said = (
                            f"{one['id']} ({one['value']:,.10g}) exceeds {whole['id']}, its whole"
                        )
                        yield (one["id"], whole["id"]), said


def _lies_within(one: dict, whole: dict) -> bool:
    if whole["flow"] not in (one["flow"], "total"):
        return False
    if whole["province"] and one["province"] not in whole["province"].split():
        return False
    if whole["subject"] == "total":
        # Customs' headline holds more than the sum of goods, never less.
        return one["subject"] == "goods" or one["statistic"] == whole["statistic"]
    if one["subject"] == "total":
        return False
    prefixes = tuple(whole["hs"].split())
    return bool(prefixes) and all(code.startswith(prefixes) for code in one["hs"].split())


def _find_open_sums(table: pd.DataFrame, state: pd.DataFrame):
    """Yield exports, imports and total of the same thing that do not add up."""
    held = table[state["honoured"] & table["measure"].eq("value") & table["first"].notna()]
    key = [column for column in SAME if column not in ("flow", "measure", "whole")]
    groups: dict[tuple, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for _, row in held.iterrows():
        groups[tuple(row[key])][row["flow"]].append(row)
    for flows in groups.values():
        for both in product(flows["export"], flows["import"], flows["total"]):
            export, import_, total = both
            # Pages of different dates may be of different vintages.
            room = 0.0 if len({row["publisher"] for row in both}) == 1 else SLACK * total["high"]
            least, most = export["low"] + import_["low"], export["high"] + import_["high"]
            apart = least > total["high"] + room or most < total["low"] - room
            if apart and "facts" in {row["source"] for row in both}:
                names = [str(row.name) for row in both]
                yield tuple(names), f"{names[0]} and {names[1]} do not add up to {names[2]}"
