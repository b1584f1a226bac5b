"""What a notebook tells whoever renders it, by outputs of a type of its own; see `render.outcome`.

A notebook is anybody's: what it tells is looked at before it is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nktrade.errors import InputError, shorten
from nktrade.files.parsing import load_json
from nktrade.site.text import MIME, VERDICTS

_MOST = 1_000_000


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, [*value, *value.values()]))


def _are_counts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(count, int) and 0 <= count <= _MOST for count in value.values()
    )


def _are_verdicts(value: Any) -> bool:
    return _are_texts(value) and set(value.values()) <= set(VERDICTS.values())


def _is_chart(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("narrow", ""), str)


_TOLD: dict[str, tuple[Callable[[Any], bool], str]] = {
    "published": (_are_counts, "numbers by verdict"),
    "figures": (_are_verdicts, f"one of {', '.join(VERDICTS.values())} by figure"),
    "computed": (_are_texts, "words by figure"),
    "data": (_are_texts, "sha256 by name"),
    "status": (_is_text, "a word"),
    "finding": (_is_text, "a sentence"),
    "support": (_is_text, "a word"),
    "refusal": (_is_text, "a sentence"),
    "chart": (_is_chart, "values, and a narrow drawing"),
}


def read_told(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an output tells, empty if it tells nothing.

    Raises
    ------
    InputError
        If it tells something in another form than notebooks do.

    Examples
    --------
    >>> read_told({"data": {MIME: {"finding": "It fell."}}})
    {'finding': 'It fell.'}
    >>> read_told({"data": {MIME: {"finding": 5}}})
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: an output for the runner: 'finding' is not told as it should ...
    """
    said = (output.get("data") or {}).get(MIME, {})
    where = "an output for the runner"
    if isinstance(said, str):
        said = load_json(said, "what it tells", where)
    if not isinstance(said, Mapping):
        raise InputError("nothing is told", where=where, expected="a mapping", got=shorten(said))
    for name, (fits, expected) in _TOLD.items():
        if name in said and not fits(said[name]):
            raise InputError(
                f"{name!r} is not told as it should be",
                where=where,
                expected=expected,
                got=shorten(said[name]),
                hint=f"The type {MIME} is for what the library itself tells.",
            )
    return said
