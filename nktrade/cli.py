"""The command line: the one room that knows everybody.

Results go to standard output, progress and messages to standard error. Exit status: 0 all good,
1 something ran and failed, 2 the call or the input was wrong (nothing was run or changed).
Whatever a command needs is imported inside it: ``nktrade --help`` stays quick.
"""

from __future__ import annotations

import json
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from nktrade import __version__
from nktrade.errors import NktradeError, ServiceError

_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
_STORE = click.option(
    "--store",
    type=click.Path(path_type=Path),
    default="nktrade-store",
    show_default=True,
    help="Folder of the imported data.",
)

_FLOW = click.option(
    "--flow", type=click.Choice(["import", "export"]), help="As the reporter declares it."
)


class _Commands(click.Group):
    """A group whose commands tell nktrade's own errors in one line, with exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        warnings.showwarning = _tell_warning
        try:
            return super().invoke(ctx)
        except NktradeError as error:
            click.echo(f"nktrade: {error}", err=True)
            ctx.exit(1 if isinstance(error, ServiceError) else 2)
        except KeyboardInterrupt:
            click.echo("nktrade: interrupted", err=True)
            ctx.exit(130)


def _tell_warning(message, category, filename, lineno, file=None, line=None) -> None:
    click.echo(f"nktrade: warning: {message}", err=True)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="nktrade %(version)s")
def main() -> None:
    """North Korea's trade, read in the mirror of its partners' customs statistics."""


@main.command("list")
@_JSON
def list_notebooks(as_json: bool) -> None:
    """List the notebooks, their questions and typed parameters."""
    from nktrade._paths import NOTEBOOKS
    from nktrade.batch.catalogue import read_catalogue

    notebooks = read_catalogue(NOTEBOOKS).notebooks.values()
    if as_json:
        _print_json([notebook.describe() for notebook in notebooks])
        return
    for notebook in notebooks:
        click.echo(f"{notebook.name}: {notebook.title}")
        if notebook.question:
            click.echo(f"    {notebook.question}")
        lines = [
            (f"{parameter.name}: {parameter.annotation} = {parameter.default!r}", parameter.help)
            for parameter in notebook.parameters
        ]
        width = max((len(line) for line, _ in lines), default=0)
        for line, text in lines:
            click.echo(f"    {line:{width}}  {text}".rstrip())
        click.echo()


@main.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("-p", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
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
    type=click.Path(path_type=Path),
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
@click.option("--cluster", metavar="ADDRESS", help="Run on the Dask cluster with this scheduler.")
@_JSON
def render(
    notebooks,
    settings,
    sweeps,
    jobs,
    out,
    force,
    failed,
    keep_going,
    cell_timeout,
    hide_code,
    timings,
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
    from nktrade.asked import check_asked
    from nktrade.batch.plan import choose_catalogue, plan_runs
    from nktrade.batch.progress import tabulate_timings
    from nktrade.batch.render import render_site
    from nktrade.batch.run import Settings

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left behind
    catalogue, names = choose_catalogue(notebooks, NOTEBOOKS)
    runs = plan_runs(catalogue, names, settings, sweeps)
    for run in runs:
        book = run.notebook
        check_asked(run.parameters, book.defaults, book.path.parent, f"notebook {book.name}")
    options = Settings(out.resolve(), cell_timeout, hide_code)
    outcomes = render_site(
        runs,
        options,
        title=catalogue.title,
        jobs=jobs,
        fail_fast=not keep_going,
        force=force,
        only_failed=failed,
        keep_others=bool(names),
        cluster=cluster,
    )
    if as_json:
        _print_json([outcome.record() for outcome in outcomes])
    else:
        _print_summary(outcomes, [] if failed else runs, out)
    if timings:
        click.echo(tabulate_timings(outcomes), err=as_json)
    sys.exit(1 if any(outcome.status == "failed" for outcome in outcomes) else 0)


def _print_summary(outcomes: list, planned: list, out: Path) -> None:
    from nktrade.batch.progress import describe_failure
    from nktrade.site.index import spell_verdicts

    for outcome in outcomes:
        if outcome.status == "failed":
            click.echo(describe_failure(outcome))
    missing = {run.slug for run in planned} - {outcome.run.slug for outcome in outcomes}
    if missing:
        click.echo(f"{len(missing)} of {len(planned)} runs were not started")
    pages = f"{len(outcomes)} page{'' if len(outcomes) == 1 else 's'}"
    verdicts = spell_verdicts([outcome.entry() for outcome in outcomes])
    click.echo(f"{pages} in {out / 'index.html'}; {verdicts}")


@main.group(cls=_Commands)
def data() -> None:
    """Customs data of your own: import, fetch, look at, verify, export."""


@data.command("import")
@click.argument("source", metavar="SOURCE")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--flow",
    "flows",
    multiple=True,
    metavar="FLOW[=PATTERN]",
    help="import or export, as the reporter declares it; import=*in*.csv goes by file name.",
)
@click.option("--period", help="The months of a file without a date column, as 2023-06, or: name.")
@click.option("--partner", help="The partner of a file that names none; of BACI, the one wanted.")
@click.option("--level", type=click.IntRange(2, 6), help="Digits of the codes, of several.")
@click.option("--edition", help="HS edition, as HS2017, where it is not the usual one.")
@click.option("--allow-truncated", is_flag=True, help="Take files cut off at the site's limit.")
@_STORE
@_JSON
def import_data(source, files, flows, allow_truncated, store, as_json, **given):
    """Import downloaded files or folders into a store, all of them or none.

    SOURCE is gacc (customs downloads), bulletin (table 2 of customs' monthly bulletin: totals by
    country, as .xls, .xlsx, .csv or .html), baci or comtrade.
    """
    from nktrade.store import import_files, parse_flows

    options = {name: value for name, value in given.items() if value is not None}
    flow = parse_flows(flows) if flows else None
    report = import_files(
        store, source, list(files), flow=flow, allow_truncated=allow_truncated, **options
    )
    _print_frame(report, as_json)
    if not as_json:
        click.echo(f"store: {store}", err=True)


@data.command("fetch")
@click.argument("source", type=click.Choice(["comtrade"]))
@click.option("--years", required=True, metavar="2017-2024", help="A year, or first and last.")
@click.option("--partner", default="PRK", show_default=True, help="ISO3 code of the partner.")
@click.option("--reporter", default="CHN", show_default=True, help="ISO3 code of who declares.")
@click.option("--level", type=click.Choice(["4", "6"]), default="6", show_default=True)
@click.option("--flow", type=click.Choice(["both", "export", "import"]), default="both")
@click.option("--refresh", is_flag=True, help="Ask anew even what was answered before.")
@click.option("--dry-run", is_flag=True, help="List the calls and ask nothing.")
@_STORE
@_JSON
def fetch_data(source, years, partner, reporter, level, flow, refresh, dry_run, store, as_json):
    """Fetch monthly figures from UN Comtrade into a store.

    With a subscription key in COMTRADE_API_KEY a year is a call; without one the public preview
    gives 500 rows a call, and calls are split until none is cut. Answers are kept beside the
    store: interrupted, the same command goes on where it stopped. COMTRADE_URL names another
    address of the service.
    """
    import datetime as dt

    from tqdm import tqdm

    from nktrade.sources.comtrade_calls import parse_years, plan_calls
    from nktrade.sources.comtrade_service import Service
    from nktrade.store.fetching import fetch_comtrade, list_calls

    span = parse_years(years, last=dt.date.today().year)
    service = Service.from_environment()
    asked = {"reporter": reporter, "partner": partner, "level": int(level), "flow": flow}
    if dry_run:
        calls = list_calls(store, plan_calls(span, keyed=service.keyed, **asked), service)
        if as_json:
            _print_frame(calls, as_json)
        for row in [] if as_json else calls.itertuples():
            click.echo(f"{row.asks}: {row.what}{' (answered)' if row.kept else ''}  {row.url}")
        new = int((~calls["kept"]).sum())
        least = f"at least {new * service.pause / 60:.1f} minutes, more where one is split"
        click.echo(f"{new} of {len(calls)} calls to make: {least}", err=True)
        return
    often = 0.1 if sys.stderr.isatty() else 10
    with tqdm(unit="call", file=sys.stderr, dynamic_ncols=True, mininterval=often) as bar:

        def progress(done: int, planned: int) -> None:
            bar.total = planned
            bar.update(done - bar.n)

        report = fetch_comtrade(
            store, span, refresh=refresh, service=service, progress=progress, **asked
        )
    _print_frame(report, as_json)


@data.command("status")
@click.option("--partner", default="PRK", show_default=True, help="Whose totals are compared.")
@_STORE
@_JSON
def data_status(partner: str, store: Path, as_json: bool) -> None:
    """List the files of a store, what later ones revised and by how much, and the months it lacks.

    Where it holds bulletins, the sums of the rows are shown beside the totals, month by month.
    """
    from nktrade.store import check_totals, gaps, revisions, status

    tables = {
        "files": status(store),
        "revised": revisions(store),
        "gaps": gaps(store),
        "totals": check_totals(store, partner=partner),
    }
    if as_json:
        _print_json({name: json.loads(_as_json(table)) for name, table in tables.items()})
        return
    for name, table in tables.items():
        if name == "files" or not table.empty:
            click.echo(f"{name}:")
            _print_frame(table, as_json=False)


@data.command("verify")
@_STORE
@_JSON
def verify_data(store: Path, as_json: bool) -> None:
    """Hash every part of a store again; exit status 1 if one is changed or missing."""
    from nktrade.store import verify

    report = verify(store)
    _print_frame(report, as_json)
    sys.exit(0 if (report["state"] == "good").all() else 1)


@data.command("mirror")
@click.argument("first", metavar="STORE")
@click.argument("second", metavar="OTHER")
@click.option("--partner", default="PRK", show_default=True, help="ISO3 code.")
@click.option("--reporter", default="CHN", show_default=True, help="Who declared STORE's rows.")
@_FLOW
@click.option("--currency", type=click.Choice(["USD", "CNY"]), default="USD", show_default=True)
@click.option(
    "--level",
    type=click.Choice(["0", "2", "4", "6"]),
    default="6",
    show_default=True,
    help="Digits of the codes; 0 for totals.",
)
@click.option("--yearly", is_flag=True, help="Add up months to years, as for BACI.")
@_JSON
def mirror_data(first, second, partner, reporter, flow, currency, level, yearly, as_json):
    """Set one flow of two stores side by side.

    Where OTHER holds what the partner declared of the same goods, exports stand FOB beside
    imports CIF with the margin between them; else two sources of one side stand beside each other.
    """
    from nktrade.mirror_check import compare_stores

    table = compare_stores(
        first,
        second,
        partner=partner,
        reporter=reporter,
        flow=flow or "export",
        currency=currency,
        level=int(level),
        yearly=yearly,
    )
    _print_frame(table, as_json)


@data.command("rates")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--partner", help="ISO3 code; by default every partner.")
@click.option("--check", is_flag=True, help="Check the rates that are in FILE.")
@_STORE
def write_rates(file: Path, partner: str, check: bool, store: Path) -> None:
    """Write to FILE the monthly rates that rows in yuan and in dollars imply.

    The store must hold some rows in both currencies. FILE is a table for: data export --rates.
    With --check, FILE's own rates are tried on the months that were reported in both.
    """
    from nktrade.currency import compare_rates, imply_rates, read_rates
    from nktrade.store import load

    yuan, dollars = (load(store, partner=partner, currency=c) for c in ("CNY", "USD"))
    if check:
        _print_frame(compare_rates(yuan, dollars, read_rates(file)), as_json=False)
        return
    rates = imply_rates(yuan, dollars)
    rates["period"] = rates["period"].dt.strftime("%Y-%m")
    _write_frame(rates, file)
    _print_frame(rates, as_json=False)


@data.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--store", "data", default="default", help="A store; by default the panel.")
@click.option("--partner", help="ISO3 code; by default every partner.")
@_FLOW
@click.option("--hs", multiple=True, metavar="CODE", help="With everything under it.")
@click.option("--start", help="First month, as 2023-01 or 2023.")
@click.option("--end", help="Last month.")
@click.option("--currency", type=click.Choice(["USD", "CNY"]), help="Where there are several.")
@click.option("--breakdown", help="total, province, regime or province and regime.")
@click.option("--source", help="gacc, comtrade or baci, where there are several.")
@click.option("--as-of", metavar="DAY", help="Without what was imported after this day.")
@click.option("--rates", type=click.Path(path_type=Path), help="Table of rates: yuan to dollars.")
def export_data(file: Path, data: str, hs: tuple[str, ...], rates: Path | None, **selection):
    """Write the selected rows to FILE (.csv, .parquet, .xlsx or .dta) with a README beside it.

    RATES is a CSV table with the columns period (2023-01) and cny_per_usd; without it nothing is
    converted.
    """
    from nktrade.currency import convert_to_usd, read_rates
    from nktrade.export import export
    from nktrade.store import describe, load

    trade = load(data, hs=hs or None, **selection)
    if rates:
        trade = convert_to_usd(trade, read_rates(rates))
    written = export(trade, file, provenance=describe(data))
    click.echo(f"{len(trade)} rows in {written[0]}, explained in {written[1]}")


@main.group(cls=_Commands)
def hs() -> None:
    """HS codes: show, search, map to classes."""


@hs.command("show")
@click.argument("code")
@_JSON
def show_code(code: str, as_json: bool) -> None:
    """Show a code: names, parents, editions, classes, baskets, United Nations measures."""
    from nktrade import hs as codes

    about = codes.describe(code)
    if as_json:
        _print_json(about)
        return
    click.echo(f"{about['code']}  {about['name'] or '(no name)'}")
    click.echo(f"editions: {', '.join(about['editions']) or 'in none of those known'}")
    for parent, name in about["parents"].items():
        click.echo(f"under {parent}  {name}")
    for child in about["children"]:
        click.echo(f"  {child}  {codes.name(child) if len(child) <= 4 else ''}".rstrip())
    for name, value in about["classes"].items():
        if value and name not in ("chapter", "heading", "subheading"):
            click.echo(f"{name}: {value}")
    click.echo(f"units at China's customs: {' or '.join(about['units'])}")
    if about["baskets"]:
        click.echo(f"baskets: {', '.join(about['baskets'])}")
    for measure in about["sanctions"]:
        until = f" to {measure['ended']}" if measure["ended"] else ""
        click.echo(
            f"UN Security Council {measure['resolution']}, paragraph {measure['paragraph']}: "
            f"{measure['kind']} on North Korea's {measure['flow']}s of {measure['goods']}, from "
            f"{measure['effective']}{until}; code printed there: {measure['code_printed']}; "
            f"checked: {measure['checked']}"
        )


@hs.command("search")
@click.argument("words", nargs=-1, required=True)
@_JSON
def search_codes(words: tuple[str, ...], as_json: bool) -> None:
    """Find chapters and headings whose name contains every word."""
    from nktrade import hs as codes

    _print_frame(codes.search(" ".join(words)), as_json)


@hs.command("map")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", required=True, help="A class, as bec, industry or section.")
@click.option("--column", default="hs", show_default=True, help="The column of codes.")
@click.option("--edition", default="HS2017", show_default=True, help="Edition of the codes.")
def map_codes(file: Path, to: str, column: str, edition: str) -> None:
    """Add a class to each HS code of a CSV file and write it to standard output."""
    import pandas as pd

    from nktrade.classes import assign
    from nktrade.errors import InputError, did_you_mean
    from nktrade.hs.codes import normalise_series

    if not file.is_file():
        raise InputError("there is no such file", where=str(file))
    try:
        table = pd.read_csv(file, dtype="str", encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError("the file is not a CSV table", where=str(file), got=str(error)) from None
    if column not in table:
        hint = did_you_mean(column, table.columns)
        raise InputError(f"there is no column {column!r}", where=str(file), hint=hint)
    normalise_series(table[column].fillna("00"), str(file), first_row=2)  # under the headings
    table[to] = assign(table[column], to, edition)
    click.echo(table.to_csv(index=False), nl=False)
    missing = table[to].isna()
    click.echo(f"{to}: {(~missing).sum()} of {len(table)} lines mapped", err=True)
    if missing.any():
        unmapped = sorted(table.loc[missing, column].dropna().unique())
        more = f" and {len(unmapped) - 8} more" if len(unmapped) > 8 else ""
        click.echo(f"not mapped: {', '.join(unmapped[:8])}{more}", err=True)


@main.command()
@click.option("--audit", is_flag=True, help="Check the figures' arithmetic instead.")
@click.option("--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write here.")
@_JSON
def documents(audit: bool, file: Path | None, as_json: bool) -> None:
    """The figures printed in the three documents, one row a number; the audit of them.

    The audit has one row a check: consistent, inconsistent (with what was likely meant), suspect,
    or a gap between a total and its parts.
    """
    from nktrade.documents import load_documents, read_printed

    if audit:
        _audit(file, as_json)
        return
    if file is None:
        _print_frame(load_documents().reset_index(), as_json)
        return
    figures = read_printed()
    _write_frame(figures, file)
    click.echo(f"{len(figures)} figures in {file}")


def _audit(file: Path | None, as_json: bool) -> None:
    from nktrade.audit import COLUMNS, VERDICTS, audit_documents

    checks = audit_documents()[list(COLUMNS)]
    counts = checks["verdict"].value_counts()
    told = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
    if file is not None:
        _write_frame(checks, file)
        click.echo(f"{len(checks)} checks in {file}: {told}")
        return
    _print_frame(checks, as_json)
    click.echo(f"{len(checks)} checks: {told}", err=True)


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Write NAME.ipynb here: a notebook with every room, which runs as it is."""
    import shlex

    from nktrade.batch.skeleton import write_skeleton

    path = write_skeleton(Path(name))
    click.echo(f"{path} is ready; run it with: nktrade render {shlex.quote(str(path))}")


def _as_json(frame: Any) -> str:
    return frame.to_json(orient="records", force_ascii=False, date_format="iso")


def _print_frame(frame: Any, as_json: bool) -> None:
    if as_json:
        click.echo(_as_json(frame))
    elif frame.empty:
        click.echo("nothing found", err=True)
    else:
        table = frame.to_string(
            index=False, max_colwidth=44, na_rep="", float_format=lambda number: f"{number:,.12g}"
        )
        click.echo(table)


def _write_frame(frame: Any, file: Path) -> None:
    """Write a table as the file's ending says, whole or not at all."""
    from nktrade.errors import InputError

    if file.suffix not in (".csv", ".parquet"):
        raise InputError(
            f"unknown format {file.suffix!r}", where=str(file), expected="'.csv' or '.parquet'"
        )
    part = file.with_name(f".{file.name}.part")
    try:
        if file.suffix == ".parquet":
            frame.to_parquet(part, index=False)
        else:
            frame.to_csv(part, index=False)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(
            "the file cannot be written", where=str(file), got=error.strerror or str(error)
        ) from None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))
