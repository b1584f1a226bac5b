import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.render.parameters import check_values, parse_parameters

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
    ("cell", "says"),
    [
        ("top = 5", "name: type = default"),
        ("top: int", "name: type = default"),
        ("print(1)", "print(1)"),
        ("top: int = 'x'", "expected int"),
        ("top: dict = {}", "list[str]"),
        ("top: int = max(1, 2)", "not a plain value"),
        ("top: int = 1\ntop: int = 2", "declared twice"),
        ("top: int = (", "not Python"),
        ("flow: Literal['a', 1] = 'a'", "cannot be checked"),
    ],
)
def test_refuses_a_cell_it_cannot_check(cell, says):
    with pytest.raises(InputError) as caught:
        parse_parameters(cell, "x.ipynb")
    assert says in str(caught.value)
    assert "x.ipynb" in str(caught.value)


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
