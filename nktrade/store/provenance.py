"""Where rows came from, for a chart's caption and a page's record."""

from __future__ import annotations

from dataclasses import dataclass

from nktrade.errors import count_of


@dataclass(frozen=True)
class Provenance:
    """Where rows came from.

    Attributes
    ----------
    name : str
        "default" or the store's folder.
    files : dict
        Name of each file to its sha256.
    status : {"estimated", "reported"}
    rows : int
    first, last : str
        Months as ``"2017-01"``.
    partners, flows, currencies : tuple of str

    Examples
    --------
    >>> from nktrade.store import describe
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     describe(store).caption()
    'China customs downloads (reported): first.csv, later.csv, bulletin.csv'
    """

    name: str
    files: dict[str, str]
    status: str
    rows: int
    first: str
    last: str
    partners: tuple[str, ...]
    flows: tuple[str, ...]
    currencies: tuple[str, ...]
    publisher: str = "China customs"

    def caption(self) -> str:
        """Return one line for under a chart: source and status."""
        if self.status == "estimated":
            return "nktrade reconstruction of China customs data (estimated)"
        names = list(self.files)
        shown = ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more"
        plural = "s" if len(names) > 1 else ""
        return f"{self.publisher} download{plural} ({self.status}): {shown}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """Show the provenance in a notebook, and leave it readable for whoever renders it."""
        from html import escape

        files = "".join(
            f"<tr><td>{escape(name)}</td><td><code>{sha}</code></td></tr>"
            for name, sha in self.files.items()
        )
        rows = count_of(self.rows, "rows")
        html = (
            f'<table class="nktrade-provenance"><caption>{escape(self.caption())}; '
            f"{rows}, {self.first} to {self.last}, {', '.join(self.currencies)}"
            '</caption><thead><tr><th scope="col">file</th><th scope="col">sha256</th></tr>'
            f"</thead><tbody>{files}</tbody></table>"
        )
        return {
            "text/plain": f"{self.caption()}; {rows}, {self.first} to {self.last}",
            "text/html": html,
            "application/vnd.nktrade+json": {"data": dict(self.files), "status": self.status},
        }
