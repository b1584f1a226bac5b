"""The ledger: every published figure on one page, to be filtered, opened, linked to and cited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from nktrade.site.shell import render_template
from nktrade.site.text import VERDICTS, spell_agreement

#: What a row may say of a figure when it is opened, and how the page calls it.
DETAILS = {
    "quote": "As printed",
    "meaning": "Taken as",
    "reading": "Read as",
    "reason": "Why",
    "computed": "Computed",
    "predicted": "Left out and predicted",
    "support": "Support",
    "address": "Source",
    "note": "Note",
}
#: What rows can be filtered by, with the words of an empty choice.
FILTERS = {
    "document": "any document",
    "page": "any page",
    "good": "any good",
    "year": "any year",
    "verdict": "any verdict",
}


def lay_ledger(
    figures: Iterable[Mapping[str, Any]],
    titles: Mapping[str, str],
    frame: Mapping[str, Any] | None = None,
    way: Mapping[str, Any] | None = None,
) -> str:
    """Return the page of all published figures, ``ledger.html``.

    What is read first stands in the page's rows; what a row opens to is kept as data, from which
    the page's script takes it, so that the page stays light.

    Parameters
    ----------
    figures : iterable of mapping
        One for each figure, in the order to show them: `id` (stable), `anchor` (of it), `what`
        (good and flow in words), `period`, `printed` (digits, qualifier and unit as printed),
        `document`, `place` (page or date), `good`, `year`, `verdict`, `pages` (addresses of the
        pages that judge it), and what of `DETAILS` is known.
    titles : mapping
        Title of each page that `pages` names.
    frame, way : mapping, optional
        As :func:`nktrade.site.shell.render_template`.
    """
    rows = list(figures)
    choices = {
        name: sorted({str(row[name]) for row in rows if row.get(name)})
        for name in FILTERS
        if name != "page"
    }
    choices["page"] = [page for page in titles if any(page in row["pages"] for row in rows)]
    names = list(DETAILS)
    kept = {
        "details": list(DETAILS.values()),
        "documents": choices["document"],
        "goods": choices["good"],
        "pages": [[page, titles[page]] for page in choices["page"]],
        "rows": [
            [
                choices["document"].index(row["document"]),
                choices["good"].index(row["good"]) if row["good"] else -1,
                row["year"],
                [choices["page"].index(page) for page in row["pages"]],
                *[row.get(name, "") for name in names],
            ]
            for row in rows
        ],
    }
    return render_template(
        "ledger.html.j2",
        frame,
        way,
        title="Published figures",
        description="Every published figure on this trade, as printed, with what is made of it",
        rows=rows,
        kept=kept,
        titles=titles,
        filters=FILTERS,
        choices=choices,
        told=_spell_verdicts(rows),
        scripts=["ledger.js"],
    )


def _spell_verdicts(rows: Iterable[Mapping[str, Any]]) -> str:
    """Say how many figures have which verdict, and how many no page judges."""
    counts = Counter(row.get("verdict") for row in rows)
    told = {name: counts[word] for name, word in VERDICTS.items()}
    unjudged = counts.total() - sum(told.values())
    rest = f"; {unjudged} more are judged by no page" if unjudged else ""
    return f"{spell_agreement(told)}{rest}" if any(told.values()) else ""


def name_anchor(figure: str) -> str:
    """Return the anchor of a figure on the ledger's page; it is kept for good.

    Examples
    --------
    >>> name_anchor("kiep2023:85"), name_anchor("facts:2017-01..2017-03 coal")
    ('kiep2023-85', 'facts-2017-01-2017-03-coal')
    """
    words = re.split(r"[:\s]+|\.\.+", figure)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(word for word in words if word))
