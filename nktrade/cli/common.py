"""What the commands share: options, errors told in one line, results as a table or as JSON."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import sys
import tempfile
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from nktrade._paths import PACKAGE
from nktrade._version import __version__
from nktrade.errors import NktradeError, ServiceError, check_choice
from nktrade.files.terminal import spell_json, tell
from nktrade.files.writing import defuse, refuse_foreign, replace_file


class Folder(click.Path):
    """A folder, as it is meant: shells leave the tilde of ``--out=~/site`` as it stands."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value, param, ctx):
        """Read a path."""
        return Path(os.path.expanduser(str(super().convert(value, param, ctx))))


JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
STORE = click.option(
    "--store",
    type=Folder(),
    default="nktrade-store",
    show_default=True,
    help="Folder of the imported data.",
)

FLOW = click.option(
    "--flow", type=click.Choice(["import", "export"]), help="As the reporter declares it."
)


#: Exit status of a fault of nktrade's own, as sysexits.h has it for software.
FAULT = 70


class Commands(click.Group):
    """A group whose commands tell nktrade's own errors in one line, with exit status 2.

    Whatever else goes wrong is one line too: what the system refuses has exit status 1, a fault of
    nktrade's own 70 and a file that tells where it happened.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is one line on standard error."""
        warnings.showwarning = _tell_warning
        for stream in (sys.stdout, sys.stderr):  # what a terminal cannot show is spelled out
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        except NktradeError as error:
            _tell(str(error))
            ctx.exit(1 if isinstance(error, ServiceError) else 2)
        except KeyboardInterrupt:
            _tell("interrupted")
            ctx.exit(130)
        except MemoryError:
            _tell("there is not enough memory; ask for less at a time")
            ctx.exit(1)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader has gone: click ends quietly
                raise
            where = f"{error.filename}: " if error.filename else ""
            _drop_output()
            _tell(f"{where}the system refuses: {error.strerror or type(error).__name__}")
            ctx.exit(1)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            _tell(_report(error))
            ctx.exit(FAULT)
        return result


def _tell(text: str) -> None:
    """Write one line to standard error."""
    with suppress(OSError):
        tell(f"nktrade: {' '.join(text.split())}", err=True)


def _report(error: Exception) -> str:
    """Write where a fault happened into a file, and say so in a line."""
    home = str(Path.home()) if "HOME" in os.environ else ""
    lines = "".join(traceback.format_exception(error))
    text = (
        f"nktrade {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n"
        f"command: {' '.join(sys.argv[1:])}\n\n{lines}"
    )
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    at = f" in {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    told = f"{type(error).__name__}{at}: {error}"[:200]
    try:
        number, name = tempfile.mkstemp(prefix="nktrade-fault-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text.replace(home, "~") if len(home) > 1 else text)
    except OSError:
        name = ""
    where = f"; where it happened stands in {name}, please send it" if name else ""
    return f"a fault of nktrade's own, nothing more was done; got {told}{where}"


def _drop_output() -> None:
    """Let what cannot be written go, so that Python does not try again as it ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stop_cleanly() -> None:
    """Let a call that is ended, or whose terminal is closed, leave nothing behind."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))


def _tell_warning(message, category, filename, lineno, file=None, line=None) -> None:
    _tell(f"warning: {message}")


def as_json_text(frame: Any) -> str:
    """Return a table as a JSON list of its rows."""
    return frame.to_json(orient="records", force_ascii=False, date_format="iso")


def print_frame(frame: Any, as_json: bool) -> None:
    """Print a table for a reader, or as JSON for a program."""
    if as_json:
        tell(spell_json(as_json_text(frame)))
    elif frame.empty:
        tell("nothing found", err=True)
    else:
        table = frame.to_string(
            index=False, max_colwidth=44, na_rep="", float_format=lambda number: f"{number:,.12g}"
        )
        tell(table)


def write_frame(frame: Any, file: Path) -> None:
    """Write a table as the file's ending says, whole or not at all."""
    check_choice("format", file.suffix, (".csv", ".parquet"), where=str(file))
    columns = [str(column) for column in frame.columns]
    refuse_foreign(file, lambda path: _read_columns(path) == columns)
    with replace_file(file) as part:
        if file.suffix == ".parquet":
            frame.to_parquet(part, index=False)
        else:
            defuse(frame).to_csv(part, index=False)


def _read_columns(path: Path) -> list[str]:
    """Return the columns of a table that was written here; ValueError if it is none."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_schema(path).names
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader([file.readline(1 << 16)]), [])


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    tell(spell_json(json.dumps(value, indent=1, ensure_ascii=False)))
