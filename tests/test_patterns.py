"""No pattern takes the cube of a text's length: what strangers wrote may be long and nearly fit."""

import ast
import importlib
import itertools
import pkgutil
import re
import signal
import time
from pathlib import Path

import pytest

import nktrade

#: Letters of a text that nearly fits; for their cube a pattern would take minutes.
LENGTH, SECONDS = 1000, 0.2
FUNCTIONS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall"}
FUNCTIONS |= {"finditer", "extract", "contains", "replace"}
FLAGS = {"IGNORECASE": re.IGNORECASE, "MULTILINE": re.MULTILINE, "DOTALL": re.DOTALL}
CLASSES = {r"\d": "1", r"\s": " ", r"\w": "w", ".": "x"}


def find_patterns():
    """Return the patterns of all modules, found where they are used or kept, by where they are."""
    found = {}
    for about in pkgutil.walk_packages(nktrade.__path__, "nktrade."):
        if about.name.endswith("__main__"):
            continue
        module = importlib.import_module(about.name)
        for value in vars(module).values():
            for one in value if isinstance(value, list | tuple) else [value]:
                if isinstance(one, re.Pattern):
                    found.setdefault((one.pattern, one.flags), about.name)
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                owner = ast.unparse(node.func.value)
                if node.func.attr in FUNCTIONS and (owner == "re" or owner.endswith(".str")):
                    pattern = evaluate(node, module)
                    if pattern is not None:
                        found.setdefault((pattern.pattern, pattern.flags), about.name)
    return found


def evaluate(node, module):
    """Return the pattern of a call, where the module alone says it."""
    flags = [flag for name, flag in FLAGS.items() if name in ast.unparse(node)]
    try:
        said = eval(compile(ast.Expression(node.args[0]), "pattern", "eval"), vars(module).copy())
        return re.compile(said, sum(flags)) if isinstance(said, str | bytes) else None
    except Exception:  # of a function's own names, or no pattern
        return None


def nearly(pattern):
    """Yield texts that nearly fit: letters of the pattern, alone and in pairs, many times over."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin1")
    letters = [letter for sign, letter in CLASSES.items() if sign in text]
    letters += re.findall(r"[^\\\[\](){}|?*+^$]", text)
    letters = [*dict.fromkeys(letters)][:9]
    begins = ["", *letters[:3], "![](", "$ 1", "<img "]
    for begin, unit in itertools.product(begins, letters):
        yield begin + unit * LENGTH + "\1"
    for pair in itertools.product(letters[:5], repeat=2):
        yield "".join(pair) * (LENGTH // 2) + "\1"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on this system")
def test_no_pattern_takes_the_cube_of_the_length():
    def stop(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    slow = {}
    try:
        for (text, flags), where in find_patterns().items():
            pattern = re.compile(text, flags)
            for given in nearly(pattern):
                given = given.encode("utf-8") if isinstance(text, bytes) else given
                start = time.process_time()
                signal.setitimer(signal.ITIMER_REAL, 5)
                try:
                    pattern.fullmatch(given)
                    pattern.search(given)
                except TimeoutError:
                    pass
                signal.setitimer(signal.ITIMER_REAL, 0)
                if time.process_time() - start > SECONDS:
                    slow[where, text] = given[:12]
                    break
    finally:
        signal.signal(signal.SIGALRM, before)
    assert slow == {}
