"""What every page pays at its first question, paid once where pages are forked.

Tables are read, the set that print leaves has its first optimum, from which every later one starts,
and a chart is drawn. Nothing here starts a thread: a process with two cannot be forked.
"""

from __future__ import annotations

import pandas as pd

from nktrade import charts
from nktrade.codes import baskets, names
from nktrade.published import figures, panel_support
from nktrade.published.honoured import load_identified
from nktrade.published.space import Selection
from nktrade.store import describe
from nktrade.table.periods import parse_period


def use_once() -> None:
    """Fill what functions remember; no answer is changed by it."""
    figures.load_figures()
    panel_support.read_answers()
    describe()
    names.list_names()
    load_identified().range_of(((1.0, Selection("import", parse_period("2017-01"))),))
    rows = pd.DataFrame({"hs": ["6702", "6702"], "hs_edition": ["HS2017", "HS2022"]})
    for name in baskets.list_baskets()["name"]:
        baskets.in_basket(rows, name)
    months = pd.date_range("2020-01", periods=24, freq="MS")
    table = pd.DataFrame({"period": months, "flow": "import", "value": 1e6, "state": "reported"})
    charts.draw_trend(table, "First", "None")._repr_mimebundle_()
