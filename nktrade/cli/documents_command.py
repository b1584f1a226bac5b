"""``nktrade documents``: the published figures and the audit of their arithmetic."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.cli.common import JSON, print_frame, write_frame
from nktrade.errors import count_of
from nktrade.files.terminal import tell

#: What of a figure fits on a terminal; files and JSON have every column.
_READ = ["id", "flow", "measure", "period", "label", "value", "unit", "reading", "honoured"]


@click.command()
@click.option("--audit", is_flag=True, help="Check the figures' arithmetic instead.")
@click.option("--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write here.")
@JSON
def documents(audit: bool, file: Path | None, as_json: bool) -> None:
    """Every published figure, one row a number: documents, totals, facts; and the audit.

    Flows are as China's customs declares them: its exports are North Korea's imports. The audit,
    of the three documents, has one row a check: consistent, inconsistent (with what was likely
    meant), suspect, or a gap between a total and its parts.
    """
    from nktrade.published import load_figures

    if audit:
        _audit(file, as_json)
        return
    figures = load_figures().reset_index()
    if file is None:
        print_frame(figures if as_json else figures[_READ], as_json)
        return
    write_frame(figures, file)
    tell(f"{count_of(len(figures), 'figures')} in {file}")


def _audit(file: Path | None, as_json: bool) -> None:
    from nktrade.published.audit import COLUMNS, VERDICTS, audit_documents

    checks = audit_documents()[list(COLUMNS)]
    counts = checks["verdict"].value_counts()
    told = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
    if file is not None:
        write_frame(checks, file)
        tell(f"{count_of(len(checks), 'checks')} in {file}: {told}")
        return
    print_frame(checks, as_json)
    tell(f"{count_of(len(checks), 'checks')}: {told}", err=True)
