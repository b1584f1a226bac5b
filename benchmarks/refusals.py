"""How long it takes to refuse few bytes that stand for more than a machine holds.

Each bomb of ``tests/test_bombs.py`` is read with its reader in a child of its own, with 300 more
megabytes than it began with; printed are the seconds of processor time, and their ratio to the
reading of an honest table of customs with as many bytes as the largest bomb, in the same run. A
refusal in a second is wanted.

    python benchmarks/refusals.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nktrade.sources import gacc
from tests.test_bombs import BOMBS, read_bombs

HEAD = '"数据年月","贸易伙伴编码","贸易伙伴名称","商品编码","商品名称","第一数量","第一计量单位",'
HEAD += '"第二数量","第二计量单位","人民币",\n'


def read_honest(folder: Path, size: int) -> float:
    """Seconds of processor time that a table of customs of `size` bytes takes."""
    rows = [HEAD]
    rows += [
        f'"202301","109","朝鲜","{code:08}","马","12","千克","3","匹","5",\n'
        for code in range(size)
    ]
    (folder / "honest.csv").write_bytes("".join(rows[: size // len(rows[-1].encode())]).encode())
    gacc.read(folder / "honest.csv", flow="import")
    start = time.process_time()
    gacc.read(folder / "honest.csv", flow="import")
    return time.process_time() - start


def main() -> None:
    """Print the slowest refusals first."""
    with tempfile.TemporaryDirectory() as folder:
        honest = read_honest(Path(folder), max(len(content) for _, content in BOMBS.values()))
        told = read_bombs(Path(folder))
    print(f"an honest table of customs: {honest:.3f} s")
    for name, (came, took) in sorted(told.items(), key=lambda one: -one[1][1]):
        print(f"{name:20} {came:10} {took:6.3f} s {took / honest:6.2f} times the honest table")


if __name__ == "__main__":
    main()
