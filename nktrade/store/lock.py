"""Who may write to a store: one run at a time, in a folder that is a store or empty.

A run removes only what it wrote itself, which its name in every part's name tells. Whatever else
lies in the folder, named by a manifest or not, is nobody's to delete here: see
`nktrade.store.repair.sweep`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nktrade.errors import DamageError, InputError, NktradeError
from nktrade.files.writing import LEFTOVERS
from nktrade.store import manifest as ledger

if TYPE_CHECKING:
    from filelock import FileLock

LOCK, HOLDER = ".lock", ".writer"
#: Seconds to wait for another run: as long as the largest imports that were measured take.
PATIENCE = 900.0


@contextlib.contextmanager
def locking(store: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a store that is there, so that no other run writes to it; raises as `writing`."""
    lock = _wait(store, patience)
    try:
        yield
    except OSError as error:
        raise _unwritable(store, error) from None
    finally:
        with contextlib.suppress(OSError):
            (store / HOLDER).unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def writing(store: Path, patience: float = PATIENCE) -> Iterator[str]:
    """Let one run at a time into a store, and give it the name that its parts bear.

    A run that ends without a new manifest takes away what it wrote, and the folder if it made it.

    Raises
    ------
    InputError
        If the folder is neither empty nor a store, cannot be written, or another run holds it
        for longer than `patience` seconds.
    """
    refuse_foreign(store)
    empty = False
    try:
        with locking(store, patience):
            refuse_foreign(store)
            began, run = _begin(store), secrets.token_hex(4)
            try:
                yield run
            finally:
                # Whatever fails here must not hide what became of the import itself.
                with contextlib.suppress(OSError, NktradeError):
                    _take_back(store, run)
                with contextlib.suppress(OSError, NktradeError):
                    empty = began is not None and ledger.read_manifest(store) == began
                if empty and began:
                    with contextlib.suppress(OSError):
                        _unmake(store, began["number"])
    finally:
        if empty:
            with contextlib.suppress(OSError):
                store.rmdir()


def refuse_foreign(store: Path) -> None:
    """Refuse a folder that is neither empty nor a store, before anything is written there."""
    try:
        there = {path.name for path in store.iterdir()} - {LOCK, HOLDER}
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritable(store, error) from None
    if ledger.MANIFEST in there:
        ledger.read_manifest(store)
    elif there and not _is_begun(store):
        if ledger.list_numbers(store):
            raise DamageError(
                "the store has lost its pointer",
                where=str(store / ledger.MANIFEST),
                expected="a file that names the manifest in use",
                hint=f"Rebuild it with: nktrade data repair --store {store}",
            )
        raise InputError(
            "the folder is neither empty nor a store",
            where=str(store),
            got=", ".join(sorted(there)[:4]) + (", …" if len(there) > 4 else ""),
            hint="Name a new folder for the store. If it was one and has lost its manifest: "
            f"nktrade data repair --store {store}",
        )


def _is_begun(store: Path) -> bool:
    """Say whether a folder holds no more than what a run makes before its first import is whole."""
    try:
        names = {path.name for path in store.iterdir() if not path.match(LEFTOVERS)}
        made = {LOCK, HOLDER, ledger.ROWS, ledger.MANIFESTS, ledger.MANIFEST}
        rows, manifests = (_list(store / place) for place in (ledger.ROWS, ledger.MANIFESTS))
        numbers = ledger.list_numbers(store)
        said = [ledger.read_numbered(store, number)["files"] for number in numbers]
    except (OSError, NktradeError):
        return False
    return names <= made and not rows and len(manifests) == len(numbers) and not any(said)


def _list(folder: Path) -> list[Path]:
    there = list(folder.iterdir()) if folder.exists() else []
    return [path for path in there if not path.match(LEFTOVERS)]


def _begin(store: Path) -> dict | None:
    """Make a store without files where there is none yet; return its manifest if this run did."""
    for place in (ledger.ROWS, ledger.MANIFESTS):
        (store / place).mkdir(exist_ok=True)
    return None if (store / ledger.MANIFEST).exists() else ledger.write_manifest(store, [])


def _take_back(store: Path, run: str) -> None:
    """Remove the parts of this run, unless the manifest names them: then the import is made."""
    kept = {part for entry in ledger.read_manifest(store)["files"] for part in entry["parts"]}
    for path in (store / ledger.ROWS).glob(f"*-{run}*"):
        if f"{ledger.ROWS}/{path.name}" not in kept:
            path.unlink()


def _unmake(store: Path, number: int) -> None:
    """Remove the store without files that this run began, where nothing else lies in it."""
    (store / ledger.MANIFEST).unlink()
    (store / ledger.MANIFESTS / f"{number:06d}.json").unlink()
    (store / ledger.MANIFESTS).rmdir()
    (store / ledger.ROWS).rmdir()
    (store / HOLDER).unlink(missing_ok=True)
    (store / LOCK).unlink(missing_ok=True)


def _wait(store: Path, patience: float) -> FileLock:
    """Wait for the store; a run before may just take away the folder it began for nothing."""
    from filelock import FileLock, Timeout

    end = time.monotonic() + patience
    while True:
        try:
            store.mkdir(parents=True, exist_ok=True)
            lock = FileLock(store / LOCK)
            lock.acquire(timeout=min(1.0, max(0.0, end - time.monotonic())))
            said = f"process {os.getpid()} since {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
            with contextlib.suppress(FileNotFoundError):
                (store / HOLDER).write_text(said, encoding="utf-8")
                return lock
            lock.release()
        except (Timeout, FileNotFoundError):
            if time.monotonic() >= end:
                raise InputError(
                    "another run is writing to the store",
                    where=str(store),
                    expected=f"the store free within {patience:g} s",
                    got=_name_holder(store),
                    hint="Wait for that run, or end it if it hangs, and import again.",
                ) from None
        except OSError as error:
            raise _unwritable(store, error) from None


def _name_holder(store: Path) -> str:
    try:
        return (store / HOLDER).read_text(encoding="utf-8", errors="replace")[:80]
    except OSError:
        return "a process that gave no name"


def _unwritable(store: Path, error: OSError) -> InputError:
    return InputError(
        "the store cannot be written", where=str(store), got=error.strerror or type(error).__name__
    )
