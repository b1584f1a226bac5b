"""How quickly a large customs download and a large BACI year are read, and in how much memory.

Each way of reading runs in a process of its own, several times, all ways in turn; printed are the
best seconds, by the clock and of the processors, the highest memory, and the ratios to pandas
reading the same file and keeping the same rows. Below each table stands what is wanted and whether
this run reached it; where others use the machine too, the seconds of the processors say more.

    python benchmarks/read_customs.py [--rows 5000000] [--baci-rows 10000000] [--repeats 5]
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HEAD = (
    '"数据年月","商品编码","商品名称","贸易伙伴编码","贸易伙伴名称","贸易方式编码","贸易方式名称",'
    '"注册地编码","注册地名称","第一数量","第一计量单位","第二数量","第二计量单位","人民币",\n'
)

#: What is timed: a script that is given the file and a folder to work in.
CUSTOMS = {
    "pandas: read, keep one partner": """
import pandas as pd
frame = pd.read_csv(file, encoding="gb18030", dtype="str", index_col=False)
rows = len(frame[frame["贸易伙伴编码"] == "109"])
""",
    "pandas: merely read": """
import pandas as pd
rows = len(pd.read_csv(file, encoding="gb18030", dtype="str", index_col=False))
""",
    "nktrade: one partner from the file": """
from nktrade.sources import gacc
rows = len(gacc.read(file, flow="import", partner="PRK"))
""",
    "nktrade: whole file into a store": """
import shutil
from nktrade import store
shutil.rmtree(folder, ignore_errors=True)
rows = int(store.import_files(folder, "gacc", [file], flow="import")["rows"].sum())
""",
    "nktrade: one partner from the store": """
from nktrade import store
rows = len(store.load(folder, partner="PRK"))
""",
}
BACI = {
    "pandas: read, keep one partner": """
import pandas as pd
frame = pd.read_csv(file, dtype={"k": "str"})
rows = int(((frame["i"] == 408) | (frame["j"] == 408)).sum())
""",
    "pandas: merely read": """
import pandas as pd
rows = len(pd.read_csv(file, dtype={"k": "str"}))
""",
    "nktrade: one partner from the file": """
from nktrade.sources import baci
rows = len(baci.read(file, partner="PRK"))
""",
    "nktrade: one partner's rows into a store": """
import shutil
from nktrade import store
shutil.rmtree(folder, ignore_errors=True)
rows = int(store.import_files(folder, "baci", [file], partner="PRK")["rows"].sum())
""",
    "nktrade: whole file into a store": """
import shutil
from nktrade import store
shutil.rmtree(folder, ignore_errors=True)
rows = int(store.import_files(folder, "baci", [file])["rows"].sum())
""",
    "nktrade: one partner from the store": """
from nktrade import store
rows = len(store.load(folder, partner="PRK"))
""",
}
#: Since 3.1 pandas takes large files of text apart on several threads; what it took until then.
ALONE = ", on one thread"
BACI |= {
    name + ALONE: body.replace(
        "as pd\n",
        "as pd\nif 'max_threads' in dir(pd.options.mode): pd.options.mode.max_threads = 1\n",
    )
    for name, body in BACI.items()
    if name.startswith("pandas")
}
#: Other libraries, where they are installed, on the CSV of the year and on the parts of the store.
OTHERS = {
    "duckdb": {
        "DuckDB: one partner from the file": """
import duckdb
rows = len(duckdb.sql(f"SELECT * FROM read_csv('{file}', types={{'k': 'VARCHAR'}})"
                      " WHERE i = 408 OR j = 408").df())
""",
        "DuckDB: one partner from the store's Parquet": """
import duckdb, glob
rows = sum(len(duckdb.sql(f"SELECT * FROM '{part}' WHERE partner = 'PRK'").df())
           for part in glob.glob(folder + "/rows/*.parquet"))
""",
    },
    "polars": {
        "polars: one partner from the file": """
import polars as pl
column = pl.col
rows = (pl.scan_csv(file, schema_overrides={"k": pl.String})
        .filter((column("i") == 408) | (column("j") == 408)).collect().height)
""",
        "polars: one partner from the store's Parquet": """
import polars as pl, glob
rows = sum(pl.scan_parquet(part).filter(pl.col("partner") == "PRK").collect().to_pandas().shape[0]
           for part in glob.glob(folder + "/rows/*.parquet"))
""",
    },
}
PANDAS, MERELY = "pandas: read, keep one partner", "pandas: merely read"
FILE, WHOLE = "nktrade: one partner from the file", "nktrade: whole file into a store"
STORE = "nktrade: one partner from the store"

#: What is wanted of a run: words, which of seconds (0) and MB (2), of which two ways, how many
#: times less. A bound in MB stands alone.
WANTED = (
    ("one partner from the customs file, times quicker", 0, PANDAS, FILE, 25.0),
    ("one partner from the customs file, times less memory", 2, PANDAS, FILE, 10.0),
    ("whole file into a store, times quicker than merely read", 0, MERELY, WHOLE, 1.0),
    ("one partner from the store, times quicker", 0, PANDAS, STORE, 60.0),
)
WHOLE_MB = 600
#: How many times another's scan of the store's own Parquet one partner may take.
SCAN, SCANNED = "the store's Parquet", 1.5
MEASURE = """
import json, resource, sys, time
import pandas, pyarrow.compute, pyarrow.parquet, nktrade.table.currency, nktrade.store.asking
{imports}  # importing, at first use too, is not what is measured
file, folder = sys.argv[1:]
start = time.perf_counter(), time.process_time()
{body}
seconds = time.perf_counter() - start[0], time.process_time() - start[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([*seconds, peak, rows]))
"""


def write_customs(path: Path, rows: int) -> None:
    """Write a download in the customs site's layout: months, partners, tariff lines, names."""
    import pandas as pd

    from nktrade._paths import DATA

    random.seed(1)
    partners = pd.read_csv(DATA / "classes" / "gacc" / "partners.csv", dtype="str")["code"]
    named = [f'"{code}","{"贸易伙伴"}{code}"'.encode("gb18030") for code in partners]
    goods = [f'"{i:08d}","第{i}号商品，未列名"'.encode("gb18030") for i in range(1012100, 1022100)]
    places = '"10","一般贸易","21","辽宁省"'.encode("gb18030")
    shape = b'"%d",%s,%s,' + places + b',"%d","' + "千克".encode("gb18030") + b'","0","?","%s",\n'
    each = -(-rows // (12 * len(named)))
    left = rows
    with path.open("wb") as file:
        file.write(HEAD.encode("gb18030"))
        for month in range(202301, 202313):
            for partner in named:
                lines = [
                    shape
                    % (
                        month,
                        good,
                        partner,
                        random.randrange(10**7),
                        f"{random.randrange(10**9):,}".encode(),
                    )
                    for good in random.sample(goods, min(each, left))
                ]
                left -= len(lines)
                file.write(b"".join(lines))


def write_baci(path: Path, rows: int, year: int = 2022) -> None:
    """Write a year of BACI: exporter, importer, HS6, thousand dollars, tonnes, in that order."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from pyarrow.csv import CSVWriter, WriteOptions

    from nktrade._paths import DATA

    random = np.random.default_rng(year)
    known = pd.read_csv(DATA / "classes" / "baci" / "countries.csv").drop_duplicates("iso3")
    countries = np.sort(known["code"].to_numpy()[:200])
    each = -(-rows // (len(countries) * (len(countries) - 1)))
    codes = pa.array([f"{i:06d}" for i in range(10121, 15321)])
    kinds = {"t": "int16", "i": "int16", "j": "int16", "k": "string", "v": "double", "q": "double"}
    schema = pa.schema(kinds.items())
    options = WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file, CSVWriter(file, schema, write_options=options) as writer:
        file.write(b"t,i,j,k,v,q\n")
        for exporter in countries:
            others = countries[countries != exporter]
            # Steps without a divisor in common with the number of goods come to none twice.
            goods = random.integers(0, 5200, (len(others), 1)) + 1327 * np.arange(each)
            places = np.sort(goods % 5200, axis=1).ravel()[:rows]
            n = len(places)
            rows -= n
            columns = {
                "t": np.full(n, year, "int16"),
                "i": np.full(n, exporter, "int16"),
                "j": np.repeat(others, each)[:n].astype("int16"),
                "k": codes.take(pa.array(places)),
                "v": (random.random(n) * 1e4).round(3),
                "q": (random.random(n) * 1e3).round(3),
            }
            writer.write_table(pa.table(columns, schema=schema))


class Cost(NamedTuple):
    """What a way of reading costs: seconds by the clock and of the processors, memory in MB."""

    seconds: float
    work: float
    peak: float


def measure(
    ways: dict[str, str], file: Path, folder: Path, repeats: int
) -> dict[str, tuple[Cost, int]]:
    """Return the least cost of each way of reading, and its rows; all ways in turn."""
    runs: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, body in ways.items():
            lines = body.strip().splitlines()
            imports = [line for line in lines if line.startswith(("import ", "from "))]
            rest = [line for line in lines if line not in imports]
            script = MEASURE.format(imports="\n".join(imports), body="\n".join(rest))
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", script, str(file), str(folder)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            runs[name].append(json.loads(done.stdout.splitlines()[-1]))
    found = {}
    for name, taken in runs.items():
        seconds, work, peaks, rows = zip(*taken, strict=True)
        found[name] = Cost(min(seconds), min(work), max(peaks)), int(rows[0])
    return found


def tabulate(title: str, found: dict[str, tuple[Cost, int]], base: Cost) -> None:
    """Print each way's cost, and how many times less than `base` it is."""
    print(f"\n{title}")
    heads = ("seconds", 9), ("quicker", 9), ("CPU s", 9), ("less", 7), ("MB", 8), ("less", 7)
    print(" " * 46 + "".join(f"{head:>{width}}" for head, width in [*heads, ("rows", 12)]))
    for name, (cost, rows) in found.items():
        ratios = f"{base.seconds / cost.seconds:9.1f}{cost.work:9.2f}{base.work / cost.work:7.1f}"
        ratios += f"{cost.peak:8,.0f}{base.peak / cost.peak:7.1f}"
        print(f"{name:46}{cost.seconds:9.2f}{ratios}{rows:12,}", flush=True)


def compare(title: str, ways: dict[str, str], file: Path, folder: Path, repeats: int) -> None:
    """Measure each way, print its ratios to the first, and what is wanted of them."""
    found = measure(ways, file, folder, repeats)
    title = f"{title}: {file.stat().st_size / 1e6:,.0f} MB, best of {repeats}"
    tabulate(title, found, found[PANDAS][0])
    for words, which, one, other, wanted in WANTED:
        if "customs" in words and "customs" not in title:
            continue
        got = [mine / its for mine, its in zip(found[one][0], found[other][0], strict=True)]
        reached = judge(got[which] >= wanted)
        work = f" (CPU {got[1]:.1f})" if which == 0 else ""
        if one + ALONE in found:
            work += f"; {found[one + ALONE][0].seconds / found[other][0].seconds:.1f}{ALONE}"
        print(f"  {words:56} wanted {wanted:5.0f}, got {got[which]:6.1f}{work}  {reached}")
    scans = {name: cost for name, (cost, _) in found.items() if name.endswith(SCAN)}
    for name, cost in scans.items():
        got = found[STORE][0].seconds / cost.seconds, found[STORE][0].work / cost.work
        words = f"one partner from the store, of {name.partition(':')[0]}'s scan"
        reached = judge(got[0] <= SCANNED)
        print(f"  {words:56} wanted {SCANNED:5}, got {got[0]:6.2f} (CPU {got[1]:.2f})  {reached}")
    peak = found[WHOLE][0].peak
    words = "whole file into a store, MB"
    print(f"  {words:56} wanted {WHOLE_MB:5}, got {peak:6,.0f}  {judge(peak <= WHOLE_MB)}")


def judge(reached: bool) -> str:
    """Say whether what is wanted was reached."""
    return "reached" if reached else "NOT reached"


def main() -> None:
    """Write the files, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--baci-rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to write and keep the files")
    said = parser.parse_args()
    folder = said.folder or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    try:
        for title, rows, write, ways, name in (
            ("customs download", said.rows, write_customs, CUSTOMS, "customs-{}.csv"),
            ("BACI year", said.baci_rows, write_baci, BACI, "BACI_HS17_Y2022_V{}.csv"),
        ):
            file = folder / name.format(rows)
            if rows and not file.exists():
                write(file, rows)
            if name.startswith("BACI"):
                for library, more in OTHERS.items():
                    ways = ways | (more if find_spec(library) else {})
            if rows:
                compare(title, ways, file, folder / f"store-{write.__name__[6:]}", said.repeats)
    finally:
        if not said.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
