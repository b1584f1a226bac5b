"""The explorer's choices as widgets: chart, table and lines of code change together."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

import pandas as pd

from nktrade.errors import InputError, NktradeError, check_path
from nktrade.lab.widgets import load_widgets
from nktrade.table.support import find_weakest

#: What can be shown, and its unit; of money the unit is the currency.
SHOWN = {
    "by month": "",
    "by whole year": "",
    "share of the flow": "% of the flow",
    "change on the year before": "% on the year before",
}
_WIDE = {"layout": {"width": "34em"}, "style": {"description_width": "6em"}}


def explore(data: str = "default", **options: str) -> Explorer:
    """Return choices of flow, goods, province, months and what to show, with what they give.

    Parameters
    ----------
    data : str
        ``"default"``, or the folder of a store.
    **options : str
        As `load` takes them: partner, currency, view (by default the partner's own side).

    Returns
    -------
    Explorer
        Shows itself; `Explorer.code` are the lines that computed `Explorer.table`.

    Raises
    ------
    InputError
        ipywidgets is not installed, or the data cannot be loaded.

    Examples
    --------
    >>> explore(hs="6704", start="2022-01", end="2022-03").code.splitlines()[0]
    'trade = nk.load(view="PRK", hs="6704", start="2022-01", end="2022-03")'
    """
    check_path(data, "a store")
    load_widgets()
    return Explorer(data, {"view": options.get("partner", "PRK"), **options})


class Explorer:
    """Widgets over one table of trade.

    Attributes
    ----------
    code : str
        The lines that compute what is shown; they are what was run.
    table : pandas.DataFrame
        Columns value and support, indexed by period; of months and money low and high as well.
    """

    def __init__(self, data: str, options: dict[str, str]) -> None:
        from nktrade.store import describe, load

        widgets = load_widgets()
        said = [*([repr(data)] if data != "default" else [])]
        said += [f"{name}={value!r}" for name, value in options.items()]
        self.load = f"nk.load({', '.join(said)})".replace("'", '"')
        self.trade = load(data, **options)  # type: ignore[arg-type]
        self.caption = f"Source: {describe(data).caption()}."
        choices = self._lay_choices(widgets)
        for one in choices:
            one.observe(lambda _: self._draw(), names="value")
        self.picture, self.lines, self.rows = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.box = widgets.VBox([*choices, self.picture, self.lines, self.rows])
        self.code, self.table = "", pd.DataFrame()
        self._draw()

    def _lay_choices(self, widgets: Any) -> list[Any]:
        """Lay what may be chosen: what the rows have of flows, goods, provinces and months."""
        from nktrade.codes.geography import list_places
        from nktrade.codes.names import list_names

        names, places = list_names(4), list_places("province")
        codes = {code[:digits] for code in self.trade["hs"].unique() for digits in (2, 4)}
        goods = [f"{code} {names.get(code, '')}".strip() for code in sorted(codes)]
        provinces = sorted(self.trade["province"].dropna().unique())
        where = [("all", ""), *((places.get(code, code), code) for code in provinces if code)]
        months = [f"{at:%Y-%m}" for at in pd.period_range(*self._ends(), freq="M")]
        flows, typed = (
            sorted(self.trade["flow"].unique(), reverse=True),
            {"continuous_update": False},
        )
        hint = "all goods; a code or a word"
        self.flow = widgets.Dropdown(options=flows, description="flow", **_WIDE)
        self.goods = widgets.Combobox(
            options=goods, placeholder=hint, description="goods", **typed, **_WIDE
        )
        self.province = widgets.Dropdown(options=where, description="province", **_WIDE)
        ends = (0, len(months) - 1)
        self.months = widgets.SelectionRangeSlider(
            options=months, index=ends, description="months", **typed, **_WIDE
        )
        self.shown = widgets.Dropdown(options=list(SHOWN), description="show", **_WIDE)
        return [self.flow, self.goods, self.province, self.months, self.shown]

    def _ends(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        return self.trade["period"].min(), self.trade["period"].max()

    @property
    def hs(self) -> str:
        """The code that is chosen; a word is looked up, and its first code taken.

        Raises
        ------
        InputError
            If nothing is found for it.
        """
        from nktrade.codes import search

        asked = self.goods.value.strip()
        first, _, _ = asked.partition(" ")
        if not asked or first.replace(".", "").isdigit():
            return first.replace(".", "")
        found = search(asked)
        if found.empty:
            raise InputError("no code is known for these words", got=asked)
        return str(found.iloc[0]["code"])

    def write_code(self) -> str:
        """Return the lines that compute what is chosen, beginning with the loading."""
        flow = f'flow="{self.flow.value}"'
        chosen = [flow, *([f'hs="{self.hs}"'] if self.hs else [])]
        chosen += [f'province="{self.province.value}"'] if self.province.value else []
        start, end = self.months.value
        span = f'.loc["{start}":"{end}"]'
        monthly = 'nk.monthly({}, coverage=trade).set_index("period")'
        every = monthly.format(f"nk.select(trade, {flow})") + '["value"]'
        last = {
            "by month": f"monthly{span}",
            "by whole year": 'pd.concat([nk.add_up(rows, "flow", period=one) for one in years], '
            "keys=years).droplevel(1)",
            "share of the flow": f"(100 * value / {every}){span}",
            "change on the year before": f'(100 * (value / value.shift(12, freq="MS") - 1))'
            f".reindex(value.index){span}",
        }[self.shown.value]
        lines = [
            f"trade = {self.load}",
            f"rows = nk.select(trade, {', '.join(chosen)})",
            f"monthly = {monthly.format('rows')}",
            'value = monthly["value"]',
            last,
        ]
        if self.shown.value == "by whole year":
            first, final = pd.Timestamp(start), pd.Timestamp(end) + pd.offsets.MonthEnd()
            years = pd.period_range(first, final, freq="Y")
            whole = [
                str(one)
                for one in years
                if first <= one.start_time and one.end_time.date() <= final.date()
            ]
            lines[2:4] = [f"years = {whole}".replace("'", '"')]
        return "\n".join(lines)

    def _compute(self) -> pd.DataFrame:
        import nktrade

        *lines, last = self.code.splitlines()[1:]
        space: dict[str, Any] = {"nk": nktrade, "pd": pd, "trade": self.trade}
        exec("\n".join(lines), space)
        found = eval(last, space)
        if isinstance(found, pd.DataFrame):
            return found[["value", "low", "high", "support"]]
        told = self._weigh(found, space["monthly"])
        return found.rename("value").to_frame().assign(support=told)

    def _weigh(self, found: pd.Series, monthly: pd.DataFrame) -> list[str]:
        """Return how what is made of several months is known: as the least sure of them."""
        used = monthly["support"].reindex(found.index)
        if self.shown.value == "change on the year before":
            before = monthly["support"].shift(12, freq="MS").reindex(found.index)
            used = find_weakest(used, before).fillna(used).fillna(before)
        return used.fillna("").tolist()

    def _draw(self) -> None:
        try:
            self.code = self.write_code()
            self.table = self._compute()
        except NktradeError as error:
            self.picture.value = _warn(error)
            self.lines.value = self.rows.value = ""
            return
        try:
            self.picture.value = _show(self._chart())
        except NktradeError as error:  # nothing to draw is no reason to hide the lines
            self.picture.value = _warn(error)
        self.lines.value = (
            f"<pre>import pandas as pd\n\nimport nktrade as nk\n\n{escape(self.code)}</pre>"
        )
        rows = self.table
        if isinstance(rows.index, pd.DatetimeIndex):
            rows = rows.set_axis(rows.index.strftime("%Y-%m"))
        digits = 1 if SHOWN[self.shown.value] else 0
        html = rows.to_html(float_format=f"{{:,.{digits}f}}".format, na_rep="")
        self.rows.value = f'<div style="max-height: 20em; overflow: auto">{html}</div>'

    def _chart(self) -> Any:
        from nktrade import charts
        from nktrade.codes.names import name

        goods = f"{name(self.hs)} (HS {self.hs})" if self.hs else "all goods"
        places = {code: words for words, code in self.province.options}
        where = f", {places[self.province.value]}" if self.province.value else ""
        title = f"{self.flow.value.capitalize()}s of {goods}{where}"
        table = self.table.reset_index(names="period").assign(flow=self.flow.value)
        if self.shown.value == "by month":
            table = table.assign(state="estimated", currency=self.trade["currency"].iloc[0])
            return charts.draw_trend(table, title, self.caption)
        if self.shown.value == "by whole year":
            table = self.table.rename_axis("year").reset_index()
            table = table.assign(currency=self.trade["currency"].iloc[0])
            return charts.draw_bars(table, title, self.caption, x="year")
        unit = SHOWN[self.shown.value]
        return charts.draw_change(table, title, self.caption, column="value", ylabel=unit)

    def _repr_mimebundle_(self, include=None, exclude=None) -> Any:
        return self.box._repr_mimebundle_(include=include, exclude=exclude)


def _warn(error: NktradeError) -> str:
    return f'<p style="color: #8a2b12">{escape(str(error))}</p>'


def _show(chart: Any) -> str:
    from nktrade.charts.drawing import draw_svg

    drawn = b64encode(draw_svg(chart.figure).encode()).decode()
    address = f"data:image/svg+xml;base64,{drawn}"
    return f'<img alt="{escape(chart.alt)}" src="{address}" style="width: 46em">'
