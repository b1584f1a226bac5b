"""Strange input by the million: ``python -m tools.fuzz [--inputs N] [--only NAME] [--jobs N]``.

Each process damages the seeds of `tests.fuzzing` at random and keeps count of the kinds of fault it
finds, with one input of each under ``build/fuzz``. With ``--guided`` Atheris (the extra ``fuzz``)
chooses the inputs of one target by the lines of code they reach. Memory is limited to what the
process has at the start and one gigabyte.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import fuzzing

KEPT = Path("build/fuzz")


def feed(name: str, number: int, folder: Path) -> bytes | list[str]:
    """Make and try one input; raises what `fuzzing.check` and `fuzzing.call` raise."""
    generator = random.Random(f"{name} {number}")
    if name == "calls":
        words = fuzzing.make_call(generator)
        with contextlib.redirect_stderr(io.StringIO()):
            fuzzing.call(words)
        return words
    target = next(target for target in fuzzing.TARGETS if target.name == name)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        fuzzing.check(
            target, fuzzing.damage(generator.choice(target.seeds), generator), Path(place)
        )
    return b""


def work(given: tuple[str, int, int]) -> tuple[str, int, Counter, dict[str, int]]:
    """Try a run of numbers on one target; return the faults by their kind, and a number of each."""
    name, first, last = given
    limit_memory()
    faults: Counter = Counter()
    example: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("a.csv").write_bytes(fuzzing.TARGETS[0].seeds[0])
        for number in range(first, last):
            try:
                feed(name, number, Path(folder))
            except BaseException as fault:
                kind = ": ".join(str(fault).split(": ")[:2])
                faults[kind] += 1
                example.setdefault(kind, number)
        os.chdir("/")
    return name, last - first, faults, example


def limit_memory(more: int = 1 << 30) -> None:
    """Let this process take a gigabyte more than it has, where the system can say so."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    most = pages * os.sysconf("SC_PAGE_SIZE") + more
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def guide(name: str, inputs: int) -> None:
    """Let Atheris choose the inputs of one target; it ends the process."""
    import atheris

    target = next(target for target in fuzzing.TARGETS if target.name == name)
    KEPT.mkdir(parents=True, exist_ok=True)
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    folder = Path(tempfile.mkdtemp())
    atheris.instrument_all()
    atheris.Setup(
        [sys.argv[0], f"-runs={inputs}", "-timeout=5", f"-artifact_prefix={KEPT}/", str(corpus)],
        lambda content: fuzzing.check(target, content, folder) and None,
    )
    atheris.Fuzz()


def main() -> None:
    """Run the fuzzer and tell what was found; exit status 1 if anything was."""
    names = [target.name for target in fuzzing.TARGETS] + ["calls"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--only", choices=names)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--guided", action="store_true", help="let Atheris choose; needs --only")
    asked = parser.parse_args()
    if asked.guided:
        guide(asked.only or names[0], asked.inputs)
    chosen = [asked.only] if asked.only else names
    each = -(-asked.inputs // len(chosen))
    step = max(1, min(500, each))
    jobs = [
        (name, asked.first + start, asked.first + min(start + step, each))
        for start in range(0, each, step)
        for name in chosen
    ]
    faults: Counter = Counter()
    examples: dict[str, int] = {}
    tried = 0
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        for _, count, found, example in pool.imap_unordered(work, jobs):
            tried += count
            faults.update(found)
            examples = example | examples
    print(f"{tried:,} inputs, {sum(faults.values()):,} faults of {len(faults)} kinds")
    for kind, count in faults.most_common():
        print(f"{count:>7,}  input {examples[kind]}  {kind}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
