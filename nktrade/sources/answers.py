"""The records of what a service answers, JSON in its shapes and XML, as rows of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from nktrade.errors import InputError, count_of
from nktrade.files.parsing import load_json
from nktrade.sources.workbooks import cell_text


def as_text(rows: pd.DataFrame, first: int) -> pd.DataFrame:
    """Return cells as text, empty ones missing, with row numbers from `first` on."""
    there = rows.notna()
    text = rows.map(cell_text)
    text = text.where(there & (text != "")).astype("str")
    return text.set_axis(range(first, first + len(rows)))


def read_json(path: Path, wanted: Callable[[str], bool], about: dict) -> Iterator[pd.DataFrame]:
    """Yield the records of a JSON answer, in whichever shape; see `records.read_records`."""
    text = path.read_bytes().decode("utf-8-sig")
    numbers: dict[str, Any] = {"parse_float": str, "parse_int": str}
    try:
        answer = load_json(text, "the file", path.name, **numbers)
    except InputError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise ValueError(f"{error.subject}: {error.got}") from None
        answer = [load_json(line, "a line", path.name, **numbers) for line in lines]
    rows = _table_of(answer, about, path.name)
    kept = [name for name in rows if wanted(str(name))]
    if len(rows) and not kept:
        raise InputError(
            "this is no table with columns that are read",
            where=path.name,
            got=repr(text[:200]),
            hint="If the service says why, ask again as it says.",
        )
    if len(rows):
        yield as_text(rows[kept].rename(columns=str).astype(object), 1)


def _table_of(answer: Any, about: dict, name: str) -> pd.DataFrame:
    """Return the rows of what a JSON text says, in whichever shape."""
    if isinstance(answer, list):
        if answer and all(isinstance(row, list) for row in answer):
            _refuse_ragged(answer, name)
            return _once(pd.DataFrame(answer[1:], columns=answer[0], dtype=object), name)
        if answer and all(isinstance(page, dict) and _rows_of(page) for page in answer):
            return _join_pages(answer, about, name)
        return pd.DataFrame(answer, dtype=object)
    if not isinstance(answer, dict):
        raise InputError("this is no table", where=name, got=repr(answer)[:60])
    if "columns" in answer and "data" in answer:
        return pd.DataFrame(answer["data"], columns=answer["columns"], dtype=object)
    if key := _rows_of(answer):
        about |= {other: value for other, value in answer.items() if other != key}
        return pd.DataFrame(answer[key] or [], dtype=object)
    told = next(
        (answer[k] for k in ("message", "error", "Message", "errorObject") if answer.get(k)), ""
    )
    if told:
        raise InputError(
            "this is no table but a refusal of the service",
            where=name,
            got=repr(str(told)[:200]),
            hint="Ask again as it says, and save the answer.",
        )
    found = list(_find_records(answer))
    if len(found) == 1:
        rows, said = found[0]
        about |= said
        return pd.DataFrame(rows, dtype=object)
    deep = [value for value in answer.values() if isinstance(value, dict | list)]
    if not deep:
        return pd.DataFrame([answer] if answer else [], dtype=object)  # one record
    if len(deep) == 1 and _is_record(deep[0]):  # an answer within another's words
        return _table_of(deep[0], about, name)
    if all(map(_is_record, answer.values())):  # a record a number, as pandas may write
        return pd.DataFrame(deep, dtype=object)
    lists = [key for key, value in answer.items() if _is_records(value)]
    if len(lists) == 1:  # under whatever name
        return pd.DataFrame(answer[lists[0]], dtype=object)
    return pd.DataFrame(answer, dtype=object)


def _refuse_ragged(answer: list[list], name: str) -> None:
    """Refuse a row that is longer or shorter than the headings."""
    for at, row in enumerate(answer):
        if len(row) != len(answer[0]):
            raise InputError(
                "a row of another length than the headings",
                where=f"{name}, row {at:,}",
                expected=count_of(len(answer[0]), "values"),
                got=f"{len(row):,}",
                hint="Save the answer again whole.",
            )


def _once(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table without the columns that a service repeats because they were asked by."""
    columns: dict[str, pd.Series] = {}
    for heading, column in rows.items():
        if not column.equals(columns.setdefault(str(heading), column)):
            raise InputError("the same column twice", where=name, got=repr(heading))
    return pd.DataFrame(columns)


def _rows_of(answer: dict) -> str:
    """Return under which name an answer has its rows, if it has; there may be none of them."""
    return next((key for key in ("data", "dataset") if key in answer), "")


def _join_pages(pages: list[dict], about: dict, name: str) -> pd.DataFrame:
    """Return the rows of several answers in one file; `about` has their counts added up."""
    told: list[dict] = [{} for _ in pages]
    tables = [_table_of(page, said, name) for page, said in zip(pages, told, strict=True)]
    about["pages"] = [len(table) for table in tables]
    counts = [said.get("count") for said in told]
    if all(count is not None for count in counts):
        about["count"] = sum(map(int, counts))  # type: ignore[arg-type]
    return pd.concat(tables, ignore_index=True)


def _find_records(answer: dict, said: dict | None = None, depth: int = 6) -> Iterator[tuple]:
    """Yield lists of records within an answer's words, and what is said on the way to them."""
    said = (said or {}) | {k: v for k, v in answer.items() if not isinstance(v, dict | list)}
    for value in answer.values():
        if _is_records(value):
            yield value, said
        elif isinstance(value, dict) and depth:
            yield from _find_records(value, said, depth - 1)


def count_announced(about: Mapping[str, Any]) -> int:
    """Return how many rows an answer says there are, which may be more than its page has; else 0.

    Examples
    --------
    >>> count_announced({"totalCount": "120", "page": 1}), count_announced({})
    (120, 0)
    """
    counts = [str(about.get(key) or "") for key in ("totalCount", "matchCount", "count")]
    return max((int(count) for count in counts if count.isdecimal()), default=0)


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and not all(key.isdecimal() for key in value)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_record, value))


def read_xml(path: Path, wanted: Callable[[str], bool], about: dict) -> Iterator[pd.DataFrame]:
    """Yield the records of an XML answer: the elements that repeat most, with children alone."""
    from xml.etree import ElementTree

    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    plain = [item for item in root.iter() if len(item) and not any(len(child) for child in item)]
    names = Counter(item.tag for item in plain)
    known = {item.tag: sum(wanted(child.tag) for child in item) > 0 for item in plain}
    record = max(names, key=lambda name: (known[name], names[name]), default="")
    rows = [{child.tag: child.text for child in item} for item in plain if item.tag == record]
    if record in ("header", "cmmMsgHeader") or not rows:
        told = " ".join(text.strip() for text in root.itertext() if text.strip())
        raise InputError(
            "this is no table but what the service says instead",
            where=path.name,
            got=repr(told[:200]),
        )
    cells = {id(cell) for item in plain if item.tag == record for cell in item}
    about |= {
        str(one.tag): one.text for one in root.iter() if not len(one) and id(one) not in cells
    }
    frame = pd.DataFrame(rows, dtype=object)
    yield as_text(frame[[name for name in frame if wanted(str(name))]], 1)
