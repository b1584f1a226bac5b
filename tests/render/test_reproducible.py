"""The same inputs give the same bytes, with one job or several, warm or not."""

import json
from datetime import UTC, datetime

import nbformat
import pytest

from nktrade.render.batch import render_site
from nktrade.render.catalogue import read_catalogue
from nktrade.render.fingerprints import Hashes
from nktrade.render.plan import plan_runs
from nktrade.render.run import Settings
from nktrade.site.text import spell_date

CELLS = {
    "table": """\
import pandas as pd
frame = pd.DataFrame({"value": [2.0, 2.0, 1.0]}, index=["b", "a", "c"])
frame.style.highlight_max(color="gold")""",
    "plot": """\
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1))
axes.plot([1, 2, 2])
plt.show()
print({"wig", "coal", "silk", "zinc"}, object())""",
    "warning": """\
import warnings
warnings.warn("take care")
lambda: 1""",
    "vector": """\
%config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt
plt.plot([1, 2, 1]);""",
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for name, source in CELLS.items():
        cells = [nbformat.v4.new_markdown_cell(f"# {name}\n\nWhat?", id="a")]
        cells.append(nbformat.v4.new_code_cell(source, id="b"))
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


def read_pages(collection, out, **options):
    outcomes = render_site(plan_runs(read_catalogue(collection)), Settings(out), **options)
    assert [outcome.status for outcome in outcomes] == ["ok"] * len(CELLS)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}


def test_pages_are_the_same_bytes_however_they_were_run(collection, tmp_path):
    ours = Hashes().site()
    one = read_pages(collection, tmp_path / "one", jobs=1)
    two = read_pages(collection, tmp_path / "two", jobs=2, warm=False)
    if Hashes().site() != ours:  # processes begun later lay pages by what is there by then
        pytest.skip("the package was changed while its pages were compared")
    timed = {"runs.json", "feed.xml"}  # how long a run took, and when
    for name in one.keys() - timed:
        assert one[name].splitlines() == two[name].splitlines(), name
    assert {f"{name}.html" for name in CELLS} <= set(one)
    # A page tells its day in one place; the index beside each run.
    records, day = json.loads(one["runs.json"]), spell_date(datetime.now(UTC).isoformat())
    assert {one[record["page"]].decode().count(day) for record in records} == {1}
    assert one["index.html"].decode().count(day) == len(records)
