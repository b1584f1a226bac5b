"""What notebooks are about: goods, provinces, events and documents, and a page for each.

A subject is found in what a run shows: codes in its words ("HS 6704"), names of provinces, the
events drawn on its charts, the documents of the figures that it judges.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nktrade._paths import DATA
from nktrade.codes.geography import list_places
from nktrade.codes.names import label, list_names, list_words
from nktrade.published.documents import SHORT

#: How a page calls each kind of subject.
KINDS = {"good": "Good", "province": "Province of China", "event": "Event", "document": "Document"}
TOTALS = "Customs totals"

_CODES = re.compile(r"\bHS[\s\xa0](\d{2,8}(?:(?:, | and |, and )\d{2,8})*)")
_ASKED = re.compile(r"""\bhs\s*=\s*\[?["'](\d{2,8})["']""")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Subject:
    """A good, province, event or document; `words` are those by which a text names it."""

    kind: str
    key: str
    title: str
    words: str = ""
    lead: str = ""

    @property
    def href(self) -> str:
        """The name of its page in the site."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.key.lower()).strip("-")
        return f"{'hs' if self.kind == 'good' else self.kind}-{slug}.html"

    def entry(self) -> dict[str, str]:
        """Return what the page of a run says of it."""
        return {"kind": self.kind, "title": self.title, "href": self.href}


def find_subjects(
    cells: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any], figures: Iterable[str]
) -> list[dict[str, str]]:
    """Return what a notebook is about, as :class:`nktrade.render.furnishing.Furnishing` asks.

    Parameters
    ----------
    cells : sequence of mapping
        Of the source, or executed with their outputs.
    parameters : mapping
    figures : iterable of str
        Ids of the published figures that it judges.

    Examples
    --------
    >>> cell = {"cell_type": "markdown", "source": "Wigs (HS 6704) of Liaoning", "metadata": {}}
    >>> [one["href"] for one in find_subjects([cell], {}, ["kiep2023:85"])]
    ['hs-6704.html', 'province-21.html', 'document-kiep2023.html']
    """
    text = " ".join(" ".join(_read_texts(cells)).split())
    codes = {code for found in _CODES.findall(text) for code in re.findall(r"\d+", found)}
    codes |= set(_ASKED.findall(text))
    for name in ("hs", "codes"):
        asked = parameters.get(name) or []
        codes |= {str(code) for code in ([asked] if isinstance(asked, str) else asked)}
    publishers = {publisher_of(figure) for figure in figures}
    named = {name for name, short in SHORT.items() if short in text}
    found = [subject for code in sorted(codes) if (subject := find_good(code))]
    found += [one for one in list_provinces() if re.search(rf"\b{one.title}\b", text)]
    found += [one for one in list_events() if one.words in text]
    found += [document(name) for name in sorted((publishers | named) - {""})]
    return [subject.entry() for subject in found]


def _read_texts(cells: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for cell in cells:
        if "injected-parameters" in (cell.get("metadata") or {}).get("tags", []):
            continue
        yield "".join(cell.get("source", ""))
        for output in cell.get("outputs", []):
            yield "".join(output.get("text") or "")
            data = output.get("data") or {}
            for kind in ("text/html", "image/svg+xml", "text/plain"):
                if kind in data:
                    yield _TAG.sub(" ", "".join(data[kind]))
                    break


def spell_other_names(code: str) -> str:
    """Return a code's Chinese and Korean names.

    Examples
    --------
    >>> spell_other_names("6902")
    '耐火砖 / 내화벽돌'
    """
    said = [list_words()[language].get(code, "") for language in ("chinese", "korean")]
    return " / ".join(words.replace(";", ", ") for words in said if words)


@cache
def find_good(code: str) -> Subject | None:
    """Return the good of a code; None if no edition has its heading."""
    names = list_names()
    if len(code) % 2 or len(code) > 8 or code[:4] not in names:
        return None
    chapter = f"Part of {label(code[:2])}." if len(code) > 2 else ""
    others = spell_other_names(code)
    lead = " ".join(filter(None, (f"{others}." if others else "", chapter)))
    return Subject("good", code, label(code), lead=lead)


@cache
def list_provinces() -> tuple[Subject, ...]:
    """Return China's provinces."""
    return tuple(
        Subject("province", code, name, lead="The province whose firms trade, not the crossing.")
        for code, name in list_places("province").items()
    )


@cache
def list_events() -> tuple[Subject, ...]:
    """Return the events that charts mark."""
    with open(DATA / "published" / "events.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["mark"] == "yes" and row["label"]]
    return tuple(
        Subject(
            "event",
            f"{row['date']} {row['label']}",
            f"{row['label'][:1].upper()}{row['label'][1:]}",
            words=row["label"],
            lead=f"{row['date']}: {row['event']}. {row['confidence'].capitalize()}: "
            f"{row['source']}",
        )
        for row in rows
    )


@cache
def document(publisher: str) -> Subject:
    """Return the document of a publisher of figures."""
    return Subject("document", publisher, shorten(publisher))


def shorten(publisher: str) -> str:
    """Return the short name by which readers quote a document; any other publisher as it is."""
    return SHORT.get(publisher, publisher)


@cache
def _publishers() -> dict[str, str]:
    """Return the publisher of every fact, by its id."""
    with open(DATA / "published" / "facts.csv", encoding="utf-8", newline="") as file:
        return {row["id"]: row["publisher"] for row in csv.DictReader(file)}


def publisher_of(figure: str) -> str:
    """Return who published a figure, by its id; empty for an id that is nobody's.

    Examples
    --------
    >>> publisher_of("kiep2023:85"), publisher_of("reported:7"), publisher_of("x:1")
    ('kiep2023', 'Customs totals', '')
    """
    where = figure.partition(":")[0]
    if where == "reported":
        return TOTALS
    return where if where in SHORT else _publishers().get(figure, "")


def gather_subjects(
    runs: Sequence[Mapping[str, Any]], figures: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return each subject that any run touches, with the pages and figures about it.

    Parameters
    ----------
    runs : sequence of mapping
        With `subjects`, `title`, `page`, `finding`, `question`.
    figures : sequence of mapping
        As `site_contents.list_figures` returns them.

    Returns
    -------
    list of dict
        As :func:`nktrade.site.subject.lay_subject` reads them, by kind and key.
    """
    touched: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        for one in run["subjects"]:
            touched.setdefault(one["href"], []).append(run)
    codes = [href.removeprefix("hs-").removesuffix(".html") for href in touched]
    found = [good for code in sorted(codes) if code.isdigit() and (good := find_good(code))]
    publishers = {*_publishers().values(), *SHORT, TOTALS}
    named = [*list_provinces(), *list_events(), *map(document, publishers)]
    found += [one for one in named if one.href in touched]
    order = list(KINDS)
    found.sort(key=lambda one: (order.index(one.kind), one.key))
    return [
        {
            "kind": KINDS[one.kind],
            "title": one.title,
            "lead": one.lead,
            "href": one.href,
            "pages": touched[one.href],
            "figures": [figure for figure in figures if _concerns(figure, one)],
            "within": [
                other.entry()
                for other in found
                if one.kind == other.kind == "good"
                and other.key != one.key
                and (other.key.startswith(one.key) or one.key.startswith(other.key))
            ],
        }
        for one in found
    ]


def _concerns(figure: Mapping[str, Any], subject: Subject) -> bool:
    """Say whether a published figure is about a subject, or part of it."""
    if subject.kind == "good":
        return any(code.startswith(subject.key) for code in figure["code"].split())
    if subject.kind == "province":
        return subject.key in figure["provinces"].split()
    if subject.kind == "document":
        return figure["publisher"] == subject.key
    return False
