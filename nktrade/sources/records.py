"""The rows of a table in any dress, as text, with the numbers that a reader of the file gives them.

Codes stay as they stand in the file; what a spreadsheet made of them is for the caller to refuse.
"""

from __future__ import annotations

import codecs
import io
import itertools
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from nktrade.errors import InputError, count_of
from nktrade.files.parsing import read_rows
from nktrade.sources.answers import as_text, read_json, read_xml
from nktrade.sources.containers import HEAD, TOP, Plain, find_kind, find_nameless, warn_broken_off

#: Rows held at a time, so that a file of millions is sifted as it passes.
CHUNK = 200_000


def read_records(
    path: Path,
    *,
    wanted: Callable[[str], bool] = lambda heading: True,
    about: dict | None = None,
    familiar: Callable[[str], bool] | None = None,
    encoding: str | None = None,
    heading: int | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield a table's rows in blocks: every cell text, empty ones missing.

    Parameters
    ----------
    path : path
        CSV (commas, semicolons, tabs, bars; UTF-8, GB18030, UTF-16), JSON (a list of records or of
        rows, records under ``data``, ``dataset`` or one other name, columns, one record or answer a
        line, several answers), XML whose records are ``<item>`` or the like, a workbook of one
        sheet, or Parquet; text and workbooks also zipped.
    wanted : callable
        Says of each heading whether its column is read.
    about : dict, optional
        Receives what a JSON answer says beside its rows, and `separator`.
    familiar : callable, optional
        Says of a heading whether it is known; by default `wanted`. By it the row of headings is
        found below lines of a title, and a text in Korean or Japanese letters is told from GB18030.
    encoding : str, optional
        Of a text, as "cp949" for Korean, where it cannot be found.
    heading : int, optional
        The row of the headings, where it cannot be found.

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
    _check_encoding(encoding)
    kind = find_kind(path)
    try:
        if kind == "parquet":
            yield from _read_parquet(path, wanted)
            return
        plain = Plain(path)
        about["separator"] = plain.separator
        if find_kind(plain.path) == "json":
            yield from read_json(plain.path, wanted, about)
        elif find_kind(plain.path) == "xml":
            yield from read_xml(plain.path, wanted, about)
        else:
            known = familiar or wanted
            yield from _read_text(plain, wanted, known, encoding, heading, about)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise InputError(
            "the rows cannot be read: the file is damaged, cut off or edited",
            where=path.name,
            got=str(error).splitlines()[0][:100] if str(error) else type(error).__name__,
            hint="Save the file again whole.",
        ) from None


def _check_encoding(said: str | None) -> None:
    try:
        "a".encode(said or "ascii", errors="replace")
    except (LookupError, ValueError, TypeError):
        raise InputError(
            "there is no such encoding",
            expected="as utf-8, gb18030, cp949 or cp1251",
            got=repr(said),
        ) from None


def _read_parquet(path: Path, wanted: Callable[[str], bool]) -> Iterator[pd.DataFrame]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        names = [name for name in table.schema_arrow.names if wanted(name)]
        first = 1
        for batch in table.iter_batches(CHUNK, columns=names):
            rows = pd.DataFrame({name: batch[name].to_pylist() for name in names}, dtype=object)
            yield as_text(rows, first)
            first += len(rows)


def _read_text(
    plain: Plain,
    wanted: Callable[[str], bool],
    familiar: Callable[[str], bool],
    encoding: str | None,
    heading: int | None,
    about: dict,
) -> Iterator[pd.DataFrame]:
    path = plain.path
    said = encoding or find_encoding(path, familiar)
    top = read_top(path, said)
    heading = heading or find_heading(top, familiar)
    headings = [text.strip() for text in top[heading - 1]] if heading <= len(top) else []
    about["above"] = [cell for row in top[: heading - 1] for cell in row if cell.strip()]
    kept = [at for at, text in enumerate(headings) if text and wanted(text)]
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
    pushed = [*find_nameless(headings), beyond] if _is_commas(plain) else [beyond]
    with pd.read_csv(
        path,
        header=None,
        skiprows=heading,  # records, as a heading in quotes may go over several lines
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
        try:
            for rows in _quietly(blocks):
                rows = rows.set_axis(rows.index + heading + 1)
                more = rows[pushed].notna().any(axis=1)
                if more.any():
                    raise _too_wide(path, rows[more].iloc[0])
                if plain.unended and len(rows):
                    _note_unended(plain, rows, kept, about)
                rows = rows[kept].set_axis(names, axis=1)
                yield rows[rows.notna().any(axis=1)]
        except pd.errors.ParserError:  # for two values more, or a quote that is not closed
            with path.open(newline="", encoding=said, errors="replace") as file:
                for row, record in enumerate(read_rows(file, path.name), 1):
                    if row > heading and len(record) > beyond + 1:
                        raise _too_wide(path, pd.Series(record[: beyond + 1], name=row)) from None
            raise


def _is_commas(plain: Plain) -> bool:
    """Say whether a comma in a number pushes the cells after it: not in what was a workbook."""
    return bool(plain.tail) and plain.separator == ","


def _note_unended(plain: Plain, rows: pd.DataFrame, kept: list[int], about: dict) -> None:
    """Note in `about` how the last row ends, where nothing ends its line."""
    with plain.path.open("rb") as file:
        file.seek(max(0, plain.path.stat().st_size - HEAD))
        line = file.read().decode("latin-1").rstrip("\r\n").rpartition("\n")[2]
    cells = len(next(read_rows(io.StringIO(line), plain.path.name), []))
    missing = max(0, len(rows.columns) - 1 - cells)
    about["unended"] = {
        "row": rows.index[-1],
        "missing": missing,
        "told": int(rows[kept].iloc[-1].notna().sum()),
        "doubtful": missing or (plain.tail.isdecimal() and cells - 1 in kept),
    }


def judge_unended(about: dict, name: str) -> None:
    """Refuse or warn of a text of which nothing ends the last line: it may have been broken off.

    Raises
    ------
    InputError
        For a last row that is shorter than the headings.

    Warns
    -----
    TruncatedFileWarning
        For a whole one that ends in a number, which may be short; and for one that says too little
        to be a row, as a note does.
    """
    last = about.get("unended") or {}
    if last.get("missing") and last["told"] > 1:
        raise InputError(
            "the file breaks off within its last row",
            where=f"{name}, row {last['row']:,}",
            expected="as many values as there are headings",
            got=f"{last['missing']} fewer, and no end of the line",
            hint="Download it again; if it is whole, end its last line.",
        )
    if last.get("doubtful"):
        warn_broken_off(name)


def _quietly(blocks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Yield blocks without the warning of values beyond the headings, which are refused by row."""
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            rows = next(blocks, None)
        if rows is None:
            return
        yield rows


def _too_wide(path: Path, row: pd.Series) -> InputError:
    return InputError(
        "a row with more values than there are headings",
        where=f"{path.name}, row {row.name:,}",
        expected=count_of(len(row) - 1, "values"),
        got=f"more: {row.dropna().iloc[-1]!r}",
        hint="Is a comma in a number? Save numbers without it, or in quotes.",
    )


def read_top(path: Path, encoding: str) -> list[list[str]]:
    """Return the first records of a text, among which the headings are."""
    with path.open(newline="", encoding=encoding, errors="replace") as file:
        return list(itertools.islice(read_rows(file, path.name), TOP))


def find_heading(top: list[list[str]], familiar: Callable[[str], bool]) -> int:
    """Return the row of the headings: the first, or the one below it with most that are known.

    Examples
    --------
    >>> known = {"hs", "value"}.__contains__
    >>> find_heading([["My table"], [], ["hs", "value"], ["6704", "1"]], known)
    3
    """
    known = _count_known(top, familiar)
    most = max(known, default=0)
    if not most or known[0]:
        return 1
    row = known.index(most)
    titles = all(sum(map(bool, map(str.strip, above))) < 2 for above in top[:row])
    return row + 1 if most > 1 or titles else 1  # one word may be known by chance


def _count_known(top: list[list[str]], familiar: Callable[[str], bool]) -> list[int]:
    """Return how many known headings each row has."""
    return [sum(bool(cell.strip()) and familiar(cell.strip()) for cell in row) for row in top]


#: Tried in this order. Letters of one may pass for those of another: known headings decide.
_ENCODINGS = ("gb18030", "cp949", "cp932")


def find_encoding(path: Path, familiar: Callable[[str], bool] = lambda heading: True) -> str:
    """Return the encoding in which a text can be read and has most headings that are known.

    "utf-8-sig" where it is UTF-8, or nothing that is known.
    """
    if _decodes(path, "utf-8-sig"):  # nothing else passes for it
        return "utf-8-sig"
    counts = {mark: max(_count_known(read_top(path, mark), familiar)) for mark in _ENCODINGS}
    ordered = sorted(_ENCODINGS, key=lambda mark: -counts[mark])
    return next((mark for mark in ordered if _decodes(path, mark)), "utf-8-sig")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(HEAD << 4):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def read_table_text(
    path: Path, encoding: str | None = None, familiar: Callable[[str], bool] | None = None
) -> pd.DataFrame:
    """Return a whole table as text; see `read_records`."""
    blocks = list(read_records(path, encoding=encoding, familiar=familiar))
    return pd.concat(blocks) if blocks else pd.DataFrame(dtype="str")
