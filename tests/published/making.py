"""Invented figures that are consistent by construction, printed with the rounding of documents."""

import pandas as pd

from nktrade.published import load_reported
from nktrade.published.documents import COLUMNS

NO_REPORTS = load_reported().iloc[:0]
_BASE = dict.fromkeys(COLUMNS, "") | {
    "document": "d",
    "geography": "CHN",
    "place": "p",
    "quote": "q",
}


def make_figure(value, decimals=2, **columns) -> dict:
    """One printed figure: rounded to `decimals`, with the half unit that follows."""
    printed = round(value, decimals)
    numbers = {"value": printed, "half_unit": 0.5 * 10.0**-decimals, "reading": float("nan")}
    return _BASE | {"measure": "value", "unit": "million USD", "label": "l"} | columns | numbers


def make_table(rows: list[dict]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    table.index = pd.Index([f"d:{n}" for n in range(1, len(table) + 1)], name="id")
    return table


def make_document(goods_old: list[float], goods_new: list[float], exports: tuple[float, float]):
    """Two years of imports by item, exports, and all that a report would print of them."""
    rows = []
    imports = {"2001": sum(goods_old), "2002": sum(goods_new)}
    sold = dict(zip(imports, exports, strict=True))
    whole = {"classification": "total"}
    for year, value in imports.items():
        rows += [
            make_figure(value, flow="import", period=year, **whole),
            make_figure(sold[year], flow="export", period=year, **whole),
            make_figure(value + sold[year], 1, flow="total", period=year, **whole),
            make_figure(sold[year] - value, 1, flow="balance", period=year, **whole),
        ]
    span = {"period": "2002", "base_period": "2001", "measure": "growth", "unit": "%"}
    for flow, levels in (("import", imports), ("export", sold)):
        growth = 100 * levels["2002"] / levels["2001"] - 100
        rows.append(make_figure(growth, 1, flow=flow, **whole, **span))
    ranked = sorted(enumerate(goods_new, 1), key=lambda item: -item[1])
    for rank, (number, value) in enumerate(ranked, 1):
        where = {"place": f"Table 1, row {rank}", "flow": "import", "period": "2002"}
        where |= {"classification": "HS4", "code": f"10{number:02}"}
        rows.append(make_figure(value, **where))
        share = 100 * value / imports["2002"]
        rows.append(make_figure(share, 1, **where, measure="share", unit="%"))
    total = {"place": "Table 1, row Total (Top 10)", "flow": "import", "period": "2002"}
    total |= {"classification": "basket", "code": "top10"}
    rows.append(make_figure(imports["2002"], **total))
    rows.append(make_figure(100.0, 1, **total, measure="share", unit="%"))
    first = make_figure(imports["2002"] / 2, flow="import", period="2002-H1", **whole)
    return make_table([*rows, first])
