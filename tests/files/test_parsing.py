"""Texts of others: what a reader would pass over without a word is refused."""

import ast

import pytest

from nktrade.errors import InputError
from nktrade.files.parsing import load_yaml, parse_code


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: 2\na: 3",
        "{a: 1, a: 1}",
        "- {b: [], b: 2}",
        "a: {c: {x: 1, y: 2, x: 3}}",
        "1: a\n1: b",
    ],
)
def test_a_key_that_is_named_twice_is_refused(text):
    with pytest.raises(InputError, match="names a key twice"):
        load_yaml(text, "the catalogue", "site.yml")


@pytest.mark.parametrize(
    "text",
    [
        "a: a",
        "a: {a: {a: 1}}",
        "- {a: 1}\n- {a: 1}",
        "1: a\n'1': b",
        "a: [a, a]\nb: a",
        "x: &x {a: 1}\ny: {<<: *x, a: 2}",
    ],
)
def test_what_stands_in_two_places_is_no_key_twice(text):
    assert load_yaml(text, "the catalogue", "site.yml")


def test_code_is_parsed_once_more_where_python_lost_count(monkeypatch):
    parse, calls = ast.parse, []

    def lose_count(*given, **named):
        calls.append(given)
        if len(calls) == 1:
            raise SystemError("AST constructor recursion depth mismatch")
        return parse(*given, **named)

    monkeypatch.setattr(ast, "parse", lose_count)
    assert ast.dump(parse_code("a = 1")) == ast.dump(parse("a = 1"))
