"""``nktrade list`` and ``nktrade render``: the notebooks and the site made of them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from nktrade.cli.common import JSON, Folder, print_json, stop_cleanly
from nktrade.errors import count_of
from nktrade.files.terminal import tell


@click.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@JSON
def list_notebooks(folder: Path | None, as_json: bool) -> None:
    """List the notebooks of a folder, their questions and typed parameters.

    FOLDER is by default the one of the collection.
    """
    from nktrade._paths import NOTEBOOKS
    from nktrade.errors import InputError
    from nktrade.render.catalogue import Catalogue

    home = folder or NOTEBOOKS
    if not home.is_dir():
        told = "it is no folder" if home.exists() else "there is no such folder"
        raise InputError(told, where=str(home), hint="Name the folder that holds the notebooks.")
    notebooks = Catalogue(home, "", []).notebooks.values()
    if as_json:
        print_json([notebook.describe() for notebook in notebooks])
        return
    for notebook in notebooks:
        tell(f"{notebook.name}: {notebook.problem or notebook.title}")
        if notebook.question:
            tell(f"    {notebook.question}")
        lines = [
            (f"{parameter.name}: {parameter.annotation} = {parameter.default!r}", parameter.help)
            for parameter in notebook.parameters
        ]
        width = max((len(line) for line, _ in lines), default=0)
        for line, text in lines:
            tell(f"    {line:{width}}  {text}".rstrip())
        tell()


@click.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("-p", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option(
    "-f",
    "files",
    multiple=True,
    metavar="PARAMS.yml",
    type=click.Path(path_type=Path),
    help="Set parameters from a YAML file, exactly as they stand there.",
)
@click.option("-y", "texts", multiple=True, metavar="YAML", help="Set parameters by YAML text.")
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="NAME=V1,V2,...",
    help="Run once for each value; several sweeps run every combination.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Runs at a time.  [default: processors]")
@click.option(
    "--out",
    type=Folder(),
    default="build/site",
    show_default=True,
    help="Folder of the site.",
)
@click.option("--force", is_flag=True, help="Run even what has not changed.")
@click.option("--failed", is_flag=True, help="Run again only what failed the last time.")
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    help="After a failure run the rest (the default), or start nothing more.",
)
@click.option("--cell-timeout", type=click.IntRange(min=1), help="Seconds a cell may take.")
@click.option("--hide-code", is_flag=True, help="Leave the code out of the pages.")
@click.option("--timings", is_flag=True, help="Say at the end where the seconds went.")
@click.option("--cold", is_flag=True, help="Start every kernel by itself, as papermill does.")
@click.option("--cluster", metavar="ADDRESS", help="Run on the Dask cluster with this scheduler.")
@JSON
def render(
    notebooks,
    settings,
    files,
    texts,
    sweeps,
    jobs,
    out,
    force,
    failed,
    keep_going,
    cell_timeout,
    hide_code,
    timings,
    cold,
    cluster,
    as_json,
):
    """Run notebooks and write a site: an index, one page a run, runs.json.

    NOTEBOOK is the name of a notebook in the catalogue, or a notebook's path. Put first the path
    of a site.yml of your own and the names are looked up there. Without a name the whole
    catalogue runs, and is then all that the site shows; with one, earlier pages stay as far as
    they still hold. What has not changed since the last time is not run again.
    """
    from nktrade._paths import NOTEBOOKS
    from nktrade.render.batch import render_site
    from nktrade.render.plan import choose_catalogue, plan_runs
    from nktrade.render.run import Settings

    stop_cleanly()
    catalogue, names = choose_catalogue(notebooks, NOTEBOOKS)
    runs = plan_runs(catalogue, names, settings, sweeps, given=_read_given(files, texts))
    # What only trade needs is imported for trade alone: it takes longer than all else here.
    if catalogue.checks == "trade":
        _check_trade(runs)
    site = catalogue if any(run.home for run in runs) else _find_site(out)
    options = Settings(
        Path(os.path.realpath(out)),
        cell_timeout,
        hide_code,
        title=site.title if site else "Notebooks",
        furnishing=_furnish(site.title) if site and site.checks == "trade" else None,
        address=site.address if site else "",
    )
    outcomes = render_site(
        runs,
        options,
        jobs=jobs,
        fail_fast=not keep_going,
        force=force,
        only_failed=failed,
        keep_others=bool(names),
        warm=not cold,
        cluster=_take_cluster(cluster) if cluster else None,
    )
    _report(outcomes, [] if failed else runs, out, as_json, timings)
    sys.exit(1 if any(outcome.status == "failed" for outcome in outcomes) else 0)


def _furnish(title: str):
    from nktrade.cli.site_furnishing import furnish

    return furnish(title)


def _take_cluster(address: str):
    from nktrade.cli.answerable import describe_data

    return address, describe_data


def _report(outcomes: list, planned: list, out: Path, as_json: bool, timings: bool) -> None:
    from nktrade.render.progress import tabulate_timings

    if as_json:
        print_json([outcome.record() for outcome in outcomes])
    else:
        _print_summary(outcomes, planned, out)
    if timings:
        tell(tabulate_timings(outcomes), err=as_json)


def _find_site(out: Path) -> Any:
    """Return the catalogue whose site notebooks of no collection are put into, if there is one."""
    from nktrade.errors import InputError
    from nktrade.render.catalogue import read_catalogue
    from nktrade.render.folder import find_owner

    owner = find_owner(out)
    with suppress(InputError):
        return read_catalogue(owner) if owner and owner.is_dir() else None
    return None


def _check_trade(runs: list) -> None:
    """Check months, partners and data of the collection's runs; others' are their own business."""
    from nktrade.cli.answerable import check_asked

    for run in runs:
        book = run.notebook
        if run.home is not None and not book.problem:
            check_asked(run.parameters, book.defaults, book.path.parent, f"notebook {book.name}")


def _read_given(files: tuple[Path, ...], texts: tuple[str, ...]) -> dict:
    """Read the values of parameters that files and texts of YAML hold; the later ones hold."""
    from nktrade.errors import InputError
    from nktrade.files.parsing import load_yaml, read_text

    given: dict = {}
    source: Any
    for source in [*files, *texts]:
        where = str(source) if isinstance(source, Path) else "-y"
        kind = "the parameters"
        text = read_text(source, kind) if isinstance(source, Path) else source
        values = load_yaml(text, kind, where)
        values = {} if values is None else values  # a file of comments alone says nothing
        if not isinstance(values, dict):
            raise InputError(
                "the parameters are not a mapping", where=where, expected="NAME: VALUE"
            )
        given |= {str(name): value for name, value in values.items()}
    return given


def _print_summary(outcomes: list, planned: list, out: Path) -> None:
    from nktrade.render.progress import describe_failure
    from nktrade.site.index import spell_verdicts

    for outcome in outcomes:
        if outcome.status == "failed":
            tell(describe_failure(outcome))
    missing = {run.identity for run in planned} - {outcome.run.identity for outcome in outcomes}
    if missing:
        tell(f"{len(missing)} of {len(planned)} runs were not started")
    pages = count_of(len(outcomes), "pages")
    verdicts = spell_verdicts([outcome.entry() for outcome in outcomes])
    unseen = sum(bool(outcome.unseen) for outcome in outcomes)
    rest = f"; {unseen} not fully observed, run each time" if unseen else ""
    tell(f"{pages} in {out / 'index.html'}; {verdicts}{rest}")
