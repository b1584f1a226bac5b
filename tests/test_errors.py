"""Errors say where, what, what else, and what next; and travel between processes whole."""

import ast
import pickle
import re

import pytest

from nktrade import errors
from nktrade.errors import CodeError, InputError, NktradeError, count_of, did_you_mean
from nktrade.study.refusals import REFUSALS
from tests.conftest import ROOT

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, NktradeError)
]


def test_message_has_every_part_in_order():
    error = InputError(
        "no value", where="a.csv, row 3", expected="a number", got="''", hint="Look again."
    )
    assert str(error) == "a.csv, row 3: no value; expected a number; got ''. Look again."
    assert str(InputError("no value")) == "no value"


@pytest.mark.parametrize("kind", KINDS)
def test_survives_a_trip_between_processes(kind):
    error = kind("s", where="w", expected="e", got="g", hint="h")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_kinds_can_be_caught_together():
    assert issubclass(CodeError, InputError)
    assert all(issubclass(kind, NktradeError) for kind in KINDS)
    assert not issubclass(errors.MixtureError, InputError)


@pytest.mark.parametrize(
    ("word", "choices", "said"),
    [
        ("imports", ["import", "export"], "Did you mean 'import'?"),
        ("q", ["b", "a", "a"], "Choose one of 'a', 'b'."),
        (12, [12, 13], "Did you mean '12'?"),
    ],
)
def test_nearest_name(word, choices, said):
    assert did_you_mean(word, choices) == said


def test_long_lists_of_choices_are_cut():
    said = did_you_mean("zzz", [f"name{n:02}" for n in range(30)])
    assert "'name11'" in said
    assert "'name12'" not in said
    assert said.endswith(", ….")


def test_at_the_prompt_a_refusal_shows_the_readers_line_and_not_the_library():
    """IPython asks an exception for its own traceback by this name."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.io import capture_output

    shell = InteractiveShell.instance()
    with capture_output() as said:
        shell.run_cell(
            "import nktrade as nk\nnk.select(nk.monthly(nk.load(start='2023')), hs=6902)"
        )
        shell.run_cell("nk.mirror(nk.monthly(nk.load(start='2023', end='2023')))")
    assert "not a trade table: it has no column 'hs'" in said.stdout
    assert "nk.mirror(nk.monthly(" in said.stdout
    assert "rows.py" not in said.stdout
    assert len(said.stdout.splitlines()) < 20
    InteractiveShell.clear_instance()


def test_every_refusal_that_a_page_may_tell_says_what_to_do():
    """A page prints these as they are; the hint is the remedy, wherever in the library it is."""
    names = {kind.__name__ for kind in REFUSALS}
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "nktrade").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names
        if "hint" not in {word.arg for word in node.keywords}
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("number", "nouns", "said"),
    [
        (1, "rows", "1 row"),
        (0, "rows", "0 rows"),
        (2345, "rows", "2,345 rows"),
        (1, "countries", "1 country"),
        (1, "more rows", "1 more row"),
    ],
)
def test_counts(number, nouns, said):
    assert count_of(number, nouns) == said


#: What is never one: a constant, and what stands after such words.
_CONSTANT = re.compile(r"[A-Z_]{4,}")
_MANY = (" of ", "at most ")


def test_one_of_a_thing_is_not_told_in_the_plural():
    """Whatever is counted in a sentence goes through `count_of`; "3 of 5 rows" need not."""
    nouns = "|".join(sorted(_counted_nouns(), key=len, reverse=True))
    plural = re.compile(rf" (?:more |other )?(?:{nouns})\b")
    bare = [
        f"{path.relative_to(ROOT)}:{number.lineno}: {ast.unparse(number.value)}{after.value[:20]!r}"
        for path in sorted((ROOT / "nktrade").rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for before, number, after in zip(
            [None, *text.values], text.values, text.values[1:], strict=False
        )
        if isinstance(number, ast.FormattedValue) and isinstance(after, ast.Constant)
        if plural.match(after.value) and not _CONSTANT.search(ast.unparse(number.value))
        if not str(getattr(before, "value", "")).endswith(_MANY)
    ]
    assert bare == []


def _counted_nouns() -> set[str]:
    """Return the nouns that `count_of` is asked to count anywhere in the package."""
    calls = (
        node
        for path in (ROOT / "nktrade").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "count_of"
    )
    return {call.args[1].value.rpartition(" ")[2] for call in calls}
