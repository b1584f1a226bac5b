"""The ledger of a site: what each run depended on and how it ended, written the moment it ends.

It lies in the site's hidden folder ``.nktrade`` and answers one question: does the page that is
there still hold? It does while nothing that decides it has changed: the notebook's code, the
parameters, what the run read, the packages it imported, nktrade's source and data. A run that
failed never holds, nor does one that did what cannot be observed, unless ``site.yml`` declares
what it depends on.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.files.writing import replace_text
from nktrade.render.catalogue import Declared, read_notebook
from nktrade.render.cells import list_named, read_source, tags_of, words_of
from nktrade.render.fingerprints import Hashes, digest, hash_machine
from nktrade.render.folder import FOLDER, OWNER, SiteFiles, find_owner, read_lines
from nktrade.render.modules import MISSING, find_hiding, is_there
from nktrade.render.outcome import Facts
from nktrade.render.parameters import check_values
from nktrade.render.plan import Run, name_pages
from nktrade.render.privacy import fold_home
from nktrade.render.run import Outcome, Settings
from nktrade.render.values import freeze_named, thaw

#: Tags of a cell that decide what is executed; any other only decides how the page looks.
_EXECUTION_TAGS = {"parameters", "injected-parameters", "raises-exception", "skip-execution"}

#: What an entry tells of a run, and as what. One that tells less, or other things, is another
#: version's or was changed by somebody, and its run is repeated.
KEPT: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("slug", "identity", "path", "where", "part", "label", "code", "page"), str),
    **dict.fromkeys(("notebook_out", "html", "status", "ended"), str),
    **dict.fromkeys(("parameters", "reads", "own", "timings", "facts"), dict),
    **dict.fromkeys(("after", "writes", "unseen"), list),
    **{"home": bool, "declared": (dict, type(None)), "seconds": (int, float)},
}

HOLDS, PAGE_CHANGED, CHANGED = "holds", "page changed", "changed"


@dataclass(frozen=True)
class Keys:
    """What decides a run: `code` its outputs, `page` how they are shown."""

    code: str
    page: str


@dataclass(frozen=True)
class Todo:
    """What a render does with runs of its plan, by the run's place there.

    Attributes
    ----------
    keys : dict of int to Keys
    held : dict of int to Outcome
        Nothing: the page holds.
    pages : dict of int to Outcome
        Write the page anew.
    changed : dict of int to Run
        Run the notebook.
    expected : dict of int to float or None
        Seconds that each run to be executed took the last time, if there was one.
    """

    keys: dict[int, Keys]
    held: dict[int, Outcome]
    pages: dict[int, Outcome]
    changed: dict[int, Run]
    expected: dict[int, float | None]


class Ledger:
    """What is known of the runs in a site's folder.

    Parameters
    ----------
    settings : Settings
        Their `out` is the site's folder.
    """

    def __init__(self, settings: Settings) -> None:
        self.out, self.hide_code = settings.out, settings.hide_code
        self._frame = settings.frame
        self.folder = settings.out / FOLDER
        self.folder.mkdir(exist_ok=True)
        self._path = self.folder / "ledger.jsonl"
        self.entries = {line["slug"]: line for line in read_lines(self._path) if _is_entry(line)}
        hashes = next(read_lines(self.folder / "hashes.json"), {})
        self.hashes = Hashes(hashes)
        self.files = SiteFiles(settings.out, self.hashes)
        self._source, self._machine = self.hashes.package(), hash_machine()
        self._site = self.hashes.site()
        self.sources = (self._source, self._site)  # of nktrade itself
        self._hiding = cache(find_hiding)
        kept = next(read_lines(self.folder / "subjects.json"), {})
        #: What notebooks are about, which this source of nktrade's found, as `lay_ways` keeps it.
        self.subjects: dict[str, list] = kept.get(self._source, {})

    def place(self, runs: Sequence[Run]) -> list[Run]:
        """Give every run its own page, the one that it had if it had one.

        Raises
        ------
        InputError
            The site belongs to another collection.
        """
        home = next((run.home for run in runs if run.home), None)
        if home is not None:
            self._claim_for(home)
        taken = {entry["identity"]: slug for slug, entry in self.entries.items()}
        return name_pages(runs, taken)

    def _claim_for(self, home: Path) -> None:
        """See that the site is this collection's: here, or wherever it was moved from."""
        path = self.folder / OWNER
        owner = next(read_lines(path), None)
        mine = {
            "folder": str(home),
            "beside": os.path.relpath(home, self.out),
            "content": self._describe(home),
        }
        if owner and not any(owner.get(key) == value for key, value in mine.items()):
            raise InputError(
                "the site there is another collection's",
                where=str(self.out),
                expected=str(owner.get("folder")),
                got=str(home),
                hint="Name another folder with --out.",
            )
        replace_text(path, fold_home(json.dumps(mine)) + "\n")

    def _describe(self, home: Path) -> str:
        files = [*sorted(home.glob("*.ipynb")), *sorted(home.glob("*.yml"))]
        return digest(f"{file.name} {self.hashes.file(file)}" for file in files)

    def keys(self, run: Run) -> Keys:
        """Compute what decides a run now."""
        if run.notebook.problem:
            return Keys("", "")
        source = read_source(run.notebook.path)
        cells = source["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        sources = [cell["source"] for cell in code]
        tags = [sorted(_EXECUTION_TAGS & set(tags_of(cell))) for cell in code]
        kernel = source["metadata"].get("kernelspec")
        declared = asdict(run.declared) if run.declared else None
        values = {name: os.environ.get(name) for name in (run.declared.env if run.declared else ())}
        hiding = self._hiding(run.notebook.path.parent)
        parts = [sources, tags, freeze_named(run.parameters), kernel, declared, values, hiding]
        key = digest([json.dumps(parts, sort_keys=True), self._source, self._machine])
        named = list_named(words_of(source))
        home, own = run.notebook.path.parent, self._find_own(run)
        beside = [os.path.abspath(os.path.join(home, name)) for name in named]
        # What a run made itself is as it was when the page was written.
        shown = [self.hashes.file(p) for p in beside if not (os.path.isdir(p) or p in own)]
        look = [cells, shown, run.label, self.hide_code, run.way, self._frame]
        return Keys(key, digest([key, json.dumps(look, sort_keys=True), self._site]))

    def sort_out(
        self, runs: Mapping[int, Run], asked: Collection[int], force: bool = False
    ) -> Todo:
        """Say what is to be done with each run, by its place; `asked` are those asked for.

        With `force` those are repeated, whatever holds.
        """
        keys = {n: self.keys(run) for n, run in runs.items()}
        found = {n: self.judge(run, keys[n], n in asked) for n, run in runs.items()}
        if force:
            found |= {n: CHANGED for n in runs if n in asked}
        expected = {n: self.expected_seconds(runs[n]) for n in runs if found[n] == CHANGED}
        # The longest first, so that none runs alone at the end; before them those never timed.
        order = sorted(expected, key=lambda n: -(expected[n] or float("inf")))
        return Todo(
            keys,
            held={n: self.recall(runs[n]) for n in runs if found[n] == HOLDS},
            pages={n: self.recall(runs[n]) for n in runs if found[n] == PAGE_CHANGED},
            changed={n: runs[n] for n in order},
            expected=expected,
        )

    def judge(self, run: Run, keys: Keys, asked: bool = True) -> str:
        """Say whether a run's page holds, is to be written anew, or the run is to be repeated.

        What was not fully observed holds only while nobody asks for it: it is then a page of its
        day, and says so.
        """
        entry = self.entries.get(run.slug)
        if entry is None or entry["status"] != "ok" or entry["code"] != keys.code:
            return CHANGED
        if asked and (self._may_have_changed(run, entry) or self._has_lost(run, entry)):
            return CHANGED
        home = run.notebook.path.parent
        for name, sha256 in entry["reads"].items():
            if name.startswith(MISSING):
                if is_there(name.removeprefix(MISSING), str(home)):
                    return CHANGED
            elif self.hashes.file(os.path.join(home, name)) != sha256:
                return CHANGED
        if self.hashes.file(self.out / run.notebook_out) != entry["notebook_out"]:
            return CHANGED
        if entry["page"] != keys.page or self.hashes.file(self.out / run.page) != entry["html"]:
            # Another run may have written over what this one made and shows: laid out again the
            # page would show the other's. It is right as it is, while nobody asks for it.
            own = self._find_own(run)
            if any(self.hashes.file(path) != sha256 for path, sha256 in own.items()):
                return CHANGED if asked else HOLDS
            return PAGE_CHANGED
        return HOLDS

    def _may_have_changed(self, run: Run, entry: dict) -> bool:
        """Say whether a run could come out otherwise though nothing that was seen has changed."""
        declared = run.declared
        if declared is None:
            return bool(entry["unseen"])
        age = time.time() - datetime.fromisoformat(entry["ended"]).timestamp()
        return declared.always or (declared.max_age is not None and age > declared.max_age)

    def _has_lost(self, run: Run, entry: dict) -> bool:
        """Say whether a file that the run wrote, and another reads, is there no more."""
        then, home = os.path.dirname(entry["path"]), run.notebook.path.parent
        for path in entry["writes"]:
            name = os.path.relpath(path, then) if path.startswith(f"{then}{os.sep}") else path
            if not os.path.lexists(home / name):
                others = [e for e in self.entries.values() if e is not entry]
                if any(other["reads"].get(name) for other in others):
                    return True
        return False

    def _find_own(self, run: Run) -> dict[str, str]:
        """Return what a run made and used itself, wherever the collection lies now."""
        home, own = run.notebook.path.parent, self.entries.get(run.slug, {}).get("own", {})
        return {os.path.abspath(os.path.join(home, name)): own[name] for name in own}

    def recall(self, run: Run) -> Outcome:
        """Return the outcome that is recorded of a run."""
        entry = self.entries[run.slug]
        outcome = Outcome(run, "cached", facts=Facts(**entry["facts"]), ended=entry["ended"])
        outcome.reads, outcome.unseen = entry["reads"], entry["unseen"]
        outcome.writes, outcome.own = entry["writes"], self._find_own(run)
        outcome.timings = dict.fromkeys(entry["timings"], 0.0)
        return outcome

    def record(self, run: Run, keys: Keys, outcome: Outcome) -> None:
        """Write down how a run ended; from here on an interrupted batch knows of it."""
        earlier, home = self.entries.get(run.slug, {}), run.notebook.path.parent
        ran = outcome.status != "cached"
        entry = {
            "slug": run.slug,
            "identity": run.identity,
            "path": str(run.notebook.path),
            "where": run.where,
            "home": run.home is not None,
            "after": run.after,
            "declared": asdict(run.declared) if run.declared else None,
            "parameters": freeze_named(run.parameters),
            "part": run.part,
            "label": run.label,
            "code": keys.code,
            "page": keys.page,
            "reads": outcome.reads,
            "writes": outcome.writes,
            "own": {os.path.relpath(path, home): own for path, own in outcome.own.items()},
            "unseen": outcome.unseen,
            "notebook_out": self.hashes.file(self.out / run.notebook_out),
            "html": self.hashes.file(self.out / run.page),
            "status": outcome.status if ran else "ok",
            "seconds": outcome.seconds if ran else earlier.get("seconds", 0.0),
            "timings": outcome.timings if ran else earlier.get("timings", {}),
            "ended": outcome.ended,
            "facts": asdict(outcome.facts),
        }
        self.entries[run.slug] = entry
        if outcome.own:
            entry["page"] = self.keys(run).page
        self.files.wrote(run.files)
        with self._path.open("a", encoding="utf-8") as file:
            # On a line of its own, even after one that a crash has torn.
            file.write(f"\n{fold_home(json.dumps(entry))}\n")

    def expected_seconds(self, run: Run) -> float | None:
        """Return how long a run took the last time, or one of the same notebook."""
        entry = self.entries.get(run.slug)
        same = [e["seconds"] for e in self.entries.values() if e["path"] == str(run.notebook.path)]
        return entry["seconds"] if entry else max(same, default=None)

    def failed(self, run: Run) -> bool:
        """Say whether a run failed the last time."""
        return self.entries.get(run.slug, {}).get("status") == "failed"

    def other_runs(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs besides these whose outputs still hold."""
        slugs = {run.slug for run in runs}
        home = next((run.home for run in runs if run.home), None)
        if home is None:
            home = find_owner(self.out)
        others = [
            _rebuild(entry, home) for slug, entry in self.entries.items() if slug not in slugs
        ]
        kept = [run for run in others if run]
        return [run for run in kept if self.judge(run, self.keys(run), False) != CHANGED]

    def close(self, shown: Sequence[Run], beside: Iterable[str] = ()) -> None:
        """Remove what the site does not show, and remember the hashes of what was read.

        `beside` are files of the site that are no run's.

        Failures outside the plan are not shown, but remembered: they can still be retried.
        """
        slugs = {run.slug for run in shown}
        names = [name for run in shown for name in run.files]
        names += [*SITE_FILES, *beside]
        self.files.wrote(names)
        self.files.keep_only(names)
        kept = [self.entries[run.slug] | {"part": run.part, "label": run.label} for run in shown]
        others = [entry for slug, entry in self.entries.items() if slug not in slugs]
        kept += [entry for entry in others if entry["status"] == "failed"]
        replace_text(self._path, fold_home("".join(f"{json.dumps(entry)}\n" for entry in kept)))
        notes = {"hashes": self.hashes.remembered, "subjects": {self._source: self.subjects}}
        with suppress(InputError):  # a full disk: what is not remembered is read again
            for name, value in notes.items():
                replace_text(self.folder / f"{name}.json", fold_home(json.dumps(value)) + "\n")


#: What a site has beside its pages.
SITE_FILES = ("index.html", "runs.json", "search.html", "feed.xml")


def lock_site(out: Path) -> Any:
    """Return the lock of a site's folder, held: one render writes there at a time.

    Raises
    ------
    InputError
        Another one does.
    """
    from filelock import FileLock, Timeout

    (out / FOLDER).mkdir(exist_ok=True)
    lock = FileLock(out / FOLDER / "site.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(
            "another render is writing there",
            where=str(out),
            hint="Wait for it, or name another folder with --out.",
        ) from None
    return lock


def _is_entry(line: dict) -> bool:
    """Say whether a line of the ledger can be taken for an entry."""
    if not all(name in line and isinstance(line[name], kind) for name, kind in KEPT.items()):
        return False
    facts, usual = line["facts"], asdict(Facts())
    if not all(isinstance(value, type(usual.get(name))) for name, value in facts.items()):
        return False
    if line["declared"] is not None and set(line["declared"]) != set(asdict(Declared())):
        return False
    texts = [*line["after"], *line["writes"], *line["unseen"], *line["own"].values()]
    with suppress(ValueError):
        whole = datetime.fromisoformat(line["ended"]).tzinfo and line["slug"] not in ("", "..")
        return (
            bool(whole)
            and not {"/", "\0"} & set(line["slug"])
            and all(isinstance(t, str) for t in texts)
        )
    return False


def _rebuild(entry: dict, home: Path | None) -> Run | None:
    """Make the run of an entry; None if its notebook no longer takes such parameters."""
    inside = home if entry["home"] else None
    try:
        path = inside / entry["where"] if inside else Path(entry["path"])
        notebook = read_notebook(path)
        if set(entry["parameters"]) != set(notebook.defaults):
            return None
        parameters = check_values(notebook.parameters, thaw(entry["parameters"]), "ledger")
    except InputError:
        return None
    told = entry["declared"]
    declared = (
        Declared(**{**told, "inputs": tuple(told["inputs"]), "env": tuple(told["env"])})
        if told
        else None
    )
    part, label, slug = entry["part"], entry["label"], entry["slug"]
    after = tuple(entry["after"])
    return Run(notebook, parameters, part, label, slug, inside, after, declared)
