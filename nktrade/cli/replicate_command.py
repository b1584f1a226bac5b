"""``nktrade replicate``: what a page was made from and with, in one archive."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.files.terminal import tell


@click.command()
@click.argument("page")
@click.option(
    "--site",
    default="build/site",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the site.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The archive.  [default: PAGE.zip]")
@click.option("--with-data", is_flag=True, help="Put the files that the run read into it, too.")
def replicate(page: str, site: Path, out: Path | None, with_data: bool) -> None:
    """Write what somebody else needs to make PAGE again, as one ZIP archive.

    It holds the notebook, its parameters, the hashes of what it read (or the files), the versions
    of what it imported, and its outputs.
    """
    from nktrade.render.replication import pack_run

    tell(str(pack_run(site, page, out, with_data=with_data)))
