"""``nktrade teach``: a course from the lessons and the collection."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.errors import count_of
from nktrade.files.terminal import tell


@click.command()
@click.argument("lessons", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write (build/course, build/browser); new, empty, or written before.",
)
@click.option("--browser", is_flag=True, help="Pages that run Python, for any static host.")
@click.option("--engine", default="wasi", show_default=True, help="Of the pages: wasi or pyodide.")
@click.option(
    "--parts",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/parts"),
    show_default=True,
    help="Where the engine's parts were downloaded to.",
)
def teach(
    lessons: tuple[str, ...], out: Path | None, browser: bool, engine: str, parts: Path
) -> None:
    """Write student, solution and slide versions of LESSONS (by default all), and a guide.

    With --browser write pages instead, in which the lessons run and check themselves.
    """
    if browser:
        from nktrade.teach.browser import write_browser

        out = out or Path("build/browser")
        pages = write_browser(out, parts, engine, lessons)
        size = sum(page.stat().st_size for page in pages) / 1e6
        told = count_of(len(pages), "files")
        tell(f"{told}, {size:.0f} MB; look at them with: nktrade serve {out}")
        return
    from nktrade.teach.course import write_course

    out = out or Path("build/course")
    files = write_course(out, lessons, tell=lambda line: tell(line, err=True))
    tell(f"{count_of(len(files), 'files')}; the class begins at {out / 'index.html'}")
