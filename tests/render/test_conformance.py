"""Notebooks of every kind come out as in plain papermill, output for output.

A tenth of the table runs with the suite, another one each day; the whole with
``NKTRADE_CONFORMANCE=all`` (``make conformance``), or some by their names.
"""

import json
import multiprocessing
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import nbformat
import pytest

from nktrade.render.batch import render_site
from nktrade.render.catalogue import read_catalogue
from nktrade.render.cells import read_source
from nktrade.render.plan import plan_runs
from nktrade.render.preload import can_fork, may_fork
from nktrade.render.run import Settings
from tests.render.conformance import (
    ELSEWHERE,
    FILES,
    KERNELS,
    SHADOWED,
    SHADOWED_FILES,
    SOURCES,
)

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are not forked on this system")


def choose():
    """Name the notebooks of today."""
    asked = os.environ.get("NKTRADE_CONFORMANCE", "")
    if asked == "all":
        return [*SOURCES]
    return asked.split(",") if asked else [*SOURCES][date.today().toordinal() % 10 :: 10]


def write_collection(folder, sources, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, whole in sources.items():
        cells = []
        for number, source in enumerate(whole.split("\n---\n")):
            cells.append(nbformat.v4.new_code_cell(source, id=f"c{number}"))
            if source.startswith("# tags: "):
                cells[-1].metadata["tags"] = source.splitlines()[0].removeprefix("# tags: ").split()
        notebook = nbformat.v4.new_notebook(cells=cells)
        kernel = KERNELS.get(name, "python3")
        spec = {"name": kernel, "display_name": kernel, "language": "python"}
        notebook.metadata["kernelspec"] = spec
        nbformat.write(notebook, folder / f"{name}.ipynb")
    parts = [{"title": "All", "notebooks": [{"notebook": name} for name in sources]}]
    (folder / "site.yml").write_text(json.dumps({"title": "Conformance", "parts": parts}))


def run_plainly(path):
    """Execute a notebook by papermill; return the name of its error, if any."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    path = Path(path)
    try:
        papermill.execute_notebook(
            str(path), str(path.with_suffix(".done")), cwd=str(path.parent), progress_bar=False
        )
    except PapermillExecutionError as error:
        return error.ename
    except Exception as error:
        return type(error).__name__
    return None


def read_outputs(path, folder):
    """Read what the cells of an executed notebook put out, without numbers of the process."""
    if not path.exists():
        return []
    cells = []
    for cell in nbformat.read(path, as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or "injected-parameters" in tags:
            continue
        outputs = []
        for output in cell.outputs:
            last = outputs[-1] if outputs else {}
            if output.output_type == "stream" and last.get("name") == output.name:
                last["text"] += output.text
            else:
                outputs.append(json.loads(json.dumps(output)))
        text = json.dumps([cell.execution_count, outputs], sort_keys=True, ensure_ascii=False)
        text = text.replace(str(folder), ".")  # where it lies is not told
        cells.append(re.sub(r"0x[0-9a-f]{6,}|ipykernel_\d+", "N", text))
    return cells


def test_notebooks_come_out_as_in_papermill(tmp_path, monkeypatch):
    sources = {name: SOURCES[name] for name in choose()}
    runs = compare(tmp_path, monkeypatch, sources, FILES)
    paths = [run.notebook.path for run in runs if run.notebook.path.exists()]  # one removes itself
    forked = [path for path in paths if may_fork(read_source(path), path)]
    assert len(forked) > len(runs) / 2  # or these were ordinary kernels compared with themselves


def test_a_module_that_hides_one_of_pythons_is_found_as_in_papermill(tmp_path, monkeypatch):
    compare(tmp_path, monkeypatch, SHADOWED, SHADOWED_FILES)


def compare(tmp_path, monkeypatch, sources, files):
    """Run notebooks both ways, and return the runs of ours."""
    names = [*sources]
    ways = {way: tmp_path / way / "notebooks" for way in ("plain", "ours")}
    for folder in ways.values():
        folder.mkdir(parents=True)
        write_collection(folder, sources, files)
    for name, text in ELSEWHERE.items():
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        (tmp_path / "elsewhere" / name).write_text(text, encoding="utf-8")
    spec = tmp_path / "jupyter" / "kernels" / "another"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": argv, "display_name": "A", "language": "python", "env": {"WHICH": "mine"}}
    (spec / "kernel.json").write_text(json.dumps(about))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    root = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "elsewhere"), root]))

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        paths = [str(ways["plain"] / f"{name}.ipynb") for name in names]
        wanted = dict(zip(names, pool.map(run_plainly, paths), strict=True))
    runs = plan_runs(read_catalogue(ways["ours"]))
    outcomes = render_site(runs, Settings(tmp_path / "site"), jobs=2)

    differ = {}
    for outcome in outcomes:
        name = outcome.run.notebook.name
        plain = read_outputs(ways["plain"] / f"{name}.done", ways["plain"])
        ours = read_outputs(tmp_path / "site" / outcome.run.notebook_out, ways["ours"])
        # papermill's marks of a failure stand before the author's cells.
        plain = plain[len(plain) - len(ours) :] if wanted[name] else plain
        error = outcome.error["type"] if outcome.error else None
        # What IPython only prints, as a group of errors, papermill gives no name; ours is printed.
        if error and wanted[name] == "CellExecutionError" and error in str(plain):
            error = wanted[name]
        if (error, ours) != (wanted[name], plain):
            differ[name] = {"plain": (wanted[name], plain), "ours": (error, ours)}
    made = {
        way: {path.name: path.read_bytes() for path in folder.glob("made*")}
        for way, folder in ways.items()
    }
    assert differ == {}
    assert made["ours"] == made["plain"]
    assert len(outcomes) == len(names)
    return runs
