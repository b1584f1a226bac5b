"""Ties do not turn: no ranking of the library leaves equal rows to chance."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd

import nktrade
from nktrade.table.ordering import order_largest


def test_equal_rows_stand_in_one_order_wherever_they_come_from():
    draw = np.random.default_rng(7)
    rows = pd.DataFrame({"hs": [f"{n:04}" for n in range(400)], "value": draw.integers(0, 5, 400)})
    wanted = sorted(zip(-rows["value"], rows["hs"], strict=True))
    for _ in range(5):
        mixed = rows.sample(frac=1, random_state=draw.integers(1000))
        assert order_largest(mixed, "value", ["hs"])["hs"].tolist() == [hs for _, hs in wanted]
        series = mixed.set_index("hs")["value"]
        assert order_largest(series).index.tolist() == [hs for _, hs in wanted]


def find_unstable(source):
    """Yield the lines that rank by one key, or take the largest, without saying how ties fall."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if node.func.attr in ("nlargest", "nsmallest"):
            yield node.lineno
        elif node.func.attr in ("sort_values", "argsort") and "kind" not in given:
            by = given.get("by") or next(iter(node.args), None)
            # pandas sorts by several keys without turning ties.
            several = isinstance(by, ast.Name | ast.Subscript) or (
                isinstance(by, ast.List)
                and (len(by.elts) > 1 or any(isinstance(e, ast.Starred) for e in by.elts))
            )
            ranks = "ascending" in given or "key" in given or node.func.attr == "argsort"
            if ranks and not several:
                yield node.lineno


def test_no_ranking_leaves_ties_to_chance():
    assert list(
        find_unstable(
            "a.sort_values('x', ascending=False)\na.sort_values(['x', 'y'])\na.nlargest(3)"
        )
    ) == [
        1,
        3,
    ]
    home = Path(nktrade.__file__).parent
    found = [
        f"{path.relative_to(home)}:{line}"
        for path in sorted(home.rglob("*.py"))
        for line in find_unstable(path.read_text(encoding="utf-8"))
    ]
    assert found == []
