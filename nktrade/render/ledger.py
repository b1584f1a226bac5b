"""The ledger of a site: what each run depended on and how it ended, written the moment it ends.

It lies in the site's hidden folder ``.nktrade`` and answers one question: does the page that is
there still hold? It does while nothing that decides it has changed: the notebook's code, the
parameters, what the run read, nktrade's source and data, the versions installed. A run that
failed never holds.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.render.catalogue import read_notebook
from nktrade.render.fingerprints import Hashes, digest, hash_versions
from nktrade.render.outcome import Facts
from nktrade.render.plan import Run
from nktrade.render.reads import NETWORK
from nktrade.render.run import Outcome, Settings

FOLDER = ".nktrade"
#: Tags of a cell that decide what is executed; any other only decides how the page looks.
_EXECUTION_TAGS = {"parameters", "injected-parameters", "raises-exception", "skip-execution"}
#: A picture that the text shows: the page contains it.
_PICTURE = re.compile(r"[^\s'\"()<>]+\.(?:png|jpe?g|gif|svg|webp)\b", re.IGNORECASE)

HOLDS, PAGE_CHANGED, CHANGED = "holds", "page changed", "changed"


@dataclass(frozen=True)
class Keys:
    """What decides a run: `code` its outputs, `page` how they are shown."""

    code: str
    page: str


@dataclass(frozen=True)
class Todo:
    """What a render does with each run of its plan, by the run's place there.

    Attributes
    ----------
    plan, keys : list of Run, list of Keys
    held : dict of int to Outcome
        Nothing: the page holds.
    pages : dict of int to Outcome
        Write the page anew.
    changed : dict of int to Run
        Run the notebook.
    expected : dict of int to float or None
        Seconds that each run to be executed took the last time, if there was one.
    """

    plan: list[Run]
    keys: list[Keys]
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
        self.folder = settings.out / FOLDER
        self.folder.mkdir(exist_ok=True)
        self._path = self.folder / "ledger.jsonl"
        self.entries = {line["slug"]: line for line in _read_lines(self._path) if "slug" in line}
        hashes = next(_read_lines(self.folder / "hashes.json"), {})
        self.hashes = Hashes(hashes)
        self._source = self.hashes.package()
        self._site = self.hashes.site()

    def keys(self, run: Run) -> Keys:
        """Compute what decides a run now."""
        cells = json.loads(run.notebook.path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in code]
        tags = [sorted(_EXECUTION_TAGS & set(c["metadata"].get("tags", []))) for c in code]
        parts = [sources, tags, run.parameters, str(run.notebook.path.parent)]
        key = digest([json.dumps(parts, sort_keys=True), self._source, hash_versions()])
        words = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        named = sorted(set(_PICTURE.findall(words)))
        pictures = [self.hashes.file(run.notebook.path.parent / name) for name in named]
        look = [cells, pictures, run.label, self.hide_code]
        return Keys(key, digest([key, json.dumps(look, sort_keys=True), self._site]))

    def sort_out(self, runs: Sequence[Run], others: Sequence[Run], force: bool = False) -> Todo:
        """Say what is to be done with each of the runs asked for and of the others kept.

        With `force` those asked for are repeated, whatever holds.
        """
        plan = [*runs, *others]
        keys = [self.keys(run) for run in plan]
        found = [self.judge(run, key) for run, key in zip(plan, keys, strict=True)]
        if force:
            found[: len(runs)] = [CHANGED] * len(runs)
        by = {state: [n for n, f in enumerate(found) if f == state] for state in set(found)}
        expected = {n: self.expected_seconds(plan[n]) for n in by.get(CHANGED, [])}
        # The longest first, so that none runs alone at the end; before them those never timed.
        order = sorted(expected, key=lambda n: -(expected[n] or float("inf")))
        changed = {n: plan[n] for n in order}
        return Todo(
            plan,
            keys,
            held={n: self.recall(plan[n]) for n in by.get(HOLDS, [])},
            pages={n: self.recall(plan[n]) for n in by.get(PAGE_CHANGED, [])},
            changed=changed,
            expected=expected,
        )

    def judge(self, run: Run, keys: Keys) -> str:
        """Say whether a run's page holds, is to be written anew, or the run is to be repeated."""
        entry = self.entries.get(run.slug)
        if entry is None or entry["status"] != "ok" or entry["code"] != keys.code:
            return CHANGED
        if any("://" in str(value) for value in run.parameters.values()):
            return CHANGED  # what lies at an address can change unseen
        if NETWORK in entry["reads"]:
            return CHANGED
        if any(self.hashes.file(path) != sha256 for path, sha256 in entry["reads"].items()):
            return CHANGED
        if self.hashes.file(self.out / run.notebook_out) != entry["notebook_out"]:
            return CHANGED
        if entry["page"] != keys.page or self.hashes.file(self.out / run.page) != entry["html"]:
            return PAGE_CHANGED
        return HOLDS

    def recall(self, run: Run) -> Outcome:
        """Return the outcome that is recorded of a run."""
        entry = self.entries[run.slug]
        outcome = Outcome(run, "cached", facts=Facts(**entry["facts"]), ended=entry["ended"])
        outcome.reads = entry["reads"]
        outcome.timings = dict.fromkeys(entry["timings"], 0.0)
        return outcome

    def record(self, run: Run, keys: Keys, outcome: Outcome) -> None:
        """Write down how a run ended; from here on an interrupted batch knows of it."""
        earlier = self.entries.get(run.slug, {})
        ran = outcome.status != "cached"
        entry = {
            "slug": run.slug,
            "path": str(run.notebook.path),
            "parameters": run.parameters,
            "part": run.part,
            "label": run.label,
            "code": keys.code,
            "page": keys.page,
            "reads": outcome.reads,
            "notebook_out": self.hashes.file(self.out / run.notebook_out),
            "html": self.hashes.file(self.out / run.page),
            "status": outcome.status if ran else "ok",
            "seconds": outcome.seconds if ran else earlier.get("seconds", 0.0),
            "timings": outcome.timings if ran else earlier.get("timings", {}),
            "ended": outcome.ended,
            "facts": asdict(outcome.facts),
        }
        self.entries[run.slug] = entry
        with self._path.open("a", encoding="utf-8") as file:
            # On a line of its own, even after one that a crash has torn.
            file.write(f"\n{json.dumps(entry)}\n")

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
        others = [_rebuild(entry) for slug, entry in self.entries.items() if slug not in slugs]
        return [run for run in others if run and self.judge(run, self.keys(run)) != CHANGED]

    def close(self, shown: Sequence[Run]) -> None:
        """Remove what the site does not show, and remember the hashes of what was read.

        Failures outside the plan are not shown, but remembered: they can still be retried.
        """
        slugs = [run.slug for run in shown]
        for slug in self.entries:
            if slug not in slugs:
                for name in (f"{slug}.html", f"notebooks/{slug}.ipynb"):
                    (self.out / name).unlink(missing_ok=True)
        kept = [self.entries[run.slug] | {"part": run.part, "label": run.label} for run in shown]
        others = [entry for slug, entry in self.entries.items() if slug not in slugs]
        kept += [entry for entry in others if entry["status"] == "failed"]
        _replace(self._path, "".join(f"{json.dumps(entry)}\n" for entry in kept))
        _replace(self.folder / "hashes.json", json.dumps(self.hashes.remembered) + "\n")


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


def _rebuild(entry: dict) -> Run | None:
    """Make the run of an entry; None if its notebook no longer takes such parameters."""
    try:
        notebook = read_notebook(Path(entry["path"]))
    except InputError:
        return None
    if set(entry["parameters"]) != set(notebook.defaults):
        return None
    return Run(notebook, entry["parameters"], entry["part"], entry["label"], entry["slug"])


def _read_lines(path: Path) -> Iterator[dict]:
    """Read a file of JSON objects, one a line; what a crash has torn is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return
    for line in lines:
        with suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                yield value


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
