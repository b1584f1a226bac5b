"""A small quantity model of production: what a plan needs, and what capped imports let through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice, did_you_mean
from nktrade.table.ordering import order_largest
from nktrade.table.rows import check_columns

#: A cap counts as binding when more of it would add this much to what is maximised, a unit.
_BINDS = 1e-9


@dataclass(frozen=True)
class Plan:
    """What can be made under caps.

    Attributes
    ----------
    final : pandas.Series
        Final output by good, in the good's unit.
    output : pandas.Series
        Gross output by good, what other goods use up included.
    imports : pandas.Series
        Imports used, by what is capped.
    shadow : pandas.Series
        By cap: what one more unit would add to the weighted final output. Where several caps bind
        at one corner this is one of the prices that hold there.

    Examples
    --------
    >>> goods = ["truck", "steel"]
    >>> domestic = pd.DataFrame([[0.0, 0.0], [1.0, 0.0]], goods, goods)
    >>> imported = pd.DataFrame([[0.0, 0.8]], ["coal"], goods)
    >>> demand, caps = pd.Series({"truck": 100.0}), pd.Series({"coal": 40.0})
    >>> plan = maximise_output(domestic, imported, demand, caps)
    >>> plan.output.round(6).to_dict(), plan.imports.round(6).to_dict()
    ({'truck': 50.0, 'steel': 50.0}, {'coal': 40.0})
    """

    final: pd.Series
    output: pd.Series
    imports: pd.Series
    shadow: pd.Series

    @property
    def bottlenecks(self) -> tuple[str, ...]:
        """Caps of which more would be used, the dearest first."""
        binding = order_largest(self.shadow[self.shadow > _BINDS])
        return tuple(str(name) for name in binding.index)


def invert_technology(domestic: pd.DataFrame) -> pd.DataFrame:
    """Return Leontief's inverse, (I - A)^-1: gross output needed for one unit of final output.

    Parameters
    ----------
    domestic : pandas.DataFrame
        Square, index and columns the goods alike: how much of the row's good one unit of the
        column's uses up.

    Raises
    ------
    InputError
        If the table is not square or a coefficient is negative or missing.
    UnanswerableError
        If making a good uses up, through the others, as much of it as is made, so that nothing is
        left over (the condition of Hawkins and Simon 1949).

    Notes
    -----
    Source: Miller and Blair, Input-Output Analysis, ch. 2.

    Examples
    --------
    >>> goods = ["agriculture", "manufacturing"]
    >>> domestic = pd.DataFrame([[0.15, 0.25], [0.20, 0.05]], goods, goods)
    >>> invert_technology(domestic).round(3).loc["agriculture"].tolist()
    [1.254, 0.33]
    """
    check_columns(domestic, [])
    if domestic.empty:
        raise InputError("the technology has no goods")
    if list(domestic.index) != list(domestic.columns) or not domestic.index.is_unique:
        raise InputError(
            "rows and columns of the technology are not the same goods",
            expected=", ".join(map(str, domestic.columns)),
            got=", ".join(map(str, domestic.index)),
        )
    _check_amounts(domestic, "a coefficient")
    coefficients = domestic.to_numpy(dtype=float)
    if max(abs(np.linalg.eigvals(coefficients)), default=0.0) >= 1:
        raise UnanswerableError(
            "the goods use each other up: no final output is possible",
            hint="Lower the coefficients of goods that need each other.",
        )
    inverse = np.linalg.inv(np.eye(len(coefficients)) - coefficients)
    return pd.DataFrame(inverse, domestic.index, domestic.columns)


def _check_amounts(table: pd.DataFrame | pd.Series, what: str) -> None:
    numbers = table.to_numpy(dtype=float)
    if not (numbers >= 0).all():
        worst = numbers[~(numbers >= 0)][0]
        raise InputError(f"{what} is negative or missing", expected="0 or more", got=str(worst))


def find_requirements(
    domestic: pd.DataFrame, imported: pd.DataFrame, demand: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return gross output of each good and imports of each input that a final demand needs.

    Parameters
    ----------
    domestic : pandas.DataFrame
        As for `invert_technology`.
    imported : pandas.DataFrame
        Index the inputs that are not made at home, columns the goods.
    demand : pandas.Series
        Final demand by good; goods left out are not wanted.

    Raises
    ------
    InputError, UnanswerableError
        As `invert_technology`; InputError also for a good the technology does not know.

    Examples
    --------
    >>> goods = ["steel", "truck"]
    >>> domestic = pd.DataFrame([[0.0, 2.0], [0.0, 0.0]], goods, goods)
    >>> imported = pd.DataFrame([[0.5, 3.0]], ["oil"], goods)
    >>> output, oil = find_requirements(domestic, imported, pd.Series({"truck": 10.0}))
    >>> output.to_dict(), oil.to_dict()
    ({'steel': 20.0, 'truck': 10.0}, {'oil': 40.0})
    """
    inverse = invert_technology(domestic)
    wanted = _take_demand(domestic, imported, demand)
    output = inverse @ wanted
    return output, imported[domestic.columns] @ output


def _take_demand(domestic: pd.DataFrame, imported: pd.DataFrame, demand: pd.Series) -> pd.Series:
    for good in [*demand.index, *imported.columns]:
        check_choice("good", good, domestic.columns)
    if set(imported.columns) != set(domestic.columns):
        missing = next(good for good in domestic.columns if good not in imported.columns)
        raise InputError(
            f"the imported inputs of {missing!r} are not given", hint="Give 0 for none."
        )
    _check_amounts(demand, "a demand")
    _check_amounts(imported, "a coefficient")
    return demand.reindex(domestic.columns).fillna(0.0).astype("float64")


def maximise_output(
    domestic: pd.DataFrame,
    imported: pd.DataFrame,
    demand: pd.Series,
    caps: pd.Series,
    weights: pd.Series | None = None,
) -> Plan:
    """Find the largest final output, up to a demand, that capped imports let through.

    Maximise w'y over final output y, gross output x and competing imports m, where
    x + m - A x = y, N x <= caps of what is not made at home, 0 <= m <= caps of what is made at
    home too, and 0 <= y <= demand.

    Parameters
    ----------
    domestic, imported, demand
        As for `find_requirements`.
    caps : pandas.Series
        Most that can be imported, by input; by good where it is also made at home. An input
        without a cap is unlimited; a good without one is not imported.
    weights : pandas.Series, optional
        What a unit of each good's final output counts; by default 1.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If a cap or weight names what the technology does not know, or is negative.
    UnanswerableError
        As `invert_technology`.

    Notes
    -----
    Sources: Miller and Blair, Input-Output Analysis, on quantity models with imports; Dorfman,
    Samuelson and Solow, Linear Programming and Economic Analysis (1958), on shadow prices.

    Examples
    --------
    >>> goods = ["truck", "steel"]
    >>> domestic = pd.DataFrame([[0.0, 0.0], [1.0, 0.0]], goods, goods)
    >>> imported = pd.DataFrame([[0.0, 0.8]], ["coal"], goods)
    >>> demand, caps = pd.Series({"truck": 100.0}), pd.Series({"coal": 40.0})
    >>> plan = maximise_output(domestic, imported, demand, caps)
    >>> float(plan.final["truck"]), plan.bottlenecks, float(plan.shadow["coal"])
    (50.0, ('coal',), 1.25)
    """
    from scipy.optimize import linprog

    invert_technology(domestic)  # refuses a technology that makes nothing
    goods = list(domestic.columns)
    wanted = _take_demand(domestic, imported, demand)
    worth = pd.Series(1.0, goods) if weights is None else weights.reindex(goods).fillna(0.0)
    _check_caps(caps, goods, list(imported.index))
    inputs = [name for name in imported.index if name in caps.index]
    n, k = len(goods), len(inputs)
    made = np.eye(n) - domestic.to_numpy(dtype=float)
    needs = imported.loc[inputs, goods].to_numpy(dtype=float)
    # Columns: final output, gross output, competing imports; all in units of the demand, or of the
    # caps where those are far below it: the solver takes what is below 1e-7 for nothing.
    scarce = caps[caps > 0]
    unit = min(float(wanted.max()), float(scarce.max()) if len(scarce) else np.inf) or 1.0
    balance = np.hstack([np.eye(n), -made, -np.eye(n)])
    limits = np.hstack([np.zeros((k, n)), needs, np.zeros((k, n))])
    most = caps.reindex(goods).fillna(0.0).to_numpy() / unit
    bounds = [(0.0, d / unit) for d in wanted] + [(0.0, None)] * n + [(0.0, m) for m in most]
    cost = np.concatenate([-worth.to_numpy(dtype=float), np.zeros(2 * n)])
    solved = linprog(
        cost,
        A_ub=limits,
        b_ub=caps[inputs].to_numpy(dtype=float) / unit,
        A_eq=balance,
        b_eq=np.zeros(n),
        bounds=bounds,
        method="highs",
    )
    amounts = np.abs(solved.x) * unit  # a solver's zero may carry a minus
    final, output, brought = (pd.Series(part, goods) for part in np.split(amounts, 3))
    used = pd.Series(needs @ output.to_numpy(), inputs, dtype="float64")
    prices = pd.Series(np.abs(solved.ineqlin.marginals), inputs, dtype="float64")
    competing = [name for name in caps.index if name in goods]
    prices = pd.concat(
        [prices, pd.Series(np.abs(solved.upper.marginals[2 * n :]), goods)[competing]]
    )
    return Plan(final, output, pd.concat([used, brought[competing]]), prices)


def _check_caps(caps: pd.Series, goods: list, inputs: list) -> None:
    for name in caps.index:
        if name not in goods and name not in inputs:
            raise InputError(
                f"a cap on the unknown {name!r}", hint=did_you_mean(name, [*inputs, *goods])
            )
    _check_amounts(caps, "a cap")
