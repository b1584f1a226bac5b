"""What no data could answer is refused before anything runs; what the data lack is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from nktrade._paths import NOTEBOOKS
from nktrade.cli.answerable import check_asked
from nktrade.errors import InputError
from nktrade.render.catalogue import read_catalogue
from nktrade.render.plan import plan_runs

DEFAULTS = {
    "partner": "PRK",
    "start": "2017-01",
    "end": "2024-12",
    "data": "default",
    "closure": "2020-02",
    "months": "2017-01 2017-07",
    "periods": ["2022", "2023"],
    "base": "2018..2019",
    "codes": "1006 3105",
    "year": 2023,
    "product": "6704",
}


def ask(folder: Path = Path(), **values) -> None:
    check_asked(DEFAULTS | values, DEFAULTS, folder, "01_x")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"start": "2020-13"}, r"01_x, parameter 'start': the period '2020-13' cannot be read"),
        ({"end": "December"}, "parameter 'end'"),
        ({"start": ""}, "parameter 'start': the period '' cannot"),
        ({"start": "2024-12", "end": "2024-11"}, "01_x: the months run backwards"),
        ({"closure": "20-02"}, "parameter 'closure'"),
        ({"months": "2017-01 2017-00"}, "'2017-00' cannot be read"),
        ({"periods": ["2022", "2023-H3"]}, "'2023-H3' cannot be read"),
        ({"base": "2019..2018"}, "parameter 'base': the period '2019..2018' runs backwards"),
        ({"partner": "PKR"}, "Did you mean 'PRK'"),
        ({"partner": "North Korea"}, "Did you mean 'PRK'"),
        ({"data": "defualt"}, "Did you mean 'default'"),
        ({"data": "nowhere"}, "nktrade data import"),
    ],
)
def test_what_cannot_be_is_refused(values, says):
    with pytest.raises(InputError, match=says):
        ask(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"start": "1995", "end": "1996-H1"},  # well formed, and not in the data
        {"partner": "BRA"},
        {"partner": "GUM"},  # no partner of China customs, but of CEPII's
        {"product": "10121", "codes": "x"},  # codes are not months
        {"data": "s3://bucket/store"},  # a worker elsewhere may have it
        {"closure": "2020-H1"},
    ],
)
def test_what_can_be_is_left_to_the_page(values):
    ask(**values)


def test_a_missing_value_is_for_the_notebook():
    check_asked({"break_at": None}, {"break_at": "2020-02"}, Path())


def test_a_store_is_looked_for_beside_the_notebook(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no store here"):
        ask(tmp_path, data="empty")
    (tmp_path / "empty" / "manifest.json").write_text('{"format": 1, "files": []}')
    ask(tmp_path, data="empty")


def test_other_notebooks_may_call_their_own_things_so():
    own = {"start": "the beginning", "end": "x", "data": "table.csv", "partner": "Kim"}
    check_asked(own | {"start": "now", "data": "other.csv"}, own, Path())


def test_every_run_of_the_catalogue_passes():
    runs = plan_runs(read_catalogue(NOTEBOOKS))
    assert len(runs) > 10
    for run in runs:
        check_asked(run.parameters, run.notebook.defaults, NOTEBOOKS, run.notebook.name)


def test_where_nothing_has_changed_neither_checks_nor_the_frame_import_pandas():
    code = f"""
import sys
from pathlib import Path
from nktrade.cli.answerable import check_asked
from nktrade.cli.site_furnishing import furnish
from nktrade.render.batch import render_site
check_asked({DEFAULTS!r}, {DEFAULTS!r}, Path())
furnish("title")
print(sorted({{"numpy", "pandas", "pyarrow"}} & {{*sys.modules}}))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).stdout == b"[]\n"
