"""A page for one subject: which pages touch it, and every published figure of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nktrade.site.shell import render_template


def lay_subject(
    subject: Mapping[str, Any],
    frame: Mapping[str, Any] | None = None,
    way: Mapping[str, Any] | None = None,
) -> str:
    """Return the page of a good, a province, an event or a document.

    Parameters
    ----------
    subject : mapping
        `kind` and `title`, `lead` (a sentence), `pages` (runs with title, label, page, question
        and finding), `figures` (as :func:`nktrade.site.figure_ledger.lay_ledger` reads them, with
        `anchor`) and `within` (like subjects, as title and href).
    frame, way : mapping, optional
        As :func:`nktrade.site.shell.render_template`.
    """
    return render_template(
        "subject.html.j2",
        frame,
        way,
        title=subject["title"],
        subject=subject,
        scripts=["tables.js"],
    )
