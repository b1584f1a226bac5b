"""Warm kernels: the same outputs as ordinary ones, and nothing that outlives its batch."""

import asyncio
import json
import os
import re
import subprocess
import sys
from datetime import date
from queue import Empty

import nbformat
import psutil
import pytest

from nktrade._paths import NOTEBOOKS
from nktrade.render import preload
from nktrade.render.batch import render_site
from nktrade.render.catalogue import read_catalogue
from nktrade.render.engine import PromptClient, PromptManager
from nktrade.render.plan import plan_runs
from nktrade.render.preload import can_fork, find_imports
from nktrade.render.run import Settings
from tests.rendered import FIXTURES, run_nktrade

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are not forked on this system")

PROBE = (
    """\
import os
import random
import sys
import threading
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

display(pd.get_option("display.max_columns"), pd.get_option("display.width"))
display(plt.get_backend(), plt.isinteractive(), plt.get_fignums(), __name__, os.getcwd())
display(sys.argv[0].endswith("ipykernel_launcher.py"), sys.path[0], sys.stdin.closed)
display([f.__name__ for f in get_ipython().events.callbacks["post_execute"]])
""",
    """\
def warn():
    warnings.warn("said once per place", UserWarning, stacklevel=1)


warn()
np.log(np.array([0.0]))
pd.DataFrame({"a": range(3)}).plot()
""",
)


def write_notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def render_both_ways(folder, out):
    """Run a catalogue with warm and with ordinary kernels; return the outputs of both."""
    both = []
    for warm in (True, False):
        runs = plan_runs(read_catalogue(folder))
        outcomes = render_site(runs, Settings(out / str(warm)), jobs=2, warm=warm)
        assert {outcome.status for outcome in outcomes} == {"ok"}
        both.append([_outputs(out / str(warm) / run.notebook_out) for run in runs])
    return both


def _outputs(path):
    """Return a notebook's outputs, without what differs between any two ordinary runs."""
    cells = nbformat.read(path, as_version=4).cells
    text = json.dumps([cell.get("outputs", []) for cell in cells])
    text = re.sub(r"T_[0-9a-f]{5}", "T_style", text)  # pandas names each styled table at random
    text = re.sub(r"0x[0-9a-f]{6,}", "0xaddress", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel_pid", text)
    text = re.sub(r"(Date|Time):</th> *<td>[^<]*", "moment", text)  # statsmodels' summary
    return json.loads(text)


def test_the_collection_has_the_same_outputs_cell_by_cell(tmp_path, whole_site):
    site, _ = whole_site
    # A sixth of it, another one each day.
    runs = plan_runs(read_catalogue(NOTEBOOKS))[date.today().toordinal() % 6 :: 6]
    outcomes = render_site(runs, Settings(tmp_path), jobs=2, warm=False)
    assert [outcome.error for outcome in outcomes if outcome.status != "ok"] == []
    for run in runs:
        warm, ordinary = (_outputs(folder / run.notebook_out) for folder in (site, tmp_path))
        for cell, same in zip(warm, ordinary, strict=True):
            assert cell == same, run.slug


def test_a_warm_kernel_looks_like_an_ordinary_one(tmp_path):
    write_notebook(tmp_path / "probe.ipynb", *PROBE)
    warm, ordinary = render_both_ways(tmp_path, tmp_path / "out")
    for one, other in zip(warm[0], ordinary[0], strict=True):
        for output, same in zip(one, other, strict=True):
            assert output == same
    assert "said once per place" in json.dumps(warm)
    assert "image/png" in json.dumps(warm)


def test_the_first_table_and_figure_were_paid_for_before_the_fork(tmp_path):
    ask = "import pandas\nprint(hasattr(pandas.io.formats, 'style'))"
    write_notebook(tmp_path / "a.ipynb", ask)
    runs = plan_runs(read_catalogue(tmp_path))
    render_site(runs, Settings(tmp_path / "out"), jobs=1)
    assert _outputs(tmp_path / "out" / runs[0].notebook_out)[0][0]["text"] == "True\n"


def test_a_kernel_is_ready_when_it_is_idle_and_heard(monkeypatch):
    deaf = [Empty(), Empty()]
    hear = PromptClient._hear_idle

    async def hear_at_the_third_time(self, asked):
        if deaf:
            raise deaf.pop()
        await hear(self, asked)

    monkeypatch.setattr(PromptClient, "_hear_idle", hear_at_the_third_time)

    async def talk():
        manager = PromptManager()
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            # Nothing of the questions is left among what the kernel publishes.
            asked = client.execute("print(6 * 7)")
            said = []
            while not said or said[-1]["content"].get("execution_state") != "idle":
                said.append(await client.iopub_channel.get_msg(timeout=60))
            assert {message["parent_header"]["msg_id"] for message in said} == {asked}
            assert "42\n" in [message["content"].get("text") for message in said]
            await manager.shutdown_kernel(now=True)
            with pytest.raises(RuntimeError, match="died before it was ready"):
                await client.wait_for_ready(timeout=60)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    asyncio.run(talk())
    assert not deaf


def test_each_kernel_draws_its_own_random_numbers(tmp_path):
    draw = "import random\nimport numpy as np\nprint(random.random(), np.random.random())"
    for name in ("a", "b"):
        write_notebook(tmp_path / f"{name}.ipynb", draw)
    runs = plan_runs(read_catalogue(tmp_path))
    render_site(runs, Settings(tmp_path / "out"), jobs=2)
    one, other = (_outputs(tmp_path / "out" / run.notebook_out) for run in runs)
    assert one[0][0]["text"].split()[0] != other[0][0]["text"].split()[0]
    assert one[0][0]["text"].split()[1] != other[0][0]["text"].split()[1]


def test_a_parent_that_dies_is_replaced(tmp_path):
    done = run_nktrade(
        "render",
        FIXTURES,
        "03_failing",
        "--sweep",
        "how=kill the parent,nothing",
        "--jobs",
        "1",
        "--out",
        tmp_path,
        "--json",
    )
    bad, good = json.loads(done.stdout)
    assert (bad["error"]["cell"], bad["error"]["type"]) == (4, "DeadKernelError")
    assert good["status"] == "ok"
    assert "ordinary" not in done.stderr


def test_without_a_parent_kernels_are_ordinary_and_that_is_said_once(tmp_path):
    program = (
        "from nktrade.render import preload; preload.PARENT = 'nktrade.render.no_such_module'\n"
        "from nktrade.cli import main; main()"
    )
    sweep = ["03_failing", "--sweep", "how=nothing,nothing more", "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, "-c", program, "render", FIXTURES, *sweep, "--out", tmp_path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stderr.count("starting ordinary ones") == 1


def test_where_no_process_can_fork_that_is_said_once(monkeypatch):
    monkeypatch.setattr(preload, "can_fork", lambda: False)
    runs = plan_runs(read_catalogue(FIXTURES))
    forked = pytest.warns(UserWarning, match="cannot be forked")
    with forked as said, preload.provide_kernels(runs) as environment:
        assert preload.SOCKET not in environment
    assert len(said) == 1


def test_imports_are_found_in_notebooks_but_not_beside_them(tmp_path):
    write_notebook(
        tmp_path / "a.ipynb",
        "%matplotlib inline\nimport pandas as pd, json\nfrom helpers import one",
        "def lazily():\n    from statsmodels.api import OLS",
        "this is not python",
    )
    (tmp_path / "helpers.py").write_text("one = 1")
    assert find_imports([tmp_path / "a.ipynb"]) == ["pandas", "statsmodels.api"]
    write_notebook(tmp_path / "b.ipynb", "import nktrade as nk")
    found = find_imports([tmp_path / "b.ipynb"])
    assert {"nktrade.store", "pandas"} <= set(found)
    assert not any(name.startswith(("nktrade.render", "nktrade.cli")) for name in found)
    assert "openpyxl" not in found  # by which a source reads files, and no page


def test_what_a_kernel_started_goes_with_it(tmp_path):
    start = "import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)"
    write_notebook(tmp_path / "a.ipynb", start)
    runs = plan_runs(read_catalogue(tmp_path))
    render_site(runs, Settings(tmp_path / "out"), jobs=1)
    pid = int(_outputs(tmp_path / "out" / runs[0].notebook_out)[0][0]["text"])
    # A killed process stays a zombie where nobody above it collects it.
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_what_pages_pay_once_is_paid_before_they_are_forked():
    code = (
        "from nktrade.render.warm import _count_threads, import_modules\n"
        "import_modules(['nktrade.study.first_use'])\n"
        "from nktrade.published import panel_support\n"
        "print(_count_threads(), panel_support.read_answers.cache_info().currsize)"
    )
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | alone
    )
    assert done.stdout.split() == ["1", "1"], done.stderr  # a second thread would forbid the fork
