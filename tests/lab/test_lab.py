"""In JupyterLab: forms accept what `render` accepts, the explorer's lines compute what it shows."""

import asyncio
import random
import sys
from html import unescape

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import nktrade as nk
from nktrade.cli.answerable import check_asked
from nktrade.errors import InputError
from nktrade.lab.contents import QuietContents, describe_kernel
from nktrade.lab.exploring import SHOWN
from nktrade.render.catalogue import read_catalogue
from nktrade.render.plan import plan_runs
from tests.conftest import ROOT

NOTEBOOKS = ROOT / "notebooks"
widgets = pytest.importorskip("ipywidgets")


@pytest.fixture(autouse=True)
def close_widgets():
    yield
    widgets.Widget.close_all()


def write(path, *cells, tags=("parameters",)):
    first, *rest = cells
    made = [new_markdown_cell("# Of one\n\nDoes it run?")]
    made += [new_code_cell(first, metadata={"tags": list(tags)}), *map(new_code_cell, rest)]
    nbformat.write(new_notebook(cells=made), path)
    return path


def ask_render(stem, name, text):
    """Return the value that `nktrade render -p` takes, or what it says."""
    try:
        catalogue = read_catalogue(NOTEBOOKS)
        (run,) = plan_runs(catalogue, [stem], [f"{name}={text}"])
        check_asked(run.parameters, run.notebook.defaults, NOTEBOOKS, f"notebook {stem}")
        return run.parameters[name]
    except InputError as error:
        return error.subject


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[("start", text) for text in ("2018-06", "2020-13", "June", "", "2025-01")],
        *[("year", text) for text in ("2022", "2022.5", "x", "2e3", " 2021 ")],
        *[("margin", text) for text in ("0.1", "1", "many", "nan")],
        *[("periods", text) for text in ("2020-H1,2021-H1", "2022", "2020-H3", "a+b")],
        *[("partner", text) for text in ("RUS", "ZZZ", "prk")],
        *[("data", text) for text in ("default", "/no/such/store")],
    ],
)
def test_a_form_accepts_what_render_accepts(name, text):
    stem = "04_wig_exports"
    form = nk.choose_parameters(NOTEBOOKS / f"{stem}.ipynb")
    form.fields[name].value = text
    asked = ask_render(stem, name, text)
    if form.render.disabled:
        assert asked in unescape(form.said.value)
    else:
        given = form.notebook.defaults | form.read()
        assert str(given[name]) == str(asked)  # "nan" is not itself


def test_every_notebook_has_a_form_that_begins_with_its_defaults():
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        form = nk.choose_parameters(path)
        assert form.read() == {}
        assert set(form.fields) == set(form.notebook.defaults)
        assert form.command == f"nktrade render {path.name}"


def test_the_explorers_lines_compute_what_it_shows():
    explorer, draw = nk.explore(), random.Random(18)
    goods = ["", "3004", "84", "6704 wigs", "wigs", "10"]
    for _ in range(2):
        explorer.flow.value = draw.choice(explorer.flow.options)
        explorer.goods.value = draw.choice(goods)
        explorer.province.value = draw.choice([code for _, code in explorer.province.options])
        first = draw.randrange(60)
        months = explorer.months.options
        explorer.months.value = (months[first], months[first + 30])
        for shown in SHOWN:
            explorer.shown.value = shown
            space = {"nk": nk, "pd": pd}
            *lines, last = explorer.code.splitlines()
            exec("\n".join(lines), space)
            found = eval(last, space)
            values = found["value"] if isinstance(found, pd.DataFrame) else found
            assert explorer.table["value"].equals(values)
            known = explorer.table["value"].notna()
            support = set(explorer.table.loc[known, "support"])
            assert support <= {"printed", "bounded", "assumed"}
            assert "<img" in explorer.picture.value or not known.any()


def test_words_nobody_knows_and_a_missing_package_are_told(monkeypatch):
    explorer = nk.explore()
    explorer.goods.value = "zzqq"
    assert "no code is known" in explorer.picture.value
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    for ask in (nk.explore, lambda: nk.choose_parameters(NOTEBOOKS / "21_audit.ipynb")):
        with pytest.raises(InputError, match=r"nktrade\[widgets\]"):
            ask()


def test_a_notebook_renders_itself_as_the_command_does(tmp_path, monkeypatch):
    cells = ["n: int = 2  # how many", "print(n * 21)", "import nktrade as nk\nnk.render_here()"]
    path = write(tmp_path / "mine.ipynb", *cells, "nk.choose_parameters()")
    assert "Nothing is rendered" in str(nk.render_here())
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    done = nk.render_here({"n": 3})
    assert done.page == tmp_path / "build" / "site" / "mine-n-3.html"
    page = done.page.read_text(encoding="utf-8")
    assert "63" in page
    assert "Nothing is rendered" in page
    assert 'href="build/site/mine-n-3.html"' in done._repr_mimebundle_()["text/html"]
    with pytest.raises(InputError, match="parameter 'n' has a wrong value"):
        nk.render_here({"n": "many"})
    with pytest.raises(InputError, match="no such notebook"):
        nk.render_here(path=tmp_path / "other.ipynb")


def test_opening_and_saving_leaves_a_notebook_as_it_was(tmp_path):
    source = NOTEBOOKS / "21_audit.ipynb"
    (tmp_path / "a.ipynb").write_bytes(source.read_bytes())
    manager = QuietContents(root_dir=str(tmp_path))

    async def open_and_save(change=lambda content: None):
        model = await manager.get("a.ipynb", content=True)
        told = model["content"]["metadata"]
        assert {key: told[key] for key in describe_kernel()} == describe_kernel()
        change(model["content"])
        await manager.save({"type": "notebook", "content": model["content"]}, "a.ipynb")

    asyncio.run(open_and_save())
    assert (tmp_path / "a.ipynb").read_bytes() == source.read_bytes()
    asyncio.run(open_and_save(lambda content: content["metadata"].update(mine="kept")))
    assert nbformat.read(tmp_path / "a.ipynb", 4).metadata["mine"] == "kept"
    other = {"display_name": "R", "language": "R", "name": "ir"}
    asyncio.run(open_and_save(lambda content: content["metadata"].update(kernelspec=other)))
    assert nbformat.read(tmp_path / "a.ipynb", 4).metadata["kernelspec"]["name"] == "ir"
