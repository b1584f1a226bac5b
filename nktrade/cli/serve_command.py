"""``nktrade serve``: a site on this machine, for this machine."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.files.terminal import tell


@click.command()
@click.argument("folder", default="build/site", type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(folder: Path, port: int) -> None:
    """Serve the site in DIR to browsers of this machine, until interrupted.

    Nobody else can reach it. A port of 0 takes any that is free.
    """
    from nktrade.cli.serving import open_server
    from nktrade.errors import InputError

    if not (folder / "index.html").is_file():
        raise InputError(
            "there is no site to serve",
            where=str(folder),
            expected="a folder with index.html",
            hint="Make one with: nktrade render",
        )
    try:
        server = open_server(folder, port)
    except OSError as error:
        raise InputError(
            "the port cannot be used",
            got=f"{port}: {error.strerror or error}",
            hint="Name another with --port, or 0 for any.",
        ) from None
    with server:
        tell(f"http://127.0.0.1:{server.server_port}/index.html")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            tell("ended", err=True)
