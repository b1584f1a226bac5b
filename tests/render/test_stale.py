# ruff: noqa: E501
"""Never a stale page: whatever way an input is read and named, a change of it is noticed.

Ways to read are crossed with ways to spell a path; of their combinations the suite draws some,
others each day. So are ways by which environment, packages and ``site.yml`` reach a notebook.
"""

import gzip
import hashlib
import json
import os
import pickle
import random
import shutil
import sqlite3
import sysconfig
import tarfile
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from nktrade.render.batch import render_site
from nktrade.render.catalogue import read_catalogue
from nktrade.render.ledger import CHANGED, Ledger
from nktrade.render.plan import plan_runs
from nktrade.render.preload import can_fork
from nktrade.render.run import Settings
from nktrade.render.unseen import find_unseen

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are not forked on this system")

#: How a path is spelled in a notebook; `{name}` and `{end}` are its parts.
SPELLINGS = {
    "written out": "path = 'data/{name}.{end}'",
    "put together": "path = 'data/' + '{name}' + '.' + '{end}'",
    "formatted": "stem = '{name}'\npath = f'data/{{stem}}.{end}'",
    "a path": "from pathlib import Path\npath = Path('data') / '.'.join(['{name}', '{end}'])",
    "absolute": "import os\npath = os.path.abspath(os.path.join('data', '{name}' + '.{end}'))",
    "found": "import glob\npath = sorted(glob.glob('data/{name}*.{end}'))[0]",
    "through a link": "path = 'linked/' + '{name}.{end}'",
    "from another folder": "import os\nos.chdir('data')\npath = '{name}' + '.{end}'",
    "by a module beside": "import places\npath = places.find('{name}', '{end}')",
}
#: How a file is read, and its ending.
READERS = {
    "open": ("csv", "print(open(path).read())"),
    "bytes": ("csv", "print(open(path, 'rb', buffering=0).read())"),
    "descriptor": ("csv", "import os\nfd = os.open(path, os.O_RDONLY)\nprint(os.read(fd, 99))"),
    "text": ("csv", "import pathlib\nprint(pathlib.Path(path).read_text())"),
    "line": ("csv", "import linecache\nprint(linecache.getline(str(path), 2))"),
    "lines": ("csv", "import fileinput\nprint(list(fileinput.input(path)))"),
    "mapped": ("csv", "import mmap\nwith open(path) as f:\n"
               "    print(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:])"),
    "pandas": ("csv", "import pandas as pd\nprint(pd.read_csv(path))"),
    "pandas by Arrow": ("csv", "import pandas as pd\nprint(pd.read_csv(path, engine='pyarrow'))"),
    "numpy": ("csv", "import numpy as np\nprint(np.loadtxt(path, skiprows=1, delimiter=','))"),
    "Arrow": ("csv", "import pyarrow.csv as pc\nprint(pc.read_csv(path).to_pydict())"),
    "a data set": ("csv", "import pyarrow.dataset as ds\n"
                   "print(ds.dataset(path, format='csv').to_table().to_pydict())"),
    "parquet": ("parquet", "import pandas as pd\nprint(pd.read_parquet(path))"),
    "pickled": ("pkl", "import pandas as pd\nprint(pd.read_pickle(path))"),
    "zipped": ("zip", "import zipfile\nprint(zipfile.ZipFile(path).read('x'))"),
    "compressed": ("gz", "import gzip\nprint(gzip.open(path).read())"),
    "archived": ("tar", "import tarfile\nprint(tarfile.open(path).extractfile('x').read())"),
    "data base": ("db", "import sqlite3\nprint(sqlite3.connect(path).execute('select v from t').fetchall())"),
    "data base read only": ("db", "import sqlite3\nprint(sqlite3.connect(f'file:{path}?mode=ro', uri=True)"
                            ".execute('select v from t').fetchall())"),
    "settings": ("json", "import json\nprint(json.load(open(path)))"),
    "a child": ("csv", "import subprocess\nprint(subprocess.run(['cat', path], capture_output=True).stdout)"),
    "a command": ("csv", "!cat {path}"),
    "a cell of the shell": ("csv", "%%bash -s \"$path\"\ncat $1"),
    "an address": ("csv", "import urllib.request, os\nprint(urllib.request.urlopen("
                   "'file://' + os.path.abspath(path)).read())"),
    "a pool": ("csv", "import multiprocessing as mp\nwith mp.get_context('fork').Pool(1) as p:\n"
               "    print(p.map(open(path).__class__.__name__.join, ['a']))"),
    "size": ("csv", "import os\nprint(os.stat(path).st_size)"),
    "code": ("py", "exec(open(path).read())\nprint(V)"),
    "script": ("py", "%run $path\nprint(V)"),
}  # fmt: skip
DRAWN = 14
#: Ways to learn of a file without opening it: code, what is there before, what comes or is changed.
LOOKS = {
    "a bare name": ("print(Path('bare').exists())", [], "bare"),
    "a name with a space": ("print(os.path.exists('my file.csv'))", [], "my file.csv"),
    "a folder to come": ("print(os.path.isdir('coming'))", [], "coming/"),
    "a joined name": ("print(os.path.exists(os.path.join('j', 'x.csv')))", ["j/"], "j/x.csv"),
    "a name of two parts": ("print(Path('two', 'x.csv').exists())", ["two/"], "two/x.csv"),
    "one after another": ("print(Path('one').joinpath('x').is_file())", ["one/"], "one/x"),
    "many at once": ("print(list(map(os.path.exists, ['many' + n for n in 'ab'])))", [], "manya"),
    "by a module": ("import asks\nprint(asks.ask())", [], "asked by a module"),
    "a pattern of no star": ("print(glob.glob('g/' + 'x.csv'))", ["g/"], "g/x.csv"),
    "a pattern below one": ("print(list(Path('.').glob('h*/' + 'x')))", ["h1/"], "h1/x"),
    "a hidden name": ("print(os.listdir('hidden'))", ["hidden/a"], "hidden/.b"),
    "a descriptor": ("print(os.listdir(os.open('fd', os.O_RDONLY)))", ["fd/a"], "fd/b"),
    "a walk": ("print([*os.fwalk('walk')])", ["walk/in/a"], "walk/in/b"),
    "written over": ("print(open('over').read())\nopen('over', 'w').write('x')", ["over"], "over"),
    "opened to be changed": ("print(open('plus', 'r+').read())", ["plus"], "plus"),
    "added to": ("f = open('more', 'a+')\nf.seek(0)\nprint(f.read())", ["more"], "more"),
    "named as in a folder that goes": (
        "import tempfile\nwith tempfile.TemporaryDirectory() as t: Path(t, 'tempo').touch()\n"
        "print(open('tempo').read())", ["tempo"], "tempo"),
    "moved away": ("print(open('mv/moved').read())\nos.replace('mv/moved', 'mv/away')", ["mv/moved"], "mv/moved"),
    "a folder by a word": ("import pandas as pd\nprint(pd.read_parquet(path='p' + 'q'))",
                           ["pq/a.parquet"], "pq/b.parquet"),
    "a link resolved": ("print(Path('late').resolve().name)",
                        ["month1/", "month2/", "late -> month"], "late -> month"),
    "a file of a link resolved": ("print((Path('l' + 'ast').resolve() / 'x').read_text())",
                                  ["last1/x", "last2/x", "last -> last"], "last -> last"),
    "a link gone to": ("os.chdir('turn')\nprint(open('x').read())",
                       ["turn1/x", "turn2/x", "turn -> turn"], "turn -> turn"),
    "a module before another": ("import sys\nsys.path.insert(0, 'dev')\nimport cycler\n"
                                "print(cycler)", ["dev/other.py"], "dev/cycler.py"),
    "a module in vain": ("import sys\nsys.path.insert(0, 'lib')\ntry:\n    import nktrade_in_vain\n"
                         "except ImportError: print('none')", ["lib/o.py"], "lib/nktrade_in_vain.py"),
    "a part in vain": ("import whole\ntry:\n    import whole.part\nexcept ImportError: print('none')",
                       ["whole/__init__.py"], "whole/part.py"),
    "a name of two lines": ("print(open('a\\nb').read())", ["a\nb"], "a\nb"),
}  # fmt: skip


def write_input(path, value):
    """Write a file of the kind that its ending says, holding a value."""
    path.parent.mkdir(exist_ok=True)
    text, kind = f"v\n{value}\n", path.suffix[1:]
    if kind == "csv":
        path.write_text(text)
    elif kind == "json":
        path.write_text(json.dumps({"v": value}))
    elif kind == "py":
        path.write_text(f"V = {value}\n")
    elif kind == "parquet":
        pd.DataFrame({"v": [value]}).to_parquet(path)
    elif kind == "pkl":
        path.write_bytes(pickle.dumps(value))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("x", text)
    elif kind == "gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == "tar":
        source = path.with_name("x")
        source.write_text(text)
        with tarfile.open(path, "w") as file:
            file.add(source, "x")
        source.unlink()
    elif kind == "db":
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("create table t (v)")
            base.execute("insert into t values (?)", (value,))


#: How an environment variable reaches a notebook; `settings` lies beside it.
VARIABLE = "NKTRADE_STALE"
ENVIRONMENT = {
    "by name": "import os\nprint(os.environ['NKTRADE_STALE'])",
    "by a function": "from os import getenv as get\nprint(get('NKTRADE_STALE'))",
    "in a copy": "import os\nprint(dict(os.environ)['NKTRADE_STALE'])",
    "as bytes": "import os\nprint(os.environb[b'NKTRADE_STALE'])",
    "of the system": "import posix\nprint(posix.environ[b'NKTRADE_STALE'])",
    "by its attribute's name": "import os\nprint(getattr(os, 'environ')['NKTRADE_STALE'])",
    "among the names": "import os\nprint(vars(os)['environ']['NKTRADE_STALE'])",
    "imported by text": "print(__import__('os').environ['NKTRADE_STALE'])",
    "in a path": "import os.path\nprint(os.path.expandvars('$NKTRADE_STALE'))",
    "by a magic": "%env NKTRADE_STALE",
    "in a command": "!echo $NKTRADE_STALE",
    "in the shell": "%%bash\necho $NKTRADE_STALE",
    "by a child": "import subprocess\nprint(subprocess.run(['env'], capture_output=True).stdout)",
    "of the process by a name put together": "print(open('/proc/' + 'self/environ').read())",
    "of the process by a path": "from pathlib import Path\nprint(Path('/proc', 'self', 'environ').read_text())",
    "of the process": "print(open('/proc/self/environ').read())",
    "by a module beside": "import settings\nprint(settings.WORD)",
    "by a process of psutil": "import psutil\nprint(psutil.Process().environ()['NKTRADE_STALE'])",
}  # fmt: skip
#: How something of an installed package reaches a notebook.
PACKAGE = "nktrade_stale_probe"
PACKAGED = {
    "whole": "import nktrade_stale_probe as p\nprint(p.V)",
    "a name": "from nktrade_stale_probe import V\nprint(V)",
    "a part": "import nktrade_stale_probe.inner as i\nprint(i.V)",
    "by text": "import importlib\nprint(importlib.import_module('nktrade_stale_probe').V)",
    "its data": "from importlib import resources\n"
    "print(resources.files('nktrade_stale_probe').joinpath('v.txt').read_text())",
    "by a module beside": "import uses\nprint(uses.V)",
    "its version": "from importlib.metadata import version\nprint(version('nktrade_stale_probe'))",
}  # fmt: skip
#: What of site.yml decides a run's page: an entry before and after.
ENTRIES = {
    "a parameter": ("runs: [{parameters: {n: 1}}]", "runs: [{parameters: {n: 2}}]"),
    "a declared file": ("inputs: given.txt", "inputs: other.txt"),
    "a declared variable": ("env: [NKTRADE_STALE]", "env: [NKTRADE_STALE]"),
    "always": ("max_age: 1 d", "always: true"),
    "no longer declared": ("inputs: given.txt", "runs: []"),
}


def draw_ways():
    """Draw combinations of readers and spellings: every reader in turn, none twice."""
    chance = random.Random(date.today().toordinal())
    readers = chance.sample([*READERS], DRAWN)
    return [(reader, chance.choice([*SPELLINGS])) for reader in readers]


def test_no_way_to_read_leaves_a_page_stale(tmp_path):
    home, site = tmp_path / "notebooks", tmp_path / "site"
    (home / "data").mkdir(parents=True)
    (home / "linked").symlink_to("data")
    (home / "places.py").write_text("def find(name, end):\n    return f'data/{name}.{end}'\n")
    ways = draw_ways()
    inputs = []
    for number, (reader, spelling) in enumerate(ways):
        end, code = READERS[reader]
        inputs.append(home / "data" / f"input{number}x.{end}")
        write_input(inputs[-1], 1)
        spelled = SPELLINGS[spelling].format(name=f"input{number}x", end=end)
        cells = [
            nbformat.v4.new_code_cell(source, id=f"c{n}")
            for n, source in enumerate((spelled, code))
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, home / f"way{number:02}.ipynb")
    runs = plan_runs(read_catalogue(home))
    outcomes = render_site(runs, Settings(site), jobs=2)
    assert [o.error for o in outcomes if o.status != "ok"] == []

    def judge(folder):
        ledger = Ledger(Settings(folder / "site"))
        placed = ledger.place(plan_runs(read_catalogue(folder / "notebooks")))
        return [ledger.judge(run, ledger.keys(run)) for run in placed]

    seen = [way for way, outcome in zip(ways, outcomes, strict=True) if not outcome.unseen]
    held = [way for way, verdict in zip(ways, judge(tmp_path), strict=True) if verdict != CHANGED]
    assert held == seen
    assert len(seen) >= DRAWN // 4, "hardly anything is observed"

    moved = tmp_path / "moved"
    for name in ("notebooks", "site"):
        shutil.copytree(tmp_path / name, moved / name, symlinks=True)
    assert [
        way for way, verdict in zip(ways, judge(moved), strict=True) if verdict != CHANGED
    ] == seen

    for number, path in enumerate(inputs):
        before = path.stat()
        write_input(path, 2)
        if number % 2:  # as old as it was, as unpacked archives and copies are
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    stale = [way for way, verdict in zip(ways, judge(tmp_path), strict=True) if verdict != CHANGED]
    assert stale == []


@pytest.fixture
def package():
    """Install a package among the others, and give what installs it anew at the same version."""
    place = Path(sysconfig.get_path("purelib"))
    if not os.access(place, os.W_OK):
        pytest.skip("packages cannot be installed here")
    folder, about = place / PACKAGE, place / f"{PACKAGE}-1.0.dist-info"

    def install(value):
        files = {
            folder / "__init__.py": f"V = {value}\n",
            folder / "inner.py": f"V = {value}\n",
            folder / "v.txt": f"{value}\n",
            about / "METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n",
        }
        for path, text in files.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        lines = [
            f"{path.relative_to(place)},sha256={hashlib.sha256(text.encode()).hexdigest()},"
            for path, text in files.items()
        ]
        (about / "RECORD").write_text("\n".join([*lines, f"{about.name}/RECORD,,"]) + "\n")

    install(1)
    yield install
    for made in (folder, about):
        shutil.rmtree(made, ignore_errors=True)


def test_no_way_to_look_leaves_a_page_stale(tmp_path):
    home, site = tmp_path / "notebooks", tmp_path / "site"
    home.mkdir()
    (home / "asks.py").write_text(
        "import os\ndef ask():\n    return os.path.exists('asked by a module')\n"
    )

    def put(name, value):
        path = home / name
        path.parent.mkdir(exist_ok=True, parents=True)
        if " -> " in name:
            link, target = name.split(" -> ")
            (home / link).unlink(missing_ok=True)
            (home / link).symlink_to(f"{target}{value}")
        elif name.endswith("/"):
            path.mkdir(exist_ok=True)
        elif path.suffix == ".parquet":
            pd.DataFrame({"v": [value]}).to_parquet(path)
        else:
            path.write_text(f"V = {value}\n")

    first = "import glob, os\nfrom pathlib import Path"
    for number, (code, before, _) in enumerate(LOOKS.values()):
        for name in before:
            put(name, 1)
        cells = [
            nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate((first, code))
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, home / f"way{number:02}.ipynb")
    entries = [{"notebook": f"way{number:02}"} for number in range(len(LOOKS))]
    (home / "site.yml").write_text(json.dumps({"parts": [{"notebooks": entries}]}))
    outcomes = render_site(plan_runs(read_catalogue(home)), Settings(site), jobs=2)
    assert [o.error for o in outcomes if o.status != "ok"] == []

    def list_held():
        ledger = Ledger(Settings(site))
        placed = ledger.place(plan_runs(read_catalogue(home)))
        pairs = zip(LOOKS, placed, strict=True)
        return [way for way, run in pairs if ledger.judge(run, ledger.keys(run)) != CHANGED]

    seen = [way for way, outcome in zip(LOOKS, outcomes, strict=True) if not outcome.unseen]
    assert list_held() == seen
    assert len(seen) > len(LOOKS) // 2
    for _, _, name in LOOKS.values():
        put(name, 2)
    assert list_held() == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import time as t\nt.time()", "the clock"),
        ("import time as t\nt.strftime('%Y')", "the clock"),
        ("from time import *\ntime()", "the clock"),
        ("from os import *\nenviron", "the environment"),
        ("import email.utils\nemail.utils.formatdate()", "the clock"),
        ("import platform\nplatform.node()", "the environment"),
        ("import os\nos.cpu_count()", "the environment"),
        ("from importlib.metadata import distributions\nlist(distributions())", "the environment"),
        ("get_ipython().run_cell('1')", "hidden code"),
        ("get_ipython().ex('1')", "hidden code"),
        ("import builtins\nbuiltins.eval('1')", "hidden code"),
        ("import importlib.util as u\nu.find_spec('x')", "hidden code"),
        ("import sqlite3\nc.executescript('select 1; attach x as y')", "a reader below Python"),
        ("import os\nos.open('x', 0, dir_fd=3)", "a file's state"),
        ("from os.path import exists as there\nlist(map(there, names))", "a file's state"),
        ("import shutil\nshutil.which('x')", "a file's state"),
        ("import os\nos.chdir('x')\nos.path.exists('y')", "a file's state"),
        ("%cd x\nPath('y').exists()", "a file's state"),
        ("import os\nos.statvfs('/')", "a file's state"),
        ("import os\nos.sysconf('SC_NPROCESSORS_ONLN')", "the environment"),
        ("import pwd\npwd.getpwuid(0)", "the environment"),
        ("import time\ngetattr(time, 'time')()", "the clock"),
        ("import time\nvars(time)['time']()", "the clock"),
        ("import time\ntime.__dict__['ti' + 'me']()", "hidden code"),
        ("import operator, time\noperator.methodcaller('time')(time)", "the clock"),
        ("import operator, os\noperator.attrgetter('environ')(os)", "the environment"),
        ("import pkgutil\npkgutil.resolve_name('os:environ')", "hidden code"),
        ("__builtins__.eval('1')", "hidden code"),
        ("import builtins\nvars(builtins)['eval']('1')", "hidden code"),
        ("import pandas as pd\n%time pd.Timestamp.now()", "the clock"),
        ("import os\nyear = %time os.environ['YEAR']", "the environment"),
        ("import os\n%timeit -n 1 -r 1 os.environ['YEAR']", "the environment"),
        ("import os\n%prun -q f(os.environ['YEAR'])", "the environment"),
        *[
            (code, "chance without a seed")
            for code in (
                "import random\nrandom.random()",
                "import random as r\nr.shuffle(x)",
                "from random import choice\nchoice(x)",
                "import numpy as np\nnp.random.rand()",
                "import numpy as np\nnp.random.default_rng().random()",
                "import numpy as np, random\nrandom.seed(1)\nnp.random.rand()",
                "import random\nrandom.seed()\nrandom.random()",
                "import random\nrandom.seed(None)\nrandom.random()",
                "import numpy as np\nnp.random.default_rng(seed=None).random()",
                "frame.sample(3, random_state=None)",
                "from sklearn.cluster import KMeans\nKMeans(3)",
                "import scipy.optimize as o\no.dual_annealing(f, b)",
                "import numpy.random as npr\nnpr.normal()",
                "frame.sample(3)",
                "import uuid\nuuid.uuid4()",
                "import os\nos.urandom(3)",
                "import secrets\nsecrets.token_hex()",
            )
        ],
    ],
)
def test_code_gives_away_what_is_not_seen(code, what):
    assert find_unseen(code.split("\n")) == {what}


@pytest.mark.parametrize(
    "code",
    [
        "import random\nrandom.seed(1)\nrandom.random()",
        "import numpy as np\nnp.random.seed(1)\nnp.random.rand()",
        "import numpy as np\nrng = np.random.default_rng(3)\nrng.normal()\nrng.random()",
        "import random\ndraw = random.Random(3)\ndraw.sample(x, 2)",
        "frame.sample(3, random_state=1)",
        "import datetime as dt\nmoment.time(), moment.strftime('%Y'), dt.time()",
        "import time as t\nt.sleep(1)",
        "import os\nos.path.exists('x.csv')",
        "%timeit -n 3 f(x)",
        "import operator\nsorted(x, key=operator.attrgetter('name'))",
        "import pandas as pd\nvars(pd)['DataFrame'], vars(x)[name], x.__dict__[name]",
        "from sklearn.cluster import KMeans\nKMeans(3, random_state=0)",
        "import pandas as pd\npd.read_parquet('x.parquet', columns=['a'])",
    ],
)
def test_code_that_does_nothing_unseen_is_not_blamed(code):
    assert find_unseen(code.split("\n")) == set()


def test_no_other_input_leaves_a_page_stale(tmp_path, package, monkeypatch):
    home, site = tmp_path / "notebooks", tmp_path / "site"
    home.mkdir()
    (home / "settings.py").write_text(f"import os\nWORD = os.environ['{VARIABLE}']\n")
    (home / "uses.py").write_text(f"from {PACKAGE} import V\n")
    for name in ("given.txt", "other.txt"):
        (home / name).write_text(name)
    chance = random.Random(date.today().toordinal())
    ways = {
        **dict(chance.sample([*ENVIRONMENT.items()], 7)),
        **{f"packaged {way}": code for way, code in chance.sample([*PACKAGED.items()], 3)},
        **dict.fromkeys(ENTRIES, "print(n)"),
    }
    monkeypatch.setenv(VARIABLE, "1")
    for number, code in enumerate(ways.values()):
        cells = [
            nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(("n = 0", code))
        ]
        cells[0].metadata["tags"] = ["parameters"]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, home / f"way{number:02}.ipynb")

    def plan(state):
        told = [ENTRIES.get(way, ("runs: []",) * 2)[state] for way in ways]
        entries = [f"{{notebook: way{number:02}, {more}}}" for number, more in enumerate(told)]
        (home / "site.yml").write_text(f"parts: [{{notebooks: [{', '.join(entries)}]}}]")
        return plan_runs(read_catalogue(home))

    outcomes = render_site(plan(0), Settings(site), jobs=2)
    assert [o.error for o in outcomes if o.status != "ok"] == []
    package(2)
    monkeypatch.setenv(VARIABLE, "2")
    ledger = Ledger(Settings(site))
    placed = ledger.place(plan(1))
    verdicts = [ledger.judge(run, ledger.keys(run)) for run in placed]
    assert [way for way, found in zip(ways, verdicts, strict=True) if found != CHANGED] == []
