"""``nktrade teach``: a course from the lessons and the collection."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("lessons", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/course"),
    show_default=True,
    help="The folder to write; new, empty, or a course written before.",
)
def teach(lessons: tuple[str, ...], out: Path) -> None:
    """Write student, solution and slide versions of LESSONS (by default all), and a guide."""
    from nktrade.teach.course import write_course

    files = write_course(out, lessons, tell=lambda line: click.echo(line, err=True))
    click.echo(f"{len(files)} files; the class begins at {out / 'index.html'}")
