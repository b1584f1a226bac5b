"""Few bytes that stand for more than a machine holds: refused within 300 megabytes.

How long each refusal takes is printed by ``benchmarks/refusals.py``; here only what does not end
in ten seconds of processor time is a fault.
"""

import gzip
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest

from nktrade.errors import InputError
from nktrade.sources.archives import FREE, unpack
from tests.sources.test_bulletin import FEBRUARY, as_html, as_xlsx

pytest.importorskip("resource", reason="memory is limited by resource, which this system lacks")

#: Reads each file named, with its reader, in a child of its own: what came of it, and after how
#: many seconds of processor time.
CHILD = """
    import os, resource, sys, time, warnings
    from pathlib import Path
    from nktrade.errors import NktradeError
    from tests import fuzzing

    warnings.simplefilter("ignore")
    readers = {target.name: target for target in fuzzing.TARGETS}
    for target in fuzzing.TARGETS:  # whatever is loaded once is loaded before the clock runs
        for number, seed in enumerate(target.seeds):
            place = Path(sys.argv[1]) / "warm" / f"{target.name}-{number}"
            place.mkdir(parents=True)
            fuzzing.check(target, seed, place)
    for word in sys.argv[2:]:
        name, _, file = word.partition("=")
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            continue
        size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (size + 300_000_000,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        start, came = time.process_time(), "read"
        try:
            readers[name].read(Path(file))
        except NktradeError as refusal:
            came = "refused"
        except BaseException as fault:
            came = f"{type(fault).__name__} {fault}"[:200]
        print(f"{file}\\t{came}\\t{time.process_time() - start:.3f}", flush=True)
        os._exit(0)
"""


def packed(size: int, kind: str) -> bytes:
    """Zeros by the million in a few thousand bytes, as gzip or as the only file of an archive."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b'"202301","109","01012100","x","12","kg","5",\n' * 25_000
    piece = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)  # stands alone: may be repeated
    body = piece * (size // len(block)) + press.flush()
    if kind == "gz":
        return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + b"\0" * 8
    name, whole = b"a.csv", size // len(block) * len(block)
    numbers = len(body).to_bytes(4, "little") + whole.to_bytes(4, "little")
    shared = b"\0\0\x08\0\0\0\0\0" + b"\0\0\0\0" + numbers + len(name).to_bytes(2, "little")
    local = b"PK\x03\x04\x14\0" + shared + b"\0\0" + name + body
    central = b"PK\x01\x02\x14\0\x14\0" + shared + b"\0" * 16 + name
    end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0" + len(central).to_bytes(4, "little")
    return local + central + end + len(local).to_bytes(4, "little") + b"\0\0"


def reach(sheet: str) -> bytes:
    """A workbook whose sheet is as told."""
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(FEBRUARY))) as good, zipfile.ZipFile(made, "w") as bad:
        for member in good.infolist():
            content = good.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                start = (
                    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                )
                content = f"{start}{sheet}</worksheet>".encode()
            bad.writestr(member.filename, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def style(content: bytes) -> bytes:
    """A workbook whose styles are as told."""
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(FEBRUARY))) as good, zipfile.ZipFile(made, "w") as bad:
        for member in good.infolist():
            said = content if member.filename == "xl/styles.xml" else good.read(member)
            bad.writestr(member.filename, said, zipfile.ZIP_DEFLATED)
    return made.getvalue()


CELL = '<sheetData><row r="{row}"><c r="{column}{row}" t="n"><v>1</v></c></row></sheetData>'
YAML_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
PAGE = as_html(FEBRUARY)
BOMBS: dict[str, tuple[str, bytes]] = {
    "wide.html": ("bulletin", PAGE.replace(b"<td>", b'<td colspan="250000000">', 2)),
    "deep.html": ("bulletin", PAGE.replace(b"<td>", b'<td rowspan="250000000" colspan="999">')),
    "nested.html": ("bulletin", b"<table>" * 50_000),
    "long.html": ("bulletin", PAGE.replace(b"<td>", b"<tr><td>1<td>2" * 200_000 + b"<td>", 1)),
    "row.csv": ("bulletin", b"," * 4_000_000),
    "corner.xlsx": ("bulletin", reach(CELL.format(row=1048576, column="XFD"))),
    "bottom.xlsx": ("bulletin", reach(CELL.format(row=1048576, column="A"))),
    "beyond.xlsx": ("bulletin", reach(CELL.format(row=999999999, column="A"))),
    "merged.xlsx": (
        "bulletin",
        reach(
            CELL.format(row=1, column="A")
            + '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        ),
    ),
    "rows.xlsx": ("gacc in containers", reach(CELL.format(row=1048576, column="XFD"))),
    "gap.xlsx": ("gacc in containers", reach(CELL.format(row=999999999, column="A"))),
    "told.xlsx": (
        "bulletin",
        reach('<dimension ref="A1:XFD1048576"/>' + CELL.format(row=1048576, column="XFD")),
    ),
    "styles.xlsx": ("bulletin", style(b"<styleSheet><cellXfs>" + b"<xf/>" * 2_000_000)),
    "looks.xlsx": ("gacc in containers", style(b"<styleSheet><cellXfs>" + b"<xf/>" * 2_000_000)),
    "line.csv": ("bulletin", b'"' + b"x" * 4_000_000),
    "quotes.csv": ("bulletin", b'"' * 4_000_001),
    "field.csv": ("a table of one's own", b'Month,"' + b"x" * 4_000_000),
    "field.txt": ("kita", b'Month,"' + b"x" * 4_000_000),
    "wide.csv": ("a table of one's own", b'"a",' * 900_000 + b"\n"),
    "commas.csv": ("kita", b"," * 4_900_000),
    "semicolons.csv": ("gacc in containers", b"a;" * 2_000_000),
    "lines.csv": ("rates", b"\n" * 4_900_000),
    "deeper.json": ("a table of one's own", b'{"data": ' + b"[" * 2_000_000),
    "laughs-layout.yml": ("a layout", YAML_BOMB.encode()),
    "a.csv.gz": ("gacc in containers", packed(1_500_000_000, "gz")),
    "c.gz": ("comtrade", packed(1_500_000_000, "gz")),
    "a.zip": ("gacc in containers", packed(1_500_000_000, "zip")),
    "b.zip": ("bulletin", packed(1_500_000_000, "zip")),
    "laughs.yml": ("baskets", YAML_BOMB.encode()),
    "site.yml": ("site", YAML_BOMB.encode()),
    "given.yml": ("parameters", YAML_BOMB.encode()),
    "deep.yml": ("parameters", b"a: " + b"[" * 100_000),
    "deep.json": ("comtrade", b'{"data": ' + b"[" * 2_000_000),
    "deep.ipynb": ("notebook", b'{"cells": ' + b'{"a":' * 900_000),
    "digits.yml": ("parameters", b"a: " + b"9" * 1_000_000),
    "digits.json": ("comtrade", b'{"data": [{"a": ' + b"9" * 3_000_000 + b"}]}"),
}


def read_bombs(folder: Path) -> dict[str, tuple[str, float]]:
    """Write the bombs, read each: what came of it and its seconds; none of one that did not end."""
    words = []
    for name, (reader, content) in BOMBS.items():
        (folder / name).write_bytes(content)
        words.append(f"{reader}={folder / name}")
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(folder), *words]
    home = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, timeout=600)
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {Path(file).name: (came, float(took)) for file, came, took in lines}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return read_bombs(tmp_path_factory.mktemp("bombs"))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(told, name):
    assert len(BOMBS[name][1]) < 5_000_000
    assert name in told, "no end after ten seconds of processor time"
    assert told[name][0] == "refused"


def test_a_gzip_bomb_is_seen_from_its_first_bytes(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(BOMBS["a.csv.gz"][1])
    with pytest.raises(InputError, match="more than a table can be"):
        unpack(tmp_path / "a.csv.gz", "gzip", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").stat().st_size < 2 * FREE


def test_a_table_that_packs_well_is_unpacked_whole(tmp_path):
    rows = '"202301","109","朝鲜","0101{0:04}","马","12","千克","","","{0}",\n'
    table = "".join(rows.format(number % 1000) for number in range(500_000)).encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(table))
    assert len(table) > FREE
    assert len(table) > 10 * (tmp_path / "a.csv.gz").stat().st_size
    unpack(tmp_path / "a.csv.gz", "gzip", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == table
