"""How quickly the collection is rendered, beside papermill as it comes.

The same notebooks with the same parameters are run by a loop of ``papermill`` and ``jupyter
nbconvert``, by a pool of two processes that call papermill and nbconvert, and by ``nktrade
render``; then once more with nothing changed, with one notebook changed, and with one parameter
changed where a kernel is warm. Ways take turns, so that a drift of the machine's speed falls on all
of them. Printed are medians and their ratios, the floor (the time of the cells alone, over the
number of processors), the memory of a worker with its kernel, and the cost of a run as their number
grows.

    python benchmarks/render.py [--runs 40] [--repeats 3] [--grow 10,50,100,200,400]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil
import yaml

from nktrade._paths import NOTEBOOKS
from nktrade.render.batch import count_processors
from nktrade.render.catalogue import read_catalogue
from nktrade.render.plan import plan_runs

PROCESSORS = count_processors()
BIN = Path(sys.executable).parent
GROWING = "15_dual_use"


class Collection:
    """A copy of the notebooks with a site.yml of as many runs as are wanted."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.folder = folder / "notebooks"
        shutil.copytree(NOTEBOOKS, self.folder)
        planned = [
            *plan_runs(read_catalogue(self.folder)),
            *plan_runs(read_catalogue(self.folder), [], [], ["end=2023-12,2024-06,2023-06"]),
        ]
        self.runs = [(run.notebook.name, run.changed) for run in planned][:runs]
        if len(self.runs) < runs:
            sys.exit(f"only {len(self.runs)} runs can be made of the collection")
        parts: dict[str, list] = {}
        for number, (name, parameters) in enumerate(self.runs):
            request = {"name": f"run {number}", "parameters": parameters}
            parts.setdefault(name, []).append(request)
        entries = [{"notebook": name, "runs": requests} for name, requests in parts.items()]
        parts_of_site = [{"title": "All", "notebooks": entries}]
        site = {"title": "Benchmark", "checks": "trade", "parts": parts_of_site}
        (self.folder / "site.yml").write_text(yaml.safe_dump(site), encoding="utf-8")

    def change_one(self, mark: str) -> None:
        """Change the code of the notebook that has the fewest runs."""
        names = [name for name, _ in self.runs]
        path = self.folder / f"{min(names, key=names.count)}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cell = next(c for c in reversed(notebook["cells"]) if c["cell_type"] == "code")
        cell["source"] = [*cell["source"], f"\n# {mark}"]
        path.write_text(json.dumps(notebook), encoding="utf-8")


def run_loop(collection: Collection, out: Path) -> None:
    """Call papermill and nbconvert for one run after the other, as a shell script would."""
    for number, (name, parameters) in enumerate(collection.runs):
        executed, settings = out / f"{number}.ipynb", out / f"{number}.yml"
        settings.write_text(yaml.safe_dump(parameters), encoding="utf-8")
        source = collection.folder / f"{name}.ipynb"
        papermill = [BIN / "papermill", source, executed, "-f", settings, "-k", "python3"]
        call([*papermill, "--cwd", collection.folder, "--no-progress-bar"])
        call([BIN / "jupyter", "nbconvert", "--to", "html", executed])


def run_pool(collection: Collection, out: Path) -> None:
    """Let two processes call papermill and nbconvert."""
    tasks = [
        (str(collection.folder / f"{name}.ipynb"), str(out / f"{number}.ipynb"), parameters)
        for number, (name, parameters) in enumerate(collection.runs)
    ]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(run_plainly, tasks))


def run_plainly(task: tuple[str, str, dict]) -> None:
    """Execute one notebook by papermill and write its page."""
    import nbconvert
    import papermill

    source, executed, parameters = task
    papermill.execute_notebook(
        source, executed, parameters, kernel_name="python3", progress_bar=False,
        cwd=str(Path(source).parent),
    )  # fmt: skip
    html, _ = nbconvert.HTMLExporter().from_filename(executed)
    Path(executed).with_suffix(".html").write_text(html, encoding="utf-8")


def render(collection: Collection, out: Path, *options: str) -> None:
    """Call ``nktrade render`` on the whole catalogue."""
    call([BIN / "nktrade", "render", collection.folder, "--out", out, *options])


def render_warm(collection: Collection) -> list[float]:
    """Return the seconds from a changed parameter to its page where a kernel's parent is up."""
    from nktrade.render.preload import provide_kernels
    from nktrade.render.run import Settings, execute_run

    ends = ["2023-12", "2024-03", "2024-06", "2024-09"]
    runs = plan_runs(read_catalogue(NOTEBOOKS), [GROWING], [], [f"end={','.join(ends)}"])
    seconds = []
    with provide_kernels(runs) as environment:
        os.environ.update(environment)
        for run in runs:
            site = Settings(collection.folder.parent / "warm")
            seconds.append(clock(lambda run=run, site=site: execute_run(run, site)))
    return seconds[1:]  # the first waits until the parent has done its imports


def call(command: list) -> None:
    """Run a command; stop the benchmark where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def clock(work: Callable[[], None]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def watch_memory(work: Callable[[], None]) -> tuple[float, float]:
    """Return the most MB that a worker with its kernel, and the whole batch, held at once.

    Memory that forked processes share is counted in parts (PSS), as the kernel accounts for it.
    """
    most, done = [0.0, 0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            sizes: dict[str, list[float]] = {"nktrade.render.warm": [0.0], "forkserver": [0.0]}
            for process in psutil.Process().children(recursive=True):
                try:
                    command = " ".join(process.cmdline())
                    size = process.memory_full_info().pss / 1e6
                except (psutil.Error, AttributeError):
                    continue
                # Forked kernels and workers bear the command of what they were forked from.
                name = next((name for name in sizes if name in command), "other")
                sizes.setdefault(name, []).append(size)
            worker = max(sizes["nktrade.render.warm"]) + max(sizes["forkserver"])
            most[0] = max(most[0], worker)
            most[1] = max(most[1], sum(map(sum, sizes.values())))

    watcher = threading.Thread(target=look)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return most[0], most[1]


def compare(runs: int, repeats: int, folder: Path) -> None:
    """Print the seconds of every way and the ratios between them."""
    collection = Collection(folder, runs)
    site = folder / "site"
    seconds: dict[str, list[float]] = {}

    def time_way(name: str, work: Callable[[], None]) -> None:
        seconds.setdefault(name, []).append(clock(work))
        print(f"  {name}: {seconds[name][-1]:.2f} s", file=sys.stderr, flush=True)

    for repeat in range(repeats):
        for name, way in {"papermill loop": run_loop, "pool of two": run_pool}.items():
            out = folder / f"{name}-{repeat}"
            out.mkdir()
            time_way(name, lambda way=way, out=out: way(collection, out))
            shutil.rmtree(out)
        shutil.rmtree(site, ignore_errors=True)
        time_way("nktrade render", lambda: render(collection, site))
        time_way("nothing changed", lambda: render(collection, site))
        collection.change_one(f"change {repeat}")
        time_way("one notebook changed", lambda: render(collection, site))
    seconds["changed parameter, warm"] = render_warm(collection)
    render(collection, site, "--force", "--jobs", "1")
    entries = [json.loads(line) for line in (site / ".nktrade" / "ledger.jsonl").open()]
    cells = sum(e["timings"]["cells"] + e["timings"]["imports"] for e in entries)
    worker, batch = watch_memory(lambda: render(collection, site, "--force"))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    ours = median["nktrade render"]
    print(f"\n{runs} runs, medians of {repeats}, {PROCESSORS} processors")
    for name, value in median.items():
        spread = f"{min(seconds[name]):.1f} to {max(seconds[name]):.1f}"
        print(f"  {name:24} {value:8.2f} s  ({spread})")
    print(f"  floor, cells alone       {cells / PROCESSORS:8.2f} s")
    print(f"loop / render             {median['papermill loop'] / ours:6.1f}   (wanted 8)")
    print(f"pool / render             {median['pool of two'] / ours:6.1f}   (wanted 3)")
    same = median["papermill loop"] / median["nothing changed"]
    print(f"loop / nothing changed    {same:6.0f}   (wanted 300)")
    print(f"render / floor            {ours / (cells / PROCESSORS):6.2f}   (wanted below 1.4)")
    print(f"changed parameter to page {median['changed parameter, warm']:6.2f} s (wanted below 2)")
    print(f"memory: worker with kernel {worker:.0f} MB (wanted below 450), batch {batch:.0f} MB")


def grow(counts: list[int], folder: Path) -> None:
    """Print the cost of a run as the number of runs grows."""
    months = [f"{year}-{month:02}" for year in range(2017, 2020) for month in range(1, 13)]
    print(f"\n{GROWING}, cost of a run as their number grows")
    for count in counts:
        lasts = [f"2024-{month:02}" for month in range(1, 13)][: -(-count // len(months))]
        firsts = months[: -(-count // len(lasts))]
        out = folder / f"grown-{count}"
        sweeps = ["--sweep", f"start={','.join(firsts)}", "--sweep", f"end={','.join(lasts)}"]
        command = [BIN / "nktrade", "render", GROWING, *sweeps, "--out", out]
        seconds = clock(lambda command=command: call(command))
        runs = len(json.loads((out / "runs.json").read_text(encoding="utf-8")))
        print(f"  {runs:4} runs {seconds:8.1f} s  {seconds / runs:6.3f} s a run", flush=True)
        shutil.rmtree(out)


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--grow", default="10,50,100,200,400", help="empty to leave it out")
    options = parser.parse_args()
    memory = psutil.virtual_memory().total / 1e9
    print(f"{platform.platform()}, Python {platform.python_version()}, {memory:.0f} GB")
    start = [clock(lambda: call([BIN / "nktrade", "--help"])) for _ in range(5)]
    print(f"start-up of the command line: {statistics.median(start):.2f} s")
    with tempfile.TemporaryDirectory(prefix="nktrade-benchmark-") as folder:
        os.environ.setdefault("PYTHONWARNINGS", "ignore")
        if options.repeats:
            compare(options.runs, options.repeats, Path(folder))
        if options.grow:
            grow([int(count) for count in options.grow.split(",")], Path(folder))


if __name__ == "__main__":
    main()
