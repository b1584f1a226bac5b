"""A server of a site's files for this machine alone."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class SiteHandler(SimpleHTTPRequestHandler):
    """Gives the site's files, never a hidden one, and never a folder's list."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".ipynb": "application/json"}

    def send_head(self):
        """Answer with a file, or that there is none."""
        path = Path(self.translate_path(self.path))
        root = Path(self.directory).resolve()
        inside = path.resolve()
        hidden = any(part.startswith(".") for part in path.relative_to(self.directory).parts)
        if hidden or not inside.is_relative_to(root) or (path.is_dir() and path != root):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path):
        """Show no folder's list."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self):
        """Let browsers ask again each time, and take each file for what it is named."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format, *args):
        """Say nothing: the terminal is the reader's."""


def open_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder on 127.0.0.1.

    Raises
    ------
    OSError
        The port is taken or not allowed.
    """
    handler = partial(SiteHandler, directory=str(folder.resolve()))
    return ThreadingHTTPServer(("127.0.0.1", port), handler)
