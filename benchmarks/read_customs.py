"""How quickly a large customs download and a large BACI year are read, and in how much memory.

Each way of reading runs in a process of its own, several times; printed are the median seconds,
the highest memory, and the ratios to pandas reading the same file and keeping the same rows. Below
each table stands what is wanted and whether this run reached it.

    python benchmarks/read_customs.py [--rows 5000000] [--baci-rows 10000000] [--repeats 5]
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

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

#: What is wanted of a run: words, which of seconds (0) and MB (1), of which two ways, how many
#: times less. A bound in MB stands alone.
WANTED = (
    ("one partner from the customs file, times quicker", 0, PANDAS, FILE, 12.0),
    ("one partner from the customs file, times less memory", 1, PANDAS, FILE, 10.0),
    ("whole file into a store, times quicker than merely read", 0, MERELY, WHOLE, 1.0),
    ("one partner from the store, times quicker", 0, PANDAS, STORE, 60.0),
)
WHOLE_MB = 600
#: How many times the quickest other scan of the store's own Parquet one partner may take.
SCAN, SCANNED = "the store's Parquet", 1.5
MEASURE = """
import json, resource, sys, time
import pandas, pyarrow  # importing is not what is measured
file, folder = sys.argv[1:]
start = time.perf_counter()
{body}
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak, rows]))
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


def measure(body: str, file: Path, folder: Path, repeats: int) -> tuple[float, float, int]:
    """Return median seconds, highest memory in MB and the rows of a way of reading."""
    runs = []
    for _ in range(repeats):
        script = MEASURE.format(body=body)
        done = subprocess.run(
            [sys.executable, "-c", script, str(file), str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    seconds, peaks, rows = zip(*runs, strict=True)
    return statistics.median(seconds), max(peaks), rows[0]


def compare(title: str, ways: dict[str, str], file: Path, folder: Path, repeats: int) -> None:
    """Measure each way, print its ratios to the first, and what is wanted of them."""
    print(f"\n{title}: {file.stat().st_size / 1e6:,.0f} MB, medians of {repeats}")
    print(f"{'':44}{'seconds':>9}{'quicker':>9}{'MB':>8}{'less':>7}{'rows':>12}")
    found: dict[str, tuple[float, float]] = {}
    for name, body in ways.items():
        seconds, peak, rows = measure(body, file, folder, repeats)
        found[name] = seconds, peak
        base = found[PANDAS]
        ratios = f"{base[0] / seconds:9.1f}{peak:8,.0f}{base[1] / peak:7.1f}"
        print(f"{name:44}{seconds:9.2f}{ratios}{rows:12,}", flush=True)
    for words, which, one, other, wanted in WANTED:
        if "customs" in words and "customs" not in title:
            continue
        got = found[one][which] / found[other][which]
        print(f"  {words:56} wanted {wanted:5.0f}, got {got:6.1f}  {judge(got >= wanted)}")
    scans = [seconds for name, (seconds, _) in found.items() if name.endswith(SCAN)]
    if scans:
        got = found[STORE][0] / min(scans)
        words = "one partner from the store, of the quickest other scan"
        print(f"  {words:56} wanted {SCANNED:5}, got {got:6.2f}  {judge(got <= SCANNED)}")
    peak = found[WHOLE][1]
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
