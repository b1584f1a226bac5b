"""How long each page takes on a store with as many rows as the default panel, beside the panel.

    python -m benchmarks.pages [NOTEBOOK]…

The panel's rows are written as customs' downloads, a file a year and flow, and imported. Each
notebook then runs in this one process, its tables and pictures made, on the panel and on the store
by turns; the least of the turns counts, in seconds of the processor, which a busy machine moves
less than those of the clock. A store answers more (on the panel, methods that need records refuse):
the wanted ratio of 1.2 is of the cells that both answer, of all pages together.
"""

import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pandas as pd
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

import nktrade as nk
from nktrade import store
from nktrade._paths import NOTEBOOKS
from nktrade.study import refusals

WANTED = 1.2
TURNS = 2


def make_store(folder: Path) -> Path:
    """Write the panel's rows as customs would have, and import them."""
    panel = nk.load("default")
    both = panel["status"].str.startswith("combined")  # a release of two months: half to each
    panel["value"] = panel["value"].where(~both, panel["value"] / 2)
    january = panel[both].assign(period=panel["period"] - pd.DateOffset(months=1))
    panel = pd.concat([panel, january], ignore_index=True)
    columns = {"商品编码": panel["hs"].str.ljust(8, "0"), "注册地编码": panel["province"]}
    rows = pd.DataFrame(
        {"数据年月": panel["period"].dt.strftime("%Y%m"), "贸易伙伴编码": "109"}
        | columns
        | {"第一数量": 1000, "第一计量单位": "千克", "美元": panel["value"].round().astype("int64")}
    )
    keys = list(rows.columns[:4])
    for (year, flow), part in rows.groupby([panel["period"].dt.year, panel["flow"]]):
        sums = part.groupby(keys, as_index=False).sum()
        sums["第一计量单位"] = "千克"
        sums.to_csv(folder / f"{year}{flow}.csv", index=False, encoding="utf-8-sig")
    flows = {"export": "*export.csv", "import": "*import.csv"}
    store.import_files(folder / "store", "gacc", [folder], flow=flows)
    return folder / "store"


def clock(path: Path, data: str) -> dict[int, float]:
    """Return the processor's seconds of each cell of a notebook that answers on some data."""
    shell = InteractiveShell()
    shell.display_trap.hook = shell.display_formatter.format  # tables and pictures are made
    shell.display_pub = CapturingDisplayPublisher()
    refusals._Listener.current = refusals._Listener(shell)
    took = {}
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type == "code":
            tagged = "parameters" in cell.metadata.get("tags", [])
            told, began = len(shell.display_pub.outputs), time.process_time()
            shell.run_cell(cell.source + (f"\ndata = {data!r}" if tagged else ""))
            if len(shell.display_pub.outputs) == told:  # a refusal is told there
                took[number] = time.process_time() - began
    return took


def main(names: list[str]) -> None:
    """Print seconds on both and the ratio, page by page and together."""
    every = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    paths = [path for path in every if not names or path.stem in names]
    with tempfile.TemporaryDirectory() as folder:
        made = str(make_store(Path(folder)))
        count = len(store.load(made, currency="USD"))
        print(f"{len(nk.load()):,} rows of the panel, {count:,} of the store; seconds of the cells")
        print("that both answer, then of all that the store answers")
        clock(paths[0], "default")  # imports and what is kept in memory
        sums = {"panel": 0.0, "store": 0.0, "all": 0.0}
        for path in paths:
            turns = [(clock(path, "default"), clock(path, made)) for _ in range(TURNS)]
            panel, other = [
                {cell: min(turn[side][cell] for turn in turns) for cell in turns[0][side]}
                for side in (0, 1)
            ]
            both = panel.keys() & other.keys()
            took = {
                "panel": sum(panel[cell] for cell in both),
                "store": sum(other[cell] for cell in both),
                "all": sum(other.values()),
            }
            sums = {name: sums[name] + took[name] for name in sums}
            print(f"{path.stem:28} {write_times(took)}", flush=True)
        print(f"{'together':28} {write_times(sums)}, wanted {WANTED}")


def write_times(took: dict[str, float]) -> str:
    """Write seconds and the ratio of the store to the panel."""
    ratio = took["store"] / max(took["panel"], 1e-9)
    return f"{took['panel']:6.2f} {took['store']:6.2f} {ratio:5.2f}   {took['all']:6.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
