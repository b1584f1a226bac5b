"""A hundred million rows: twelve made years of BACI in a store, and the same queries by others.

The years are made and imported, each query runs in a process of its own by each library that is
installed, all in turn, on the store's own Parquet; printed are the best seconds, by the clock and
of the processors, and the highest memory, with ratios to the first. All must find the same rows.

    python benchmarks/scale.py [--years 12] [--rows 8400000] [--repeats 3] [--folder FOLDER]

With `--folder` the files and the store are kept and found again. Spark's seconds of the processors
are spent by Java and not counted.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.read_customs import measure, tabulate, write_baci

IMPORT = """
import glob
from nktrade import store
rows = int(store.import_files(folder, "baci", sorted(glob.glob(f"{file}/*.csv")))["rows"].sum())
"""
PARTS = '[p for p in glob.glob(folder + "/rows/*.parquet") if ".sold." not in p]'
#: Spark 4.3 fails where it looks for a word in a group's LZ4 dictionary before it reads the group.
NO_DICTIONARY = "spark.hadoop.parquet.filter.dictionary.enabled"
#: Kinds of query; what others call the rows; and what nktrade's `load` is asked, if it can answer.
KINDS = {
    "one partner": ("partner = 'PRK'", "partner='PRK', flow='export'"),
    "one good, every partner": ("hs = '010140'", "partner=None, flow='export', hs='010140'"),
    "sums of everything by partner and year": (None, None),
}


def list_ways(where: str | None, asked: str | None) -> dict[str, str]:
    """Return a query in each library, or with None in place of a condition the sums."""
    made = {}
    if asked:
        made["nktrade"] = f"from nktrade import store\nrows = len(store.load(folder, {asked}))"
    column, _, value = (where or "").partition(" = ")
    sums = "SELECT partner, period, sum(value) FROM rows GROUP BY ALL"
    if find_spec("duckdb"):
        query = f"SELECT * FROM rows WHERE {where}" if where else sums
        query = query.replace("rows", "read_parquet({parts})", 1)
        made["duckdb"] = f'import duckdb\nrows = len(duckdb.sql(f"{query}").df())'
    if find_spec("polars"):
        scan = "pl.scan_parquet(parts)"
        kept = f".filter(pl.col('{column}') == {value})"
        added = ".group_by('partner', 'period').agg(pl.col('value').sum())"
        done = f"{scan}{kept if where else added}.collect(engine='streaming')"
        made["polars"] = f"import polars as pl\nrows = len({done}.to_pandas())"
    if find_spec("dask"):
        # A filter in `read_parquet` wants statistics of the column, which `hs` has none of.
        kept = f'dd.read_parquet(parts).query("{column} == {value}")'
        added = "dd.read_parquet(parts, columns=['partner', 'period', 'value'])"
        added += ".groupby(['partner', 'period'])['value'].sum()"
        made["dask"] = (
            "import dask.dataframe as dd\n"
            f"rows = len({kept if where else added}.compute(scheduler='threads'))"
        )
    if find_spec("pyspark"):
        query = f"SELECT * FROM rows WHERE {where}" if where else sums
        made["spark"] = (
            "from pyspark.sql import SparkSession\n"
            "session = SparkSession.builder.master('local[2]')"
            f".config('{NO_DICTIONARY}', 'false').getOrCreate()\n"
            "session.read.parquet(*parts).createOrReplaceTempView('rows')\n"
            f'rows = session.sql("{query}").toArrow().num_rows'
        )
    return {name: f"import glob\nparts = {PARTS}\n{body}" for name, body in made.items()}


def main() -> None:
    """Make the years, import them, ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--rows", type=int, default=8_400_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to write and keep the files")
    said = parser.parse_args()
    folder = said.folder or Path(tempfile.mkdtemp())
    years, store = folder / "years", folder / "store"
    try:
        years.mkdir(parents=True, exist_ok=True)
        for year in range(2024 - said.years, 2024):
            file = years / f"BACI_HS12_Y{year}_V202501.csv"
            if not file.exists():
                write_baci(file, said.rows, year)
        if not store.exists():
            found = measure({"nktrade: import": IMPORT}, years, store, 1)
            tabulate(f"{said.years} years into a store", found, found["nktrade: import"][0])
        size = sum(file.stat().st_size for file in store.rglob("*.parquet"))
        print(f"the store: {size / 1e9:.1f} GB")
        for kind, (where, asked) in KINDS.items():
            found = measure(list_ways(where, asked), years, store, said.repeats)
            if len({rows for _, rows in found.values()}) > 1:
                raise SystemExit(f"{kind}: not the same rows: {found}")
            tabulate(f"{kind}, best of {said.repeats}", found, next(iter(found.values()))[0])
    finally:
        if not said.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
