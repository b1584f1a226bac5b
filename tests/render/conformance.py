# ruff: noqa: E501
"""A hundred small notebooks of what people's kernels do, as a table of sources.

A line of three dashes parts cells. Beside them lie the files of `FILES`; `ELSEWHERE` stands on the
path of modules. Where a source begins with ``# tags:`` its cell has these tags.
"""

FILES = {
    "beside.py": "WORD = 'beside'\ndef fail(x):\n    return 1 / x\ndef twice(x):\n    return 2 * x\n",
    "pack/__init__.py": "from .inner import DEEP\n",
    "pack/inner.py": "DEEP = 'deep'\n",
    "script.py": "fromscript = 'S'\nprint(__name__)\n",
    "other.ipynb": (
        '{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {},'
        ' "outputs": [], "source": ["fromnotebook = \'N\'"]}], "metadata": {}, "nbformat": 4,'
        ' "nbformat_minor": 5}'
    ),
    "data.csv": "month,value\n2020-01,5\n2020-02,7\n",
    "dev/cycler.py": "__version__ = 'a copy in development'\n",
}
#: A folder of its own: beside a module that hides one of Python's no kernel is forked.
SHADOWED_FILES = {"statistics.py": "def mean(values):\n    return 'a module of my own'\n"}
SHADOWED = {"shadows_the_library": "import statistics\nstatistics.mean([1, 2])"}
ELSEWHERE = {
    "loud.py": "print('I am imported')\n",
    "threaded.py": """\
import threading, queue
_asked, _told = queue.Queue(), queue.Queue()
def _work():
    while True:
        _told.put(_asked.get() * 2)
threading.Thread(target=_work, daemon=True).start()
def ask(x):
    _asked.put(x)
    return _told.get()
""",
    "reads_setting.py": "import os\nSETTING = os.environ.get('SOME_SETTING', 'unset')\n",
}

SOURCES = {
    # where modules come from
    "dev_copy": "import sys\nsys.path.insert(0, 'dev')\nimport cycler\nprint(cycler.__version__)",
    "path_appended": "import sys\nsys.path.append('dev')\nimport cycler\nprint(cycler.__version__)",
    "module_beside": "import beside\nbeside.WORD",
    "package_beside": "import pack\nprint(pack.DEEP)\nfrom pack import inner\ninner.DEEP",
    "loud_import": "import loud",
    "loud_import_later": "print(1)\n---\nimport loud\nimport loud",
    "thread_at_import": "import threaded\nthreaded.ask(21)",
    "setting_before_import": "import os\nos.environ['SOME_SETTING'] = 'set'\nimport reads_setting\n"
    "reads_setting.SETTING",
    "setting_absent": "import reads_setting\nreads_setting.SETTING",
    "reload": "import importlib, beside\nimportlib.reload(beside).WORD",
    "import_by_name": "import importlib\nimportlib.import_module('beside').WORD",
    "stub_in_modules": "import sys, types\nsys.modules['pandas'] = types.ModuleType('pandas')\n"
    "import pandas\nhasattr(pandas, 'DataFrame')",
    "missing_module": "import no_such_module",
    "lazy_annotations": "from __future__ import annotations\ndef f(x: Nowhere): pass\n"
    "f.__annotations__",
    # who and where
    "name": "print(__name__)\n'__file__' in globals()",
    "folder": "import os\nos.path.basename(os.getcwd()), sorted(os.listdir('pack'))",
    "argv": "import sys\nsys.argv[0].endswith('ipykernel_launcher.py'), len(sys.argv) > 1",
    "first_path": "import sys\nsys.path[0]",
    "flags": "import sys\n[sys.flags.optimize, sys.flags.utf8_mode, sys.flags.dev_mode]",
    "recursion_limit": "import sys\nsys.getrecursionlimit()",
    "stdin": "import sys\nsys.stdin.closed, sys.stdin.isatty()",
    "mask": "import os\nmask = os.umask(0o22)\nos.umask(mask)\nmask",
    "zone": "import os, time\nos.environ['TZ'] = 'Asia/Pyongyang'\ntime.tzset()\ntime.tzname[0]",
    "builtins_patched": "import builtins\nbuiltins.twice = lambda x: 2 * x\n---\ntwice(4)",
    "context": "import decimal\ndecimal.getcontext().prec",
    "limits": "import resource\nresource.getrlimit(resource.RLIMIT_NOFILE)[0] > 100",
    "locale": "import locale\nlocale.getlocale(locale.LC_NUMERIC)",
    "garbage": "import gc\ngc.isenabled(), gc.get_threshold()",
    "hooks": "import sys\nsys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__",
    # magics
    "magic_missing": "%nosuchmagic\n---\n1",
    "magic_cell_missing": "%%nosuchmagic\n1",
    "capture": "%%capture caught\nprint('kept')\n---\ncaught.stdout",
    "who": "a = 1\nb = 'x'\n---\n%who",
    "set_env": "%env SOME_WORD=word\n---\nimport os\nos.environ['SOME_WORD']",
    "cd": "%cd -q pack\n---\nimport os\nos.path.basename(os.getcwd())",
    "autoreload": "%load_ext autoreload\n%autoreload 2\nimport beside\nbeside.WORD",
    "run_script": "%run script.py\n---\nfromscript",
    "run_notebook": "%run other.ipynb\n---\nfromnotebook",
    "write_and_import": "%%writefile made.py\nVALUE = 5\n---\nimport made\nmade.VALUE",
    "shell": "!echo out; echo err >&2; exit 3\n---\n_exit_code",
    "shell_assigned": "lines = !cat data.csv\nlines[1]",
    "bash_cell": "%%bash\nx=5\necho \"x is $x\"",
    "shell_with_name": "name = 'data'\n---\n!tail -1 {name}.csv",
    "help": "len?",
    "source": "def f():\n    return 1  # one\n---\nimport inspect\nprint(inspect.getsource(f))",
    "automagic": "ls = [1]\nls",
    "config": "%config InlineBackend.figure_format\n",
    "precision": "%precision 3\n3.14159265",
    "history": "1 + 1\n---\n_ + 1\n---\nOut[1], _1, In[1]",
    "user_magic": "from IPython.core.magic import register_cell_magic\n@register_cell_magic\n"
    "def twice(line, cell): print(cell, cell)\n---\n%%twice\nabc",
    "event": "get_ipython().events.register('post_run_cell', lambda r: print(r.success))\n---\n1",
    "transformed": "import ast\nclass T(ast.NodeTransformer):\n    def visit_Constant(self, n):\n"
    "        return ast.Constant(n.value * 2) if type(n.value) is int else n\n"
    "get_ipython().ast_transformers.append(T())\n---\n21",
    "macro": "x = 1\nprint(x)\n---\n%macro m 1\n---\nm",
    "shell_fails": "%%bash\necho hi\nexit 3\n---\n1",
    "debugger_on": "%pdb on\n---\n1/0",
    # errors
    "error": "1 / 0\n---\nprint('never')",
    "error_in_module": "import beside\nbeside.fail(0)",
    "error_chained": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('x') from e",
    "error_expected": "# tags: raises-exception\n1 / 0\n---\nprint('goes on')",
    "error_syntax": "def f(:\n    pass",
    "error_indent": "x = 1\n  y = 2",
    "error_assert": "assert 1 == 2, 'no'",
    "error_unicode": "raise KeyError('평양')",
    "error_group": "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
    "error_own_class": "class Mine(Exception): pass\nraise Mine('told')",
    "error_in_repr": "class A:\n    def __repr__(self): raise ValueError('no repr')\nA()",
    "printed_traceback": "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n"
    "    traceback.print_exc(limit=0)",
    "interrupt": "raise KeyboardInterrupt",
    "exit_zero": "import sys\nsys.exit(0)\n---\nprint('after')",
    "exit_two": "raise SystemExit(2)\n---\nprint('after')",
    "exit_word": "exit\n---\nprint('after')",
    "asks": "input('name? ')",
    "asks_password": "import getpass\ngetpass.getpass()",
    # what is shown
    "last_expression": "1\n2",
    "silenced": "3;",
    "several": "from IPython.display import display\ndisplay(1)\nprint('x')\ndisplay('y')\nNone",
    "html": "from IPython.display import HTML, Markdown, JSON, Latex, display\n"
    "display(HTML('<b>b</b>'), Markdown('*m*'), JSON({'a': [1]}), Latex('$x$'))",
    "raw_bundle": "from IPython.display import display\ndisplay({'text/plain': 'p', 'x/y': 'z'}, raw=True)",
    "display_id": "from IPython.display import display\nh = display('first', display_id='a')\n---\n"
    "h.update('second')",
    "cleared": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
    "cleared_later": "from IPython.display import clear_output\nprint('gone')\n"
    "clear_output(wait=True)\nprint('kept')",
    "own_repr": "class A:\n    def _repr_html_(self): return '<i>A</i>'\n    def __repr__(self): return 'A'\nA()",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(1)",
    "unicode": "print('평양 · – ü 🙂')",
    "no_newline": "print('a', end='')\n---\nprint('b', end='')",
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "descriptor": "import os\nos.write(1, b'to the descriptor\\n')",
    "child_prints": "import subprocess\nsubprocess.run(['echo', 'from a child']).returncode",
    "many_lines": "for n in range(5000): print('line', n)",
    "returns": "for n in range(5): print(f'\\rstep {n}', end='')",
    "long_list": "list(range(2000))",
    "nested": "{'a': [{'b': (1, 2)}] * 20}",
    # libraries
    "frame": "import pandas as pd\npd.read_csv('data.csv')",
    "frame_wide": "import pandas as pd\npd.DataFrame([range(40)])",
    "frame_options": "import pandas as pd\npd.get_option('display.width'), pd.get_option('display.max_rows')",
    "frame_printed": "import pandas as pd\nprint(pd.DataFrame({'a': [1.5], 'b': ['x']}))",
    "warned": "import warnings\ndef f(): warnings.warn('careful')\nf()\nf()",
    "warned_by_numpy": "import numpy as np\nnp.log(np.array([0.0]))",
    "warnings_off": "import warnings\nwarnings.simplefilter('ignore')\nimport numpy as np\n"
    "np.log(np.array([0.0]))",
    "warnings_are_errors": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('x')",
    "logging": "import logging\nlogging.warning('told')\nlogging.info('not told')",
    "logging_set": "import logging\nlogging.basicConfig(level='INFO')\nlogging.info('told')",
    "seeded": "import random\nimport numpy as np\nrandom.seed(1)\nnp.random.seed(1)\n"
    "random.random(), np.random.rand(), np.random.default_rng(1).random()",
    "figure": "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1))\nplt.plot([1, 2]);",
    "two_figures": "import matplotlib.pyplot as plt\nfor n in range(2):\n"
    "    plt.subplots(figsize=(1, 1))[1].plot([n, 1])",
    "figure_closed": "import matplotlib.pyplot as plt\nplt.figure()\nplt.close()\nplt.get_fignums()",
    "figure_settings": "import matplotlib as mpl\nmpl.rcParams['figure.dpi'], mpl.get_backend()",
    "other_backend": "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
    "plt.plot([1])\nmatplotlib.get_backend()",
    "setting_of_numpy": "import numpy as np\nnp.set_printoptions(precision=2)\nnp.array([1 / 3])",
    # processes, threads, loops
    "awaited": "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 5\nawait f()",
    "task_left": "import asyncio\nt = asyncio.create_task(asyncio.sleep(3600))\nprint('left')",
    "loop_within": "import asyncio\nasyncio.run(asyncio.sleep(0))",
    "pool": "import multiprocessing as mp\ndef sq(x): return x * x\nwith mp.get_context('fork').Pool(2) as p:\n"
    "    print(p.map(sq, range(4)))",
    "pool_spawned": "import multiprocessing as mp, beside\nwith mp.get_context('spawn').Pool(1) as p:\n"
    "    print(p.map(beside.twice, range(3)))",
    "pool_from_a_server": "import multiprocessing as mp, beside\n"
    "with mp.get_context('forkserver').Pool(1) as p:\n    print(p.map(beside.twice, range(3)))",
    "removes_itself": "import os\nos.remove('removes_itself.ipynb')\n1",
    "filters_of_imports": "import warnings, numpy, pandas, scipy.stats, statsmodels.api, seaborn\n"
    "sorted((f[0], f[2].__name__) for f in warnings.filters)",
    "threads": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as p:\n"
    "    print(list(p.map(abs, [-1, 2])))",
    "thread_left": "import threading, time\nthreading.Thread(target=time.sleep, args=(0.5,)).start()\n1",
    "child_reads": "import subprocess\nsubprocess.run(['cat'], capture_output=True, timeout=5).stdout",
    "forked": "import os\npid = os.fork()\nif pid == 0: os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    "alarm": "import signal, time\ndef ring(*_): raise TimeoutError('rung')\n"
    "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.1)\ntime.sleep(5)",
    "memory": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (3 * 2**30,) * 2)\ntry:\n"
    "    bytearray(8 * 2**30)\nexcept MemoryError: print('seen')",
    "pickled": "import pickle\nclass A: pass\npickle.loads(pickle.dumps(A())).__class__.__module__",
    "context_variable": "import contextvars\nv = contextvars.ContextVar('v', default=0)\nv.set(1)\n---\nv.get()",
    # files
    "unclosed": "f = open('made-unclosed.csv', 'w')\nf.write('month,value\\n')",
    "at_exit": "import atexit\natexit.register(lambda: open('made-at-exit.txt', 'w').write('done'))\n1",
    "finalised": "import weakref\nclass A: pass\na = A()\n"
    "weakref.finalize(a, lambda: open('made-finalised.txt', 'w').write('done'))\n1",
    "kept_open": "import sys, types\nkeeper = sys.modules['keeper'] = types.ModuleType('keeper')\n"
    "keeper.file = open('made-kept-open.csv', 'w')\nkeeper.file.write('month,value\\n')",
    "deleted": "class A:\n    def __del__(self): print('gone', file=open('made-deleted.txt', 'w'))\na = A()",
    "archive": "import zipfile\narchive = zipfile.ZipFile('made-archive.zip', 'w')\n"
    "archive.writestr(zipfile.ZipInfo('a'), 'b')",
    "temporary": "import tempfile, os\nwith tempfile.NamedTemporaryFile() as f: print(os.path.exists(f.name))",
    # parameters
    "parameters": "# tags: parameters\nalpha = 0.1\nword: str = 'x'\nnames: list[str] = ['a']\n---\nalpha, word, names",
    "parameter_like_magic": "# tags: parameters\nenv: str = 'x'\n---\nenv",
    "parameter_without_value": "# tags: parameters\nq: int\n---\n'q' in globals()",
    "parameters_computed": "# tags: parameters\nn: int = 2 * 3\n---\nn",
    # kernels
    "kernel_missing": "print('never')",
    "kernel_of_another_environment": "import os\nos.environ.get('WHICH')",
}  # fmt: skip
KERNELS = {"kernel_missing": "no-such-kernel", "kernel_of_another_environment": "another"}
