"""The rows of a table in any dress, as text, with the numbers that a reader of the file gives them.

Codes stay as they stand in the file; what a spreadsheet made of them is for the caller to refuse.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nktrade.errors import InputError
from nktrade.files.parsing import load_json
from nktrade.sources.containers import HEAD, Plain, cell_text, find_kind

#: Rows held at a time, so that a file of millions is sifted as it passes.
CHUNK = 200_000


def read_records(
    path: Path,
    *,
    wanted: Callable[[str], bool] = lambda heading: True,
    about: dict | None = None,
    encoding: str | None = None,
    heading: int = 1,
) -> Iterator[pd.DataFrame]:
    """Yield a table's rows in blocks: every cell text, empty ones missing.

    Parameters
    ----------
    path : path
        CSV (commas, semicolons, tabs, bars; UTF-8, GB18030, UTF-16), JSON (a list of records or of
        rows, records under ``data`` or ``dataset``, columns, one record a line), XML whose
        records are ``<item>`` or the like, a workbook of one sheet, or Parquet; text and workbooks
        also zipped.
    wanted : callable
        Says of each heading whether its column is read.
    about : dict, optional
        Receives what a JSON answer says beside its rows, and `separator`.
    encoding : str, optional
        Of a text in neither UTF-8 nor GB18030, as "cp949" for Korean.
    heading : int
        The row of the headings, where lines of a title stand above them.

    Yields
    ------
    pandas.DataFrame
        Columns by the file's own headings, index the row numbers (the headings are row 1; of JSON
        and Parquet the first record is row 1).

    Raises
    ------
    InputError
        If the file is nothing that has rows, is damaged, or has headings twice.
    """
    about = {} if about is None else about
    kind = find_kind(path)
    try:
        if kind == "parquet":
            yield from _read_parquet(path, wanted)
            return
        plain = Plain(path)
        about["separator"] = plain.separator
        if find_kind(plain.path) == "json":
            yield from _read_json(plain.path, wanted, about)
        elif find_kind(plain.path) == "xml":
            yield from _read_xml(plain.path, wanted)
        else:
            yield from _read_text(plain.path, wanted, encoding, heading)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise InputError(
            "the rows cannot be read: the file is damaged, cut off or edited",
            where=path.name,
            got=str(error).splitlines()[0][:100] if str(error) else type(error).__name__,
            hint="Save the file again whole.",
        ) from None


def _read_parquet(path: Path, wanted: Callable[[str], bool]) -> Iterator[pd.DataFrame]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        names = [name for name in table.schema_arrow.names if wanted(name)]
        first = 1
        for batch in table.iter_batches(CHUNK, columns=names):
            rows = pd.DataFrame({name: batch[name].to_pylist() for name in names}, dtype=object)
            yield _as_text(rows, first)
            first += len(rows)


def _as_text(rows: pd.DataFrame, first: int) -> pd.DataFrame:
    there = rows.notna()
    text = rows.map(cell_text)
    text = text.where(there & (text != "")).astype("str")
    return text.set_axis(range(first, first + len(rows)))


def _read_json(path: Path, wanted: Callable[[str], bool], about: dict) -> Iterator[pd.DataFrame]:
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
    if len(rows):
        rows = rows[[name for name in rows if wanted(str(name))]]
        yield _as_text(rows.astype(object), 1)


def _table_of(answer: Any, about: dict, name: str) -> pd.DataFrame:
    """Return the rows of what a JSON text says, in whichever shape."""
    if isinstance(answer, list):
        if answer and all(isinstance(row, list) for row in answer):
            return pd.DataFrame(answer[1:], columns=answer[0], dtype=object)
        return pd.DataFrame(answer, dtype=object)
    if "columns" in answer and "data" in answer:
        return pd.DataFrame(answer["data"], columns=answer["columns"], dtype=object)
    for key in ("data", "dataset"):
        if key in answer:
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
    return pd.DataFrame(answer, dtype=object)


def _read_xml(path: Path, wanted: Callable[[str], bool]) -> Iterator[pd.DataFrame]:
    """Yield the records of an XML answer: the elements that repeat most, with children alone."""
    from xml.etree import ElementTree

    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    plain = [item for item in root.iter() if len(item) and not any(len(child) for child in item)]
    names = [item.tag for item in plain]
    record = max(Counter(names).items(), key=lambda one: one[1], default=("", 0))[0]
    rows = [{child.tag: child.text for child in item} for item in plain if item.tag == record]
    if record in ("header", "cmmMsgHeader") or not rows:
        told = " ".join(text.strip() for text in root.itertext() if text.strip())
        raise InputError(
            "this is no table but what the service says instead",
            where=path.name,
            got=repr(told[:200]),
        )
    frame = pd.DataFrame(rows, dtype=object)
    yield _as_text(frame[[name for name in frame if wanted(str(name))]], 1)


def _read_text(
    path: Path, wanted: Callable[[str], bool], encoding: str | None, heading: int
) -> Iterator[pd.DataFrame]:
    said = encoding or find_encoding(path)
    with path.open(newline="", encoding=said, errors="replace") as file:
        reader = csv.reader(file)
        for _ in range(heading):
            headings = [text.strip() for text in next(reader, [])]
        lines = reader.line_num  # a quoted heading may go over several
    kept = [at for at, heading in enumerate(headings) if heading and wanted(heading)]
    names = [headings[at] for at in kept]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(
            "the same column twice", where=f"{path.name}, row {heading}", got=repr(twice)
        )
    if not kept:
        yield pd.DataFrame(columns=names, dtype="str")
        return
    beyond = len(headings)  # what a row has beyond its headings: an unquoted 1,234, say
    with pd.read_csv(
        path,
        header=None,
        skiprows=lines,
        names=range(beyond + 1),
        dtype="str",
        index_col=False,  # rows may end in a comma that the headings do not have
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,  # else the rows after them are misnumbered
        chunksize=CHUNK,
        compression=None,  # whatever the file is called
        encoding=said,
        encoding_errors="strict" if encoding else "replace",
    ) as blocks:
        for rows in blocks:
            rows = rows.set_axis(rows.index + heading + 1)
            more = rows[beyond].notna()
            if more.any():
                raise InputError(
                    "a row with more values than there are headings",
                    where=f"{path.name}, row {rows.index[more.to_numpy()][0]:,}",
                    expected=f"{beyond} values",
                    got=f"one more: {rows.loc[more, beyond].iloc[0]!r}",
                    hint="Is a comma in a number? Save numbers without it, or in quotes.",
                )
            rows = rows[kept].set_axis(names, axis=1)
            yield rows[rows.notna().any(axis=1)]


def find_encoding(path: Path) -> str:
    """Return "utf-8-sig" or "gb18030", whichever a text is; the first where it is neither."""
    import codecs

    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while piece := file.read(HEAD << 4):
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    return "utf-8-sig"


def read_table_text(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """Return a whole table as text; see `read_records`."""
    blocks = list(read_records(path, encoding=encoding))
    return pd.concat(blocks) if blocks else pd.DataFrame(dtype="str")


class Numbers:
    """How numbers are written in a file: with a decimal point, or with a comma.

    A comma is a decimal one if some number of the file can be read in no other way and none has a
    point: ``1,5`` or ``1234,567`` cannot be thousands, while ``1,234`` may be either.
    """

    def __init__(self, name: str, columns: Mapping[str, pd.Series] | None = None) -> None:
        self.name = name
        self.columns = {heading: _bare(column) for heading, column in (columns or {}).items()}

    def read(self, column: pd.Series, heading: str, most: float = np.inf) -> pd.Series:
        """Return a column as numbers, zero or more; missing where a cell says there is nothing.

        Parameters
        ----------
        column : pandas.Series
            Texts, by their rows in the file.
        heading : str
        most : float
            More than this is no number of the column: other columns have moved into it.

        Raises
        ------
        InputError
            Naming the row, for the first cell that is no such number.
        """
        text = _bare(column)
        text = text.mask(text.isin([word for word in text.dropna().unique() if is_nothing(word)]))
        comma = _fits(text, _COMMA)
        against = ""
        if comma.any():
            told = self.columns or {heading: text}
            sure = any((_fits(c, _COMMA) & ~_fits(c, _THOUSANDS)).any() for c in told.values())
            points = {name: c[_fits(c, _POINT)] for name, c in told.items()}
            against = next(
                (
                    f"row {c.index[0]:,}, {name!r}: {c.iloc[0]}"
                    for name, c in points.items()
                    if len(c)
                ),
                "",
            )
            if sure and not against:
                text = text.mask(comma, text.str.replace(",", ".", regex=False))
        bad = text.notna() & ~_fits(text, _PLAIN)
        if bad.any():
            got = str(text[bad].iloc[0])
            negative = got.startswith("-") and got[1:].replace(".", "").isdigit()
            raise InputError(
                "negative" if negative else "not a number",
                where=f"{self.name}, row {text[bad].index[0]:,}, column {heading!r}",
                expected="a number, zero or more, as 1234.5",
                got=repr(got),
                hint="" if negative else _tell_remedy(got, against),
            )
        number = pd.to_numeric(text, errors="coerce").astype("float64")
        bad = (number > most) | np.isinf(number)
        if bad.any():
            raise InputError(
                "absurdly large",
                where=f"{self.name}, row {text[bad].index[0]:,}, column {heading!r}",
                expected=f"at most {most:,.0f}" if np.isfinite(most) else "a number",
                got=repr(str(text[bad].iloc[0])),
                hint="Are the columns shifted?",
            )
        return number


_PLAIN = r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"
_COMMA = r"[0-9]+,[0-9]+([eE][+-]?[0-9]+)?"
_THOUSANDS = r"[1-9][0-9]{0,2},[0-9]{3}"
_POINT = r"[0-9,]*\.[0-9]+([eE][+-]?[0-9]+)?"


#: What is written where there is nothing, besides dashes of any kind and length.
_MARKS = "?？−ー*/…．.·"
_NOTHING = re.compile(r"n/?a|nan|none|null|nil|无|無", re.IGNORECASE)


def is_nothing(text: str | None) -> bool:
    """Say whether a cell is one that says there is nothing.

    Examples
    --------
    >>> is_nothing("—"), is_nothing("N/A"), is_nothing("0"), is_nothing("-5")
    (True, True, False, False)
    """
    return not text or bool(_NOTHING.fullmatch(text)) or all(map(_is_mark, text))


def _is_mark(letter: str) -> bool:
    return letter in _MARKS or letter.isspace() or unicodedata.category(letter) == "Pd"


def _bare(column: pd.Series) -> pd.Series:
    """Return texts without the spaces around them."""
    return column.astype("str").str.strip()


def _fits(text: pd.Series, pattern: str) -> pd.Series:
    return text.str.fullmatch(pattern).fillna(False).astype(bool)


def _tell_remedy(got: str, against: str) -> str:
    """Say what to do about a text that is no number."""
    if re.fullmatch(_COMMA, got) and against:
        return f"Other numbers have a decimal point ({against}): write all in one way."
    if re.fullmatch(_THOUSANDS, got):
        return "It may be thousands or a decimal comma: save the numbers plainly, as 1234 or 1.234."
    if re.search(r"[,'’\s\u00a0\u202f]", got):
        return "Thousands are not read with marks between them: save the numbers plainly."
    return "Are the columns shifted, or was the file edited?"
