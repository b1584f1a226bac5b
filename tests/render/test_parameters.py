import json
import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.render.parameters import check_values, parse_parameters
from nktrade.render.values import plain, spell

CELL = """\
from typing import Literal

# comments and blank lines are welcome
partner: str = "P#K"  # 무역 상대국 코드
top: int = 5
share: float = 0.5  # of the total
drawn: bool = True
flow: Literal["import", "export"] = "import"
hs: list[str] = ["6704"]  # codes
end: str | None = None
"""


@pytest.fixture
def parameters():
    return parse_parameters(CELL)


def test_parses_every_allowed_type_with_default_and_help(parameters):
    assert [(p.name, p.kind, p.default, p.optional) for p in parameters] == [
        ("partner", str, "P#K", False),
        ("top", int, 5, False),
        ("share", float, 0.5, False),
        ("drawn", bool, True, False),
        ("flow", str, "import", False),
        ("hs", list, ["6704"], False),
        ("end", str, None, True),
    ]
    assert parameters[0].help == "무역 상대국 코드"
    assert parameters[1].help == ""
    assert parameters[4].choices == ("import", "export")


@pytest.mark.parametrize(
    ("cell", "kind", "default"),
    [
        ("top = 5", int, 5),
        ("ratio = 0.1", float, 0.1),
        ("import datetime\ntop: datetime.date = datetime.date(2024, 1, 1)", date, None),
        ("top: dict = {'a': 1}", dict, {"a": 1}),
        ("top: list[int] = [2020, 2021]", list, [2020, 2021]),
        ("top: int = 2 * 3", int, "2 * 3"),
        ("%load_ext autoreload\ntop: int = -5", int, -5),
        ("from typing import Optional\ntop: Optional[int] = None", int, None),
        ("top: int = None", int, None),
        ("top: int = 1\ntop: int = 2", int, 2),
        ("top: int = 'x'", object, "x"),
        ("print(1)\ntop = None", object, None),
        ("top = date(2024, 3, 31)", date, date(2024, 3, 31)),
        ("top = dt.date(2024, 13, 31)", object, "dt.date(2024, 13, 31)"),
        ("  top = 5\n  # indented", int, 5),
    ],
)
def test_reads_parameters_as_people_write_them(cell, kind, default):
    (parameter,) = parse_parameters(cell)
    assert parameter.kind is kind
    assert default is None or parameter.default == default


def test_every_name_of_one_line_is_a_parameter():
    assert [p.name for p in parse_parameters("a = b = 1\nc, d = 2, 3")] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("text", ["3,4", "(3, 4)", "{3}", "b'x'", "2j", "2024-03-31"])
def test_values_of_every_kind_reach_the_kernel(text):
    from nktrade.render.engine import DatedTranslator

    cell = "t = date(2020, 1, 1)" if "-" in text else "t = (1, 2)"
    (parameter,) = parse_parameters(cell)
    value = parameter.read(text, "-p")
    assert eval(DatedTranslator.translate(value)) == value
    assert not isinstance(value, str)


@pytest.mark.parametrize(
    "value",
    [{2019: 0.5, "2019": 1}, {date(2024, 3, 31): [None, {True: math.inf}]}, {None: {}}, [{1: "é"}]],
)
def test_a_mapping_reaches_the_kernel_with_its_keys(value):
    from nktrade.render.engine import DatedTranslator

    assert repr(eval(DatedTranslator.translate(value))) == repr(value)
    assert json.dumps(spell(value))  # as papermill notes it in the executed notebook


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        ("t = None", "1,000", "1,000"),
        ("t = None", "(1, 2)", (1, 2)),
        ("t = None", "007", 7),
        ("t = None", "...", "..."),
        ("t = (1, 2)", "3,4", (3, 4)),
        ("t = [1, 2]", "[3, 4]", [3, 4]),
        ("t: list[float] = [0.5]", " [1, 1e-3]", [1.0, 0.001]),
        ("t: list[str] = []", "[a, 'b c', \"d\"]", ["a", "b c", "d"]),
        ("t: list[list[int]] = [[1]]", "[[1, 2], [3]]", [[1, 2], [3]]),
        ("t: list[dict] = []", "[{a: 1}]", [{"a": 1}]),
        ("t = ['C']", "C++,R", ["C++", "R"]),
        ("t: list[date] = []", "[2024-03-31]", [date(2024, 3, 31)]),
    ],
)
def test_a_text_is_taken_for_what_people_mean(cell, text, value):
    (parameter,) = parse_parameters(cell)
    assert repr(parameter.read(text, "-p")) == repr(value)


def test_a_date_of_yaml_is_the_text_that_stands_there_where_text_is_asked_for():
    (parameter,) = parse_parameters("month = '2024-01-31'")
    assert parameter.check(date(2024, 3, 31), "-f") == "2024-03-31"


def test_a_cell_that_is_not_python_is_left_to_fail_by_itself():
    assert parse_parameters("top: int = (") == []


@pytest.mark.parametrize("text", [" a", "a,b", "a\tb", "nan", "a\nb", "<script>", "x" * 5000])
def test_text_arrives_as_it_was_given(text):
    (parameter,) = parse_parameters('name: str = "x"')
    assert parameter.read(text, "-p") == text


def test_what_json_cannot_hold_is_spelled():
    value = {"a": float("nan"), "b": [date(2024, 3, 31)]}
    assert plain(value) == {"a": "NaN", "b": ["2024-03-31"]}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("partner", "RUS", "RUS"),
        ("partner", "0123", "0123"),
        ("top", "12", 12),
        ("share", "1", 1.0),
        ("drawn", "no", False),
        ("flow", "export", "export"),
        ("hs", "6703,6704", ["6703", "6704"]),
        ("hs", "6703+6704", ["6703", "6704"]),
        ("end", "none", None),
        ("end", "2020-06", "2020-06"),
    ],
)
def test_reads_text_as_the_declared_type(parameters, name, text, value):
    parameter = next(p for p in parameters if p.name == name)
    read = parameter.read(text, "-p")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text"), [("top", "five"), ("top", "1.5"), ("drawn", "maybe"), ("flow", "exports")]
)
def test_refuses_text_of_another_type(parameters, name, text):
    parameter = next(p for p in parameters if p.name == name)
    with pytest.raises(InputError, match=name):
        parameter.read(text, "-p")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"partne": "RUS"}, "Did you mean 'partner'?"),
        ({"partner": 6704}, "quotes"),
        ({"top": True}, "expected int"),
        ({"top": None}, "expected int"),
        ({"hs": [6704]}, "quotes"),
        ({"flow": "exports"}, "Did you mean 'export'?"),
    ],
)
def test_refuses_values_of_a_catalogue(parameters, values, says):
    with pytest.raises(InputError) as caught:
        check_values(parameters, values, "site.yml")
    assert says in str(caught.value)


@given(st.integers(), st.text(), st.lists(st.text()), st.booleans())
def test_whatever_is_written_is_read_back(top, partner, hs, drawn):
    cell = f"a: int = {top!r}\nb: str = {partner!r}\nc: list[str] = {hs!r}\nd: bool = {drawn!r}\n"
    assert [p.default for p in parse_parameters(cell)] == [top, partner, hs, drawn]


@pytest.mark.parametrize("deep", ["-" * 100_000, "-" * 3000, "1+" * 3000, "not " * 4000])
@pytest.mark.parametrize("cell", ["a = {}1", "a: '{}1' = 1", "a: int = {}1"])
def test_code_that_python_cannot_hold_is_no_parameter(cell, deep):
    names = [one.name for one in parse_parameters(cell.format(deep) + "\nb = 2")]
    assert names in ([], ["b"], ["a", "b"])  # the cell itself says what is wrong with it
