"""What the commands share: options, errors told in one line, results as a table or as JSON."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import click

from nktrade.errors import NktradeError, ServiceError, check_choice
from nktrade.writing import replace_file

JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
STORE = click.option(
    "--store",
    type=click.Path(path_type=Path),
    default="nktrade-store",
    show_default=True,
    help="Folder of the imported data.",
)

FLOW = click.option(
    "--flow", type=click.Choice(["import", "export"]), help="As the reporter declares it."
)


class Commands(click.Group):
    """A group whose commands tell nktrade's own errors in one line, with exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is one line on standard error."""
        warnings.showwarning = _tell_warning
        try:
            return super().invoke(ctx)
        except NktradeError as error:
            click.echo(f"nktrade: {error}", err=True)
            ctx.exit(1 if isinstance(error, ServiceError) else 2)
        except KeyboardInterrupt:
            click.echo("nktrade: interrupted", err=True)
            ctx.exit(130)


def _tell_warning(message, category, filename, lineno, file=None, line=None) -> None:
    click.echo(f"nktrade: warning: {message}", err=True)


def as_json_text(frame: Any) -> str:
    """Return a table as a JSON list of its rows."""
    return frame.to_json(orient="records", force_ascii=False, date_format="iso")


def print_frame(frame: Any, as_json: bool) -> None:
    """Print a table for a reader, or as JSON for a program."""
    if as_json:
        click.echo(as_json_text(frame))
    elif frame.empty:
        click.echo("nothing found", err=True)
    else:
        table = frame.to_string(
            index=False, max_colwidth=44, na_rep="", float_format=lambda number: f"{number:,.12g}"
        )
        click.echo(table)


def write_frame(frame: Any, file: Path) -> None:
    """Write a table as the file's ending says, whole or not at all."""
    check_choice("format", file.suffix, (".csv", ".parquet"), where=str(file))
    with replace_file(file) as part:
        if file.suffix == ".parquet":
            frame.to_parquet(part, index=False)
        else:
            frame.to_csv(part, index=False)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))
