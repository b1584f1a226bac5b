"""Order: which runs wait for which, and which should have.

``after:`` in ``site.yml`` says that a notebook runs after others. Where nobody said so, and one
run wrote what another read, the number on the reader's page may be an old one: that is a race.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from nktrade.errors import InputError
from nktrade.render.fingerprints import Hashes
from nktrade.render.plan import Run
from nktrade.render.run import Outcome


def list_waves(runs: Sequence[Run]) -> list[list[int]]:
    """Part runs, by their places, into waves: each needs only what ran in those before.

    Raises
    ------
    InputError
        Notebooks wait for each other.
    """
    known = {_name(run) for run in runs}
    left = {place: set(run.after) & known for place, run in enumerate(runs)}
    waves: list[list[int]] = []
    while left:
        open_ = {_name(runs[place]) for place in left}
        wave = [place for place, before in left.items() if not before & open_]
        if not wave:
            names = " and ".join(sorted(open_))
            raise InputError(
                "notebooks run after each other in a circle", where="after:", got=names
            )
        waves.append(wave)
        left = {place: before for place, before in left.items() if place not in wave}
    return waves


def find_failed(run: Run, ended: Iterable[Outcome]) -> str:
    """Return the name of a notebook before this one that failed; empty where none did."""
    failed = {_name(outcome.run) for outcome in ended if outcome.status == "failed"}
    return next(iter(sorted(failed & set(run.after))), "")


def find_races(ended: Mapping[int, Outcome]) -> tuple[dict[int, str], list[str]]:
    """Return who read an old file, by place and with words for it, and orders to propose."""
    writers: dict[str, list[int]] = {}
    for place, outcome in ended.items():
        if outcome.status != "cached":
            for path in outcome.writes:
                writers.setdefault(path, []).append(place)
    if not writers:
        return {}, []
    races, hashes = _find_shared(writers, ended), Hashes()
    proposals = [*_find_rivals(writers, ended)]
    for place, outcome in ended.items():
        home = outcome.run.notebook.path.parent
        for name, sha256 in outcome.reads.items():
            path = os.path.normpath(os.path.join(home, name))
            if name.endswith(os.sep):
                told = _find_newcomer(path, place, writers, ended)
                if told and hashes.file(path + os.sep) != sha256:
                    if _holds_data(path, outcome.run):
                        races[place] = f"the run {told}"
                    else:
                        proposals.append(f"{outcome.run.notebook.name} {told}")
                continue
            others = [ended[n].run for n in writers.get(path, ()) if n != place]
            unordered = [o for o in others if _name(o) not in outcome.run.after]
            if path in outcome.writes:  # runs of one notebook in turn are no race
                unordered = [o for o in unordered if _name(o) != _name(outcome.run)]
            if not unordered:
                continue
            writer, file = _name(unordered[0]), os.path.basename(path)
            told = f"reads {file}, which {writer} writes"
            advice = f"say so in site.yml, with after: [{writer}]"
            if hashes.file(os.path.join(home, name)) != sha256:
                races[place] = f"the run {told} in the same batch: {advice}"
            elif _name(outcome.run) != writer:
                proposals.append(f"{outcome.run.notebook.name} {told}: {advice}")
    return races, sorted(set(proposals))


def _holds_data(folder: str, run: Run) -> bool:
    """Say whether what came into a folder is likely what a run looked for there.

    In the notebook's own folder it may be anything; what is hidden, or outside the project, may be
    a library's cache.
    """
    hidden_or_outside = any(part.startswith(".") for part in _parts_inside(folder, run))
    return folder != str(run.notebook.path.parent) and not hidden_or_outside


def _parts_inside(path: str, run: Run) -> list[str]:
    """Return the names that lead to a path from the run's project."""
    return os.path.relpath(path, run.project or run.notebook.path.parent).split(os.sep)


def _find_newcomer(
    folder: str, place: int, writers: Mapping[str, Sequence[int]], ended: Mapping[int, Outcome]
) -> str:
    """Say which notebook wrote into a folder that a run lists without coming after it."""
    run = ended[place].run
    known = {_name(run), *run.after}
    for path, places in writers.items():
        others = [_name(ended[n].run) for n in places if _name(ended[n].run) not in known]
        if others and path.startswith(folder + os.sep):
            file = os.path.relpath(path, os.path.dirname(folder))
            return (
                f"looks into a folder where {others[0]} writes {file} in the same batch: say so "
                f"in site.yml, with after: [{others[0]}]"
            )
    return ""


def _find_shared(
    writers: Mapping[str, Sequence[int]], ended: Mapping[int, Outcome]
) -> dict[int, str]:
    """Return who read or showed a file of its own while another run wrote it, too, with words."""
    races: dict[int, str] = {}
    for path, places in writers.items():
        for place in (place for place in places if path in ended[place].own):
            (began, end), run = ended[place].span, ended[place].run
            for other in (ended[n] for n in places if n != place):
                if other.span[0] < end and began < other.span[1]:
                    whose = _name(other.run)
                    who = "another run of the notebook" if whose == _name(run) else whose
                    races[place] = (
                        f"the run writes {os.path.basename(path)} and uses it, while {who} writes "
                        f"it: name the file after the parameters of the run, or render with "
                        f"--jobs 1"
                    )
    return races


def _find_rivals(
    writers: Mapping[str, Sequence[int]], ended: Mapping[int, Outcome]
) -> Iterator[str]:
    """Yield words for each file that two notebooks wrote of which neither comes after the other.

    A folder that both made is none, and what is hidden is a library's cache.
    """
    for path, places in writers.items():
        parts = _parts_inside(path, ended[places[0]].run)
        hidden = any(part.startswith(".") and part != os.pardir for part in parts)
        if hidden or os.path.isdir(path):
            continue
        runs = {_name(ended[place].run): ended[place].run for place in places}
        for (one, run), (other, rival) in combinations(sorted(runs.items()), 2):
            if one not in rival.after and other not in run.after:
                yield (
                    f"{one} and {other} write {os.path.basename(path)}, and whichever ends last "
                    f"decides what it holds: say which in site.yml, with after:"
                )


def _name(run: Run) -> str:
    return run.notebook.name if run.home else str(run.notebook.path)
