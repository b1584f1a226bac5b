"""A telephone shows every chart: words neither run into one another nor off the page."""

import doctest
import itertools

import numpy as np
import pandas as pd
import pytest

from nktrade import charts
from nktrade.charts import drawing

MONTHS = pd.date_range("2018-01", periods=30, freq="MS")
LONG = "Soybean oil, cane sugar and pharmaceuticals, share of imports, 2023"


def draw_stocks():
    table = pd.DataFrame({"period": MONTHS, "value": np.arange(30.0), "currency": "USD"})
    shares = pd.concat([table.assign(share=share) for share in ("40%", "50%", "60%")])
    return charts.draw_paths(shares, "Stocks", "Source: made here.", by="share")


def draw_plane():
    cells = itertools.product(["0.5", "1", "2"], ["0.5", "1", "2"])
    table = pd.DataFrame([(x, y, 1.0) for x, y in cells], columns=["x", "y", "value"])
    ask = {"xlabel": "coal and coke, times what is assumed", "ylabel": "tyres", "unit": "thousand"}
    return charts.draw_plane(table, "T", "Source: made here.", x="x", y="y", value="value", **ask)


def draw_prints():
    table = pd.DataFrame(
        {"label": [LONG, "Wigs"], "printed": [2.0, 43.9], "low": [1.0, 43e6], "high": [3.0, 45e6]}
    ).assign(reading=[1.5, 43.9e6], verdict=["suspect", "inconsistent"])
    return charts.draw_printed_and_meant(table, "Prints", "Source: made here.")


def draw_forecast():
    known = pd.DataFrame({"period": MONTHS, "value": 1e6, "currency": "USD"})
    ahead = pd.DataFrame(
        {"period": pd.date_range("2020-07", periods=12, freq="MS"), "mean": 1e6, "low_80": 8e5}
    ).assign(high_80=1.2e6, low_95=6e5, high_95=1.4e6)
    ahead = pd.concat([ahead.assign(model=name) for name in ("naive", "theta", "components")])
    return charts.draw_fan(known, ahead, "Ahead", "Source: made here.", model="naive")


def draw_order():
    goods = [f"good {n}" for n in range(12)] * 2
    table = pd.DataFrame({"good": goods, "period": ["2022"] * 12 + ["2023"] * 12})
    table["rank"] = [*range(1, 13), *range(12, 0, -1)]
    names = dict.fromkeys(goods, "Woven fabric of synthetic filament (HS 5407)")
    return charts.draw_ranks(table, "Ranks", "Source: made here.", by="good", names=names)


def draw_scores():
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"good": np.repeat(np.arange(300).astype(str), 30)}).assign(
        period=np.tile(MONTHS, 300), score=rng.normal(size=9000), unusual=False
    )
    return charts.draw_scan(table, "Scores", "Source: made here.", by="good", events=False)


def list_examples() -> dict[str, list[str]]:
    """Return the code of every chart's own example, by the name of the function."""
    parser = doctest.DocTestParser()
    functions = [getattr(charts, name) for name in charts.__all__ if name.startswith("draw_")]
    found = {one.__name__: parser.get_examples(one.__doc__) for one in functions}
    return {name: [example.source for example in code] for name, code in found.items()}


def look_at(figure, monkeypatch) -> str:
    """Lay a figure out for a telephone and return what is wrong with its words."""
    wrong = []

    def read(narrow):
        narrow.draw_without_rendering()
        page = narrow.bbox
        for axis in (one for one in narrow.axes if one.get_visible()):
            for one, along in ((axis.xaxis, ("x0", "x1")), (axis.yaxis, ("y0", "y1"))):
                words = [label for label in one.get_ticklabels() if label.get_text()]
                boxes = sorted(
                    tuple(getattr(label.get_window_extent(), end) for end in along)
                    for label in words
                )
                close = [b for a, b in itertools.pairwise(boxes) if b[0] < a[1]]
                wrong.extend(f"ticks overlap: {[w.get_text() for w in words]}" for _ in close[:1])
            for text in (axis.xaxis.label, *(axis.get_legend() or _NONE).get_texts()):
                box = text.get_window_extent()
                if text.get_text() and (box.x0 < page.x0 or box.x1 > page.x1):
                    wrong.append(f"off the page: {text.get_text()}")
        return "<svg/>"

    monkeypatch.setattr(drawing, "draw_svg", read)
    if not drawing.draw_narrow_svg(figure):
        wrong.append("no narrow drawing")
    return "; ".join(wrong)


class _NONE:
    """Stands for a legend that is not there."""

    @staticmethod
    def get_texts():
        return []


@pytest.mark.parametrize("name", sorted(list_examples()))
def test_every_example_is_laid_out_for_a_telephone(name, monkeypatch):
    made = []
    monkeypatch.setattr(charts.frame.Chart, "__init__", _keep(made))
    scope = {"pd": pd, "np": np} | {one: getattr(charts, one) for one in charts.__all__}
    for source in list_examples()[name]:
        exec(compile(source, name, "exec"), scope)
    drawing.draw_svg(made[-1])
    if len({round(axis.get_position().x0, 2) for axis in made[-1].axes}) == 1:
        assert look_at(made[-1], monkeypatch) == ""


def _keep(made: list):
    def start(self, figure, alt):
        made.append(figure)
        object.__setattr__(self, "figure", figure)
        object.__setattr__(self, "alt", alt)

    return start


@pytest.mark.parametrize(
    "draw", [draw_stocks, draw_plane, draw_prints, draw_forecast, draw_order, draw_scores]
)
def test_what_is_crowded_is_laid_out_for_a_telephone(draw, monkeypatch):
    figure = draw().figure
    drawing.draw_svg(figure)
    assert look_at(figure, monkeypatch) == ""


def test_thousands_of_points_are_still_a_drawing():
    data, _ = draw_scores()._repr_mimebundle_()
    assert len(data["image/svg+xml"]) < 150_000
