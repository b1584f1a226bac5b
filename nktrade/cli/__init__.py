"""The command line: the one room that knows everybody.

Results go to standard output, progress and messages to standard error. Exit status: 0 all good,
1 something ran and failed, 2 the call or the input was wrong (nothing was run or changed), 70 a
fault of nktrade's own.
Whatever a command needs is imported inside it: ``nktrade --help`` stays quick.
"""

from __future__ import annotations

from pathlib import Path

import click

from nktrade._version import __version__
from nktrade.cli.bounds_command import bounds
from nktrade.cli.common import Commands
from nktrade.cli.data_command import data
from nktrade.cli.documents_command import documents
from nktrade.cli.hs_command import hs
from nktrade.cli.render_command import list_notebooks, render
from nktrade.cli.replicate_command import replicate
from nktrade.cli.serve_command import serve
from nktrade.cli.teach_command import teach
from nktrade.files.terminal import tell


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="nktrade %(version)s")
def main() -> None:
    """North Korea's trade, read in the mirror of its partners' customs statistics."""


@main.command()
@click.argument("name")
@click.option(
    "--like",
    default="good",
    show_default=True,
    help="Its shape: good, basket, provinces, event or two-countries.",
)
@click.option("--part", help="Name it in the site.yml beside it, in this part.")
def new(name: str, like: str, part: str | None) -> None:
    """Write NAME.ipynb here: a notebook with every room, which runs as it is.

    With --part an existing notebook is only named in the catalogue.
    """
    import shlex

    from nktrade.render.skeleton import add_to_catalogue, write_skeleton

    path = Path(name).with_suffix(".ipynb") if Path(name).name else Path(name)
    if part is None or not path.is_file():
        path = write_skeleton(Path(name), like)
    if part is not None:
        tell(f"{path.stem} is named in {add_to_catalogue(path, part)}, part {part!r}")
    tell(f"{path} is ready; run it with: nktrade render {shlex.quote(str(path))}")


for command in (list_notebooks, render, data, hs, documents, bounds, serve, replicate, teach):
    main.add_command(command)
