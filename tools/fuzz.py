"""Strange input by the million: ``python -m tools.fuzz [--inputs N] [--only NAME] [--jobs N]``.

Each process damages the seeds of `tests.fuzzing` at random and keeps count of the kinds of fault it
finds. What was tried stands in ``build/fuzz/tried.json``, and the next run goes on there: an input
is known by its target and its number, ``--only NAME --first N --inputs 1`` tries that one again.
With ``--guided`` Atheris (the extra ``fuzz``) chooses the inputs of one target by the lines of code
they reach. Memory is limited to what the process has at the start and one gigabyte.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests import fuzzing

KEPT = Path("build/fuzz")
#: Inputs that a process tries before it tells what it found.
STEP = 500
SHARES = {target.name: target.share for target in fuzzing.TARGETS} | {"calls": 1}


def feed(name: str, number: int, folder: Path) -> str:
    """Make and try one input in a folder; raises what `fuzzing.check` and `fuzzing.call` raise."""
    generator = random.Random(f"{name} {number}")
    if name == "calls":
        words = fuzzing.make_call(generator)
        with contextlib.redirect_stderr(io.StringIO()), fuzzing.limited(60):
            fuzzing.call(words)
        return "answered"
    target = next(target for target in fuzzing.TARGETS if target.name == name)
    content = fuzzing.damage(generator.choice(target.seeds), generator)
    return fuzzing.check(target, content, folder)


def work(given: tuple[str, int, int]) -> tuple[str, Counter, dict[str, int]]:
    """Try a run of numbers on one target.

    Returns
    -------
    (str, Counter, dict)
        The target's name; how many inputs were read, refused or a kind of fault; of each kind of
        fault the number of one input.
    """
    name, first, last = given
    limit_memory()
    came: Counter = Counter()
    example: dict[str, int] = {}
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("a.csv").write_bytes(fuzzing.TARGETS[0].seeds[0])
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            for number in range(first, last):
                try:
                    came[feed(name, number, Path(folder))] += 1
                except BaseException as fault:
                    kind = "fault: " + ": ".join(str(fault).split(": ")[:2])
                    came[kind] += 1
                    example.setdefault(kind, number)
        os.chdir(before)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # commands set theirs
    return name, came, example


_limited = False


def limit_memory(more: int = 1 << 30) -> None:
    """Let this process take a gigabyte more than it has, where the system can say so."""
    global _limited
    if _limited:
        return
    _limited = True
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    most = pages * os.sysconf("SC_PAGE_SIZE") + more
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def guide(name: str, inputs: int, seconds: int) -> None:
    """Let Atheris choose the inputs of one target; it ends the process."""
    import atheris

    KEPT.mkdir(parents=True, exist_ok=True)
    corpus, folder = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    for module in [one for one in sys.modules if one.partition(".")[0] in ("nktrade", "tests")]:
        del sys.modules[module]  # to be imported again with the lines counted that are reached
    with atheris.instrument_imports(include=["nktrade"]):
        from tests import fuzzing

        target = next(target for target in fuzzing.TARGETS if target.name == name)
        for number, seed in enumerate(target.seeds):
            (corpus / str(number)).write_bytes(seed)
            fuzzing.check(target, seed, folder)  # what is imported late is imported now

    limit_memory()
    options = [f"-runs={inputs}", f"-max_total_time={seconds}", f"-artifact_prefix={KEPT}/"]
    atheris.Setup(
        [sys.argv[0], *options, "-rss_limit_mb=4096", "-timeout=60", str(corpus)],
        lambda content: fuzzing.check(target, content, folder) and None,
    )
    atheris.Fuzz()


def plan(tried: dict, inputs: int, only: str | None, first: int | None) -> list:
    """Return jobs of `work`, each target by its share, from where the last run stopped."""
    chosen = {name: share for name, share in SHARES.items() if only in (None, name)}
    jobs: list[tuple[float, tuple[str, int, int]]] = []
    for name, share in chosen.items():
        start = tried.get(name, {}).get("next", 0) if first is None else first
        end = start + -(-inputs * share // sum(chosen.values()))
        steps = [(name, at, min(at + STEP, end)) for at in range(start, end, STEP)]
        jobs += [(n / len(steps), step) for n, step in enumerate(steps)]
    return [step for _, step in sorted(jobs)]


def main() -> None:
    """Run the fuzzer and tell what was found; exit status 1 if anything was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--only", choices=SHARES)
    parser.add_argument("--first", type=int, help="number of the first input")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--guided", action="store_true", help="let Atheris choose; needs --only")
    parser.add_argument("--seconds", type=int, default=600, help="of a guided run, at most")
    asked = parser.parse_args()
    if asked.guided:
        guide(asked.only or next(iter(SHARES)), asked.inputs, asked.seconds)
    KEPT.mkdir(parents=True, exist_ok=True)
    place = KEPT / "tried.json"
    tried = json.loads(place.read_text()) if place.exists() else {}
    jobs = plan(tried, asked.inputs, asked.only, asked.first)
    faults: Counter = Counter()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.jobs, mp_context=spawn) as pool:  # it tells of one that crashes
        done, began = 0, time.monotonic()
        for name, came, example in pool.map(work, jobs):
            told = tried.setdefault(name, {"next": 0, "read": 0, "refused": 0})
            for kind, count in came.items():
                told[kind] = told.get(kind, 0) + count
                if kind.startswith("fault"):
                    faults[kind] += count
                    print(f"{count:>5}  {name}, input {example[kind]}  {kind}", flush=True)
            told["next"] += came.total()
            place.write_text(json.dumps(tried, indent=1))
            done += came.total()
            print(f"{done:,} in {time.monotonic() - began:,.0f} s", end="\r", file=sys.stderr)
    print(f"{done:,} inputs, {faults.total():,} faults of {len(faults)} kinds")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
