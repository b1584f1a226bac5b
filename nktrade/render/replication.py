"""A replication package: what somebody else needs to make a page again, in one archive."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nktrade._version import __version__
from nktrade.errors import InputError, did_you_mean
from nktrade.files.writing import replace_file
from nktrade.render.cells import code_of, read_source, tags_of
from nktrade.render.folder import FOLDER, read_lines
from nktrade.render.modules import MISSING
from nktrade.render.values import plain, thaw
from nktrade.site.citing import write_command
from nktrade.site.text import spell_date

#: A package's own file, of which a run's record keeps the hash: it names package and version.
_RECORD = re.compile(r"([^/\\]+)-([^/\\-]+)\.dist-info[/\\]RECORD$")


def pack_run(site: Path, name: str, out: Path | None = None, *, with_data: bool = False) -> Path:
    """Write the replication package of a run and return its path.

    Parameters
    ----------
    site : Path
        The folder of a site.
    name : str
        A page of it, with or without ``.html``.
    out : Path, optional
        The archive; by default named after the page, here.
    with_data : bool
        Whether it holds the files that the run read, besides their hashes.

    Returns
    -------
    Path
        A ZIP archive: README.md, the notebook as it was written, parameters.yml, data.json (each
        file read and its sha256), requirements.txt, and in outputs/ the executed notebook and the
        page.

    Raises
    ------
    InputError
        There is no such site or page; the notebook, or with `with_data` a file that was read, is
        no longer as it was.
    """
    entries = {
        line["slug"]: line for line in read_lines(site / FOLDER / "ledger.jsonl") if "slug" in line
    }
    slug = name.removesuffix(".html")
    if not entries:
        raise InputError("there is no site with runs", where=str(site), hint="Name it with --site.")
    if slug not in entries:
        raise InputError(
            f"the site has no page {name!r}", where=str(site), hint=did_you_mean(slug, entries)
        )
    entry = entries[slug]
    if entry["status"] != "ok":
        raise InputError("that run failed: there is nothing to replicate", where=f"{slug}.html")
    notebook = Path(entry["path"])
    if not notebook.is_file():
        raise InputError("the notebook is no longer there", where=str(notebook))
    executed = site / "notebooks" / f"{slug}.ipynb"
    if code_of(read_source(notebook)) != _read_code(executed):
        raise InputError(
            "the notebook has changed since it ran", where=str(notebook), hint="Render again first."
        )
    read, packages = _sort_reads(entry["reads"])
    data = [
        {"name": _name_file(path, number), "sha256": sha256}
        for number, (path, sha256) in enumerate(read.items())
    ]
    files: dict[str, bytes] = {
        notebook.name: notebook.read_bytes(),
        "parameters.yml": _write_yaml(plain(thaw(entry["parameters"]))),
        "data.json": _write_json({"named": entry["facts"]["data"], "files": data}),
        "requirements.txt": _write_requirements(packages),
        f"outputs/{slug}.ipynb": executed.read_bytes(),
        f"outputs/{slug}.html": (site / f"{slug}.html").read_bytes(),
    }
    if with_data:
        for (path, sha256), told in zip(read.items(), data, strict=True):
            files[f"data/{told['name']}"] = _read_checked(notebook.parent, path, sha256)
    files["README.md"] = _write_readme(entry, notebook.name, with_data).encode()
    target = out or Path(f"{slug}.zip")
    with replace_file(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside in sorted(files):  # the same run gives the same bytes
            member = zipfile.ZipInfo(f"{slug}/{inside}", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[inside])
    return target


def _read_code(executed: Path) -> list[str]:
    """Return the code of an executed notebook, without the cell that set the parameters."""
    cells = read_source(executed)["cells"]
    return code_of({"cells": [c for c in cells if "injected-parameters" not in tags_of(c)]})


def _sort_reads(reads: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Tell the data that a run read from the packages that it imported."""
    read, packages = {}, {}
    for path, sha256 in reads.items():
        if found := _RECORD.search(path):
            packages[found[1].replace("_", "-")] = found[2]
        elif sha256 and not path.startswith(MISSING):
            read[path] = sha256
    return dict(sorted(read.items())), packages


def _name_file(path: str, number: int) -> str:
    """Name a file inside the package: where its author keeps it is nobody's business."""
    return f"{number:03}-{re.sub(r'[^A-Za-z0-9._-]', '_', os.path.basename(path))}"


def _read_checked(home: Path, path: str, sha256: str) -> bytes:
    try:
        content = (home / path).read_bytes()
    except OSError as error:
        raise InputError("a file that the run read is gone", where=path, got=str(error)) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(
            "a file that the run read has changed since", where=path, hint="Render again first."
        )
    return content


def _write_json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _write_yaml(value: Any) -> bytes:
    import yaml

    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode()


def _write_requirements(packages: Mapping[str, str]) -> bytes:
    lines = [f"# Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    lines += [f"nktrade=={__version__}"]
    lines += [f"{name}=={packages[name]}" for name in sorted(packages) if name != "nktrade"]
    return ("\n".join(lines) + "\n").encode()


def _write_readme(entry: Mapping[str, Any], notebook: str, with_data: bool) -> str:
    command = write_command({"notebook": notebook, "changed": {}})
    held = "in `data/`" if with_data else "not in this package"
    return f"""# Replication package of {entry["slug"]}

Computed on {spell_date(entry["ended"])} by nktrade {__version__}.

    pip install -r requirements.txt
    {command} -f parameters.yml --out again

| File | What it holds |
| --- | --- |
| `{notebook}` | the notebook as it was written |
| `parameters.yml` | every parameter's value |
| `data.json` | what the run read: each data set and file with its sha256; the files are {held} |
| `requirements.txt` | the packages that the run imported, in their versions |
| `outputs/` | the executed notebook and the page |

Where `data` in `parameters.yml` names a folder, put the data there or name another with
`-p data=FOLDER`.
"""
