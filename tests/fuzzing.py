"""Strange input for everything that reads: seeds, how they are damaged, and what may come of it.

A target reads a file or a text and returns what it made of it, or refuses with `NktradeError`.
Anything else that escapes, an answer after more than five seconds and a wrong table are faults.
``tests/test_fuzz.py`` tries a few hundred inputs in every run of the suite, ``make fuzz`` a
million.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import random
import shutil
import signal
import threading
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nktrade.errors import NktradeError
from nktrade.sources import baci, bulletin, comtrade, gacc
from nktrade.table.rows import check_trade
from tests.sources.test_bulletin import ENGLISH, FEBRUARY, as_csv, as_html, as_xls, as_xlsx
from tests.sources.test_comtrade import ROW

SLOW = 5.0

_GACC = (
    '"数据年月","贸易伙伴编码","贸易伙伴名称","商品编码","商品名称","第一数量","第一计量单位",'
    '"第二数量","第二计量单位","人民币",\n'
    '"202301","109","朝鲜","01012100","马","12","千克","3","匹","5,917,063",\n'
    '"202302","133","韩国","67042000","假发","-","千克","","","8",\n'
)
_ENGLISH = (
    '"Date of data","Trading partner code","Commodity code","Commodity","Supplimentary quantity",'
    '"Supplimentary Unit","US dollar",\n"202301","109","01012100","Horses","12","Head","591",\n'
)
_BARE = '"商品编码","人民币",\n"6704","5",\n'
_BACI = "t,i,j,k,v,q\n2022,156,408,010121,1.234,0.5\n2022,408,156,670420,10.1,           NA\n"
_RATES = "period,cny_per_usd\n2023-01,6.8\n2023-02,6.9\n"
_BASKETS = (
    'bricks:\n  title: Bricks\n  edition: HS2017\n  codes: ["6902", "3816*"]\n'
    '  except: ["690290"]\n  source: mine\nwigs: {title: w, edition: HS2012, codes: ["670420"]}\n'
)
_SITE = (
    "title: Mine\nchecks: trade\nparts:\n  - title: One\n    notebooks:\n"
    "      - notebook: a\n        runs: [{parameters: {start: '2020-01'}}]\n"
    "      - notebook: b\n        after: [a]\n"
)
_PARAMETERS = "start: 2020-01\nlimits: [1, 2.5, null]\nname: {a: yes}\n"


def _notebook() -> bytes:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# A\n", "\n", "Why?"]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {"tags": ["parameters"]},
            "execution_count": None,
            "outputs": [],
            "source": "start: str = '2020-01'  # first month\nlimit: int | None = None",
        },
    ]
    about = {"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}}
    return json.dumps(
        {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def _zipped(name: str, content: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return raw.getvalue()


def _comtrade(*rows: dict) -> bytes:
    return json.dumps({"count": len(rows), "data": list(rows)}).encode()


@dataclass(frozen=True)
class Target:
    """One way in: files of a kind, what reads them, and its share of a long run's inputs."""

    name: str
    file: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], Any]
    share: int = 1


def _trade(read: Callable[..., pd.DataFrame], **said: Any) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        check_trade(read(path, **said), path.name)

    return run


def _read_bulletin(path: Path) -> None:
    frame = bulletin.read(path)
    assert frame["value"].map(math.isfinite).all(), "a total that is no number"
    assert (frame["value"] >= 0).all(), "a total below zero"


def _read_rates(path: Path) -> None:
    from nktrade.table.rates import read_rates

    assert read_rates(path)["cny_per_usd"].between(4, 10).all()


def _read_baskets(path: Path) -> None:
    from nktrade.codes.baskets import load_baskets

    for basket in load_baskets(path).values():
        basket.members()


def _read_site(path: Path) -> None:
    from nktrade.render.catalogue import read_catalogue
    from nktrade.render.plan import plan_runs

    for name in ("a", "b"):
        (path.parent / f"{name}.ipynb").write_bytes(_notebook())
    plan_runs(read_catalogue(path.parent))


def _read_parameters(path: Path) -> None:
    from nktrade.cli.render_command import _read_given

    _read_given((path,), ())


def _read_notebook(path: Path) -> None:
    from nktrade.render.catalogue import read_notebook

    read_notebook(path).describe()


def _map_codes(path: Path) -> None:
    from click.testing import CliRunner

    from nktrade.cli import main

    done = CliRunner().invoke(main, ["hs", "map", str(path), "--to", "section"])
    _judge(done)


def _import(path: Path) -> None:
    from nktrade import store

    folder = path.parent / "store"
    shutil.rmtree(folder, ignore_errors=True)
    store.import_files(folder, "gacc", [path], flow="import", period="name")
    assert (store.verify(folder)["state"] == "good").all(), "a store that is not as it says"
    whole = store.status(folder)["rows"].sum()
    assert whole >= 1


_XML = (
    '<?xml version="1.0"?><response><items><item><year>2023.01</year><hsCode>670420</hsCode>'
    "<statCd>KP</statCd><expDlr>1,200</expDlr><expWgt>3</expWgt>"
    "<impDlr>0</impDlr><impWgt>0</impWgt></item></items></response>"
)
_OWN = "Month;Code;Flow;Value\n2020-01;670420;export;12,5\n2020-02;010121;import;7\n"
_LINES = (
    '{"Month": "2020-01", "Code": "6704", "Flow": "export", "Value": 12}\n'
    '{"Month": "2020-01", "Code": "0101", "Flow": "export", "Value": 0.5}\n'
)
_LAYOUT = (
    "columns: {period: Month, hs: [Code, HS], value: Value, flow: Flow}\nreporter: CHN\n"
    'partner: PRK\ncurrency: USD\nscale: 1000\nwords: {flow: {"export": export}}\n'
    'leave_out: {hs: ["-"]}\ndecimal: ","\n'
)
_KITA = (
    "국가별 수출입,,,\n(단위 : 천달러),,,\n년월,코드,수출금액,수입금액\n"
    '총계,,"1,200",3\n2023년 01월,670420,"1,200",0\n2023년 02월,010121,5,3\n'
)
_OWN_COLUMNS = {"period": "Month", "hs": "Code", "value": "Value", "flow": "Flow"}


def _read_own(path: Path, **said: Any) -> None:
    from nktrade.sources.any_table import read_table

    said = said or {"columns": _OWN_COLUMNS, "reporter": "CHN", "partner": "PRK", "currency": "USD"}
    check_trade(read_table(path, **said), path.name)


def _read_korea(path: Path) -> None:
    _read_own(path, layout="korea", partner="PRK")


def _read_layout(path: Path) -> None:
    own = path.with_name("own.csv")
    own.write_text(_OWN)
    _read_own(own, layout=path)


def _read_kita(path: Path) -> None:
    from nktrade.sources import kita

    check_trade(kita.read(path), path.name)


def _read_words(path: Path) -> None:
    from nktrade.site.carried import Beside
    from nktrade.site.cleaning import clean_html
    from nktrade.site.prose import write_words
    from tests.site.active import find_active

    text = path.read_bytes().decode("utf-8", "replace")
    for html in (write_words(text, Beside(path.parent)), clean_html(text)):
        assert find_active(html) == [], f"runs: {find_active(html)}"


_WORDS = (
    b"# A\n\n> - one\n>   1. two *three* `four` [x](http://x.org 'y') <b onclick=go()>z</b>\n\n"
    b"| a | b |\n|---|---|\n| 1 | $x^2$ |\n\n$$\\frac{a}{b}$$\n\n```python\nx\n```\n![p](p.png)\n",
    b'<p><a href="a.md">x</a><video src="file:a.md" poster=b><source src=//x.org/c></video>'
    b'<iframe src="a.md"></iframe><style><a href="a.md"></style><svg><image href=d /></svg></p>',
    b'<svg viewBox="0 0 9 9"><g style="x:y"><a xlink:href="#a"><text>t</text></a></g></svg>'
    b'<math><mi>a</mi></math><style>td { color: red }</style><img src="data:image/png;base64,A">',
)
_TABLES = (_GACC.encode("gb18030"), _GACC.encode(), _ENGLISH.encode(), _BARE.encode("gb18030"))
TARGETS = [
    Target("gacc", "a.csv", _TABLES, _trade(gacc.read, flow="import"), share=5),
    Target(
        "gacc in containers",
        "a.csv",
        (
            gzip.compress(_TABLES[0], mtime=0),
            _zipped("a.csv", _TABLES[0]),
            _GACC.encode("utf-16"),
            as_xlsx([["商品编码", "人民币"], ["6704", "5"]]),
        ),
        _trade(gacc.read, flow="import", period="2023-01", partner="PRK"),
        share=4,
    ),
    Target("import", "2023-01.csv", _TABLES, _import),
    Target("baci", "BACI_HS17_Y2022_V202401b.csv", (_BACI.encode(),), _trade(baci.read)),
    Target("a table of one's own", "a.csv", (_OWN.encode(), _LINES.encode()), _read_own),
    Target("a table of Korea's customs", "a.xml", (_XML.encode(),), _read_korea),
    Target("a layout", "mine.yml", (_LAYOUT.encode(),), _read_layout),
    Target("kita", "a.csv", (_KITA.encode(), _KITA.encode("utf-16")), _read_kita),
    Target("words", "a.md", _WORDS, _read_words),
    Target(
        "comtrade",
        "a.json",
        (
            _comtrade(ROW, ROW | {"cmdCode": "670420"}),
            pd.DataFrame([ROW]).to_csv(index=False).encode(),
            pd.DataFrame([ROW]).to_csv(index=False, sep=";").encode("utf-16"),
            pd.DataFrame([ROW]).to_parquet(),
            gzip.compress(_comtrade(ROW), mtime=0),
        ),
        _trade(comtrade.read),
    ),
    Target(
        "bulletin",
        "a.xlsx",
        (
            as_csv(FEBRUARY),
            as_csv(ENGLISH, "utf-8"),
            as_csv(FEBRUARY, "gb18030"),
            as_html(FEBRUARY),
            as_xlsx(ENGLISH),
            as_xls(FEBRUARY),
        ),
        _read_bulletin,
        share=2,
    ),
    Target("rates", "rates.csv", (_RATES.encode(),), _read_rates, share=2),
    Target("baskets", "mine.yml", (_BASKETS.encode(),), _read_baskets, share=14),
    Target("site", "site.yml", (_SITE.encode(),), _read_site, share=12),
    Target("parameters", "given.yml", (_PARAMETERS.encode(),), _read_parameters, share=20),
    Target("notebook", "a.ipynb", (_notebook(),), _read_notebook, share=24),
    Target("codes to map", "codes.csv", (b"hs,value\n010121,3\n6704,5\n",), _map_codes),
]

# --- the command line ----------------------------------------------------------------------

#: Calls with a place for each strange word; none writes outside the folder it runs in.
CALLS = [
    ("hs", "show", "?"),
    ("hs", "search", "?", "?"),
    ("hs", "map", "?", "--to", "?", "--column", "?", "--edition", "?"),
    ("list", "?"),
    ("new", "?"),
    ("bounds", "?"),
    ("bounds", "period=?", "flow=?", "hs=?"),
    ("bounds", "period=2020-H1", "hs=?", "province=?", "view=?"),
    ("documents", "--csv", "?"),
    ("data", "status", "--store", "?", "--partner", "?"),
    ("data", "verify", "--store", "?"),
    ("data", "repair", "--store", "?"),
    ("data", "gc", "--store", "?"),
    ("data", "import", "?", "?", "--flow", "?", "--period", "?"),
    ("data", "import", "gacc", "a.csv", "--flow", "import", "--downloaded", "?"),
    ("data", "import", "gacc", "a.csv", "--flow", "import", "--edition", "?", "--partner", "?"),
    ("data", "fetch", "comtrade", "--dry-run", "--years", "?", "--partner", "?", "--reporter", "?"),
    ("data", "export", "?", "--hs", "?", "--start", "?", "--end", "?", "--partner", "?"),
    ("data", "export", "x.csv", "--breakdown", "?", "--edition", "?", "--as-of", "?"),
    ("data", "export", "x.csv", "--start", "2023-12", "--rates", "?", "--level", "?"),
    ("data", "rates", "?", "--partner", "?", "--check"),
    ("data", "mirror", "default", "?", "--partner", "?"),
    ("render", "?", "-p", "?", "--sweep", "?", "-y", "?"),
    ("render", "?", "-f", "?"),
]
WORDS = [
    "", " ", "-1", "0", "1e999", "nan", "2020-01", "2020-H1", "2020-01..2020-02", "99999-99", "PRK",
    "6704", "01", "999999", "default", "a.csv", "a.xlsx", "x.csv", ".", "..", "/dev/null", "~",
    "import", "gacc", "=", "a=b", "a=", "=b", "[", "{", "{a: [}", "%", "*", "?", "\\", "'", '"',
    "\n", "s3://x", "file:///etc/passwd", "http://[", "x" * 5000, "é", "朝鲜", "\udcff", "\u202e",
    "０１", "start=2020", "start=2030-13", "null", "[[", "*a", "&a", "!!python/object:os.system",
    "01_monthly_trends", "2020-2019", "1999-9999", "H1", "٣", "1_000", "0x10", "4.0",
]  # fmt: skip


def _judge(done: Any) -> None:
    assert "there is not enough memory" not in done.stderr, "call: out of memory"
    if done.exit_code not in (0, 1, 2):
        told = done.stderr.partition("got ")[2].partition(";")[0] or repr(done.exception)
        raise AssertionError(f"call: {told}"[:300]) from done.exception
    assert "Traceback" not in done.output


def call(words: Iterable[str]) -> None:
    """Give words to the command line, in this folder."""
    from click.testing import CliRunner

    from nktrade.cli import main

    _judge(CliRunner().invoke(main, [word.replace("\0", "") for word in words]))


def make_call(generator: random.Random) -> list[str]:
    """Return a call with strange words in its places."""

    def word() -> str:
        if generator.random() < 0.7:
            return generator.choice(WORDS)
        letters = [
            chr(generator.choice((generator.randrange(1, 128), generator.randrange(1, 0xD7FF))))
        ]
        return "".join(letters * generator.randrange(1, 4)) + generator.choice(WORDS)

    return [part.replace("?", word()) if "?" in part else part for part in generator.choice(CALLS)]


# --- damage --------------------------------------------------------------------------------

_TOKENS = [
    b"", b"\0", b"\r", b"\n", b'"', b"'", b",", b";", b"\t", b"-", b"NaN", b"inf", b"1e999", b"-1",
    b"1e-400", b"9" * 400, b"0" * 30, b"\xef\xbb\xbf", b"\xff\xfe", b"\x80", b"\xe4", b"null", b"[",
    b"]", b"{", b"}", b"[" * 2000, b"{\"a\":" * 1500, b"&a [*a]", b"*a", b"!!python/name:os",
    b"<td>", b"<table>", b"</table>", b'colspan="250000000"', b"rowspan=99999", b"<!--", b"=1+1",
    b"&#x110000;", b"2023-13", b"202300", b"190001", b"999912", b"1,2,3", b"0x1", b"true",
    b"\xe3\x80\x80", "人民币".encode(), "商品编码".encode(), b"US dollar", b"?", b"\x1f\x8b",
    b"PK\x03\x04", b"%PDF",
]  # fmt: skip


def damage(content: bytes, generator: random.Random) -> bytes:
    """Return a file changed in one place, or as often in two to four."""
    made = bytearray(content)
    for _ in range(generator.choice((1, 1, 1, 2, 3, 4))):
        at = generator.randrange(len(made) + 1)
        size = min(generator.choice((1, 1, 2, 4, 16, 64)), len(made) - at)
        kind = generator.randrange(7)
        if kind == 0 and size:
            made[at] ^= 1 << generator.randrange(8)
        elif kind == 1:
            del made[at : at + size]
        elif kind == 2:
            made[at : at + size] = generator.choice(_TOKENS)
        elif kind == 3:
            made[at:at] = generator.choice(_TOKENS)
        elif kind == 4:
            made[at:at] = made[at : at + size] * generator.choice((1, 2, 50))
        elif kind == 5:
            del made[at:]
        else:
            lines = bytes(made).splitlines(keepends=True)
            if lines:
                one = generator.randrange(len(lines))
                lines[one:one] = [lines[generator.randrange(len(lines))]]
            made = bytearray(b"".join(lines))
    return bytes(made)


def place(fault: BaseException) -> str:
    """Say what kind of fault it is and where in nktrade it came through."""
    frames = traceback.extract_tb(fault.__traceback__)
    at = [frame for frame in frames if "nktrade/" in frame.filename.replace("\\", "/")][-1:]
    where = f"{Path(at[0].filename).name}:{at[0].lineno}" if at else "the harness"
    return f"{type(fault).__name__} in {where}"


class _Hang(BaseException):
    """Raised where a reader does not come to an end."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let what runs within be stopped after so long, where the system can say so."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise _Hang(f"no end after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check(target: Target, content: bytes, folder: Path) -> str:
    """Read one input; return "read" or "refused".

    Raises
    ------
    AssertionError
        For whatever else came of it.
    """
    path = folder / target.file
    path.write_bytes(content)
    start = time.process_time()  # a busy machine is no fault
    try:
        with warnings.catch_warnings(), limited(12 * SLOW):
            warnings.simplefilter("ignore")
            target.read(path)
        came = "read"
    except NktradeError:
        came = "refused"
    except (Exception, _Hang) as fault:
        raise AssertionError(f"{target.name}: {place(fault)}: {fault}"[:300]) from fault
    took = time.process_time() - start
    assert took < SLOW, f"{target.name}: {took:.1f} s"
    return came
