"""What a worker needs at its first run, done once: workers are forked from where this was imported.

The process that forks them can only be told what to import, and so the import of this module lays
a page: libraries are imported, templates, patterns and the schema of notebooks compiled.
"""

from __future__ import annotations

import tempfile
import warnings
from base64 import b64encode
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from nktrade.render.catalogue import Notebook
from nktrade.render.modules import find_record
from nktrade.render.outcome import read_facts
from nktrade.render.plan import Run
from nktrade.render.run import Outcome


def lay_first_page() -> None:
    """Lay a page of an example, which is thrown away."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
    from PIL import Image

    from nktrade.site.carried import Beside
    from nktrade.site.page import write_page

    picture = BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    table = "<table><thead><tr><th>a</th></tr></thead><tr><td>1 &amp; 2</td></tr></table>"
    shown = {
        "text/html": table,
        "image/svg+xml": '<svg><path d="M0 0"/></svg>',
        "image/png": b64encode(picture.getvalue()).decode(),
    }
    outputs = [new_output("display_data", {kind: content}) for kind, content in shown.items()]
    cells = [new_markdown_cell("# A\n\n- *b*"), new_code_cell("import os", outputs=outputs)]
    node = nbformat.reads(nbformat.writes(new_notebook(cells=cells)), as_version=4)
    find_record(nbformat.__file__)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run = Run(Notebook(home / "a.ipynb", "A", "", []), {}, "", "", "a")
        write_page(
            node, Outcome(run, "ok", facts=read_facts(cells)).entry(), home, beside=Beside(home)
        )


with suppress(Exception), warnings.catch_warnings():  # the first run will tell what is wrong
    warnings.simplefilter("ignore")
    lay_first_page()
