"""``nktrade data``: customs data of one's own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from nktrade.cli.common import (
    FLOW,
    JSON,
    STORE,
    Commands,
    as_json_text,
    print_frame,
    print_json,
    stop_cleanly,
    write_frame,
)
from nktrade.errors import count_of
from nktrade.files.terminal import tell


@click.group(cls=Commands)
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
@click.option("--level", type=click.IntRange(2, 10), help="Digits of the codes, of several.")
@click.option("--edition", help="HS edition, as HS2017, where it is not the usual one.")
@click.option("--province", help="The one province chosen at the site, as 21.")
@click.option("--regime", help="The one customs regime chosen at the site, as 14.")
@click.option("--layout", help="Of a table: a publisher's (korea, russia …) or a YAML file.")
@click.option("--reporter", help="Of a table: ISO3 code of who declared.")
@click.option("--currency", help="Of a table: of its values, as USD.")
@click.option("--rates", help="Of a table: CSV of period and, as eur_per_usd, rates.")
@click.option("--encoding", help="Of a table's text, as cp949.")
@click.option("--thousands", help="Of a table: the mark for thousands in numbers.")
@click.option("--decimal", help="Of a table: the decimal mark, a point or a comma.")
@click.option("--totals", is_flag=True, default=None, help="Comtrade: the rows are totals.")
@click.option("--sum-parts", is_flag=True, default=None, help="Comtrade: add up parts of lines.")
@click.option("--quantity2", help="Comtrade: qty or altQty, where a row has three quantities.")
@click.option("--downloaded", metavar="DAY", help="Day of the download, as 2024-05-31.")
@click.option(
    "--partial/--whole",
    default=None,
    help="Whether the files are a part of their scope, or whole however much they lack.",
)
@click.option("--allow-truncated", is_flag=True, help="Take files cut off at the site's limit.")
@STORE
@JSON
def import_data(
    source, files, flows, downloaded, partial, allow_truncated, store, as_json, **given
):
    """Import downloaded files or folders into a store, all of them or none.

    A file replaces what an earlier one says of the same months, partners, flows, breakdown, level,
    edition and currency; the files of one command are parts of one download.

    SOURCE is gacc (customs downloads), bulletin (table 2 of customs' monthly bulletin: totals by
    country, as .xls, .xlsx, .csv or .html), baci, comtrade, kita (K-stat), table (any publisher's,
    by --layout) or one that another package adds.
    """
    from nktrade.store import import_files, parse_flows

    stop_cleanly()
    options = {name: value for name, value in given.items() if value is not None}
    flow = parse_flows(flows) if flows else None
    report = import_files(
        store,
        source,
        list(files),
        flow=flow,
        allow_truncated=allow_truncated,
        downloaded=downloaded,
        partial=partial,
        **options,
    )
    print_frame(report, as_json)
    if not as_json:
        tell(f"store: {store}", err=True)


@data.command("fetch")
@click.argument("source", type=click.Choice(["comtrade"]))
@click.option("--years", required=True, metavar="2017-2024", help="A year, or first and last.")
@click.option("--partner", default="PRK", show_default=True, help="ISO3 code of the partner.")
@click.option(
    "--reporter", default="CHN", show_default=True, help="Who declares: CHN, or CHN,RUS, or ALL."
)
@click.option("--yearly", is_flag=True, help="Years instead of months.")
@click.option("--level", type=click.Choice(["4", "6"]), default="6", show_default=True)
@click.option("--flow", type=click.Choice(["both", "export", "import"]), default="both")
@click.option("--refresh", is_flag=True, help="Ask anew even what was answered before.")
@click.option("--dry-run", is_flag=True, help="List the calls and ask nothing.")
@STORE
@JSON
def fetch_data(
    source, years, partner, reporter, yearly, level, flow, refresh, dry_run, store, as_json
):
    """Fetch monthly or yearly figures from UN Comtrade into a store.

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

    stop_cleanly()
    span = parse_years(years, last=dt.date.today().year)
    service = Service.from_environment()
    asked = {"reporter": reporter, "partner": partner, "level": int(level), "flow": flow}
    asked["yearly"] = yearly
    if dry_run:
        calls = list_calls(store, plan_calls(span, keyed=service.keyed, **asked), service)
        if as_json:
            print_frame(calls, as_json)
        for row in [] if as_json else calls.itertuples():
            tell(f"{row.asks}: {row.what}{' (answered)' if row.kept else ''}  {row.url}")
        new = int((~calls["kept"]).sum())
        least = f"at least {new * service.pause / 60:.1f} minutes, more where one is split"
        tell(f"{new} of {count_of(len(calls), 'calls')} to make: {least}", err=True)
        return
    often = 0.1 if sys.stderr.isatty() else 10
    with tqdm(unit="call", file=sys.stderr, dynamic_ncols=True, mininterval=often) as bar:

        def progress(done: int, planned: int) -> None:
            bar.total = planned
            bar.update(done - bar.n)

        report = fetch_comtrade(
            store, span, refresh=refresh, service=service, progress=progress, **asked
        )
    print_frame(report, as_json)


@data.command("status")
@click.option("--partner", default="PRK", show_default=True, help="Whose totals are compared.")
@STORE
@JSON
def data_status(partner: str, store: Path, as_json: bool) -> None:
    """List the files of a store, what later ones revised or withdrew, and the months it lacks.

    Where it holds bulletins, the sums of the rows are shown beside the totals, month by month.
    What does not fit together is listed as doubts.
    """
    from nktrade.store import check_totals, doubts, gaps, gone, revisions, status

    tables = {
        "files": status(store),
        "revised": revisions(store),
        "gone": gone(store),
        "gaps": gaps(store),
        "totals": check_totals(store, partner=partner),
        "doubts": doubts(store, partner=partner),
    }
    if as_json:
        print_json({name: json.loads(as_json_text(table)) for name, table in tables.items()})
        return
    for name, table in tables.items():
        if name == "files" or not table.empty:
            tell(f"{name}:")
            print_frame(table, as_json=False)


@data.command("verify")
@STORE
@JSON
def verify_data(store: Path, as_json: bool) -> None:
    """Hash every part of a store again; exit status 1 if one is changed or missing.

    The number, months, partners and sums of the rows are worked out again, and the manifests are
    followed back to the first.
    """
    from nktrade.store import verify

    report = verify(store)
    print_frame(report, as_json)
    sys.exit(0 if (report["state"] == "good").all() else 1)


@data.command("repair")
@STORE
@JSON
def repair_data(store: Path, as_json: bool) -> None:
    """Rebuild a store's manifest from older ones or from the parts; nothing is removed.

    Exit status 1 if a part is damaged: import its file again.
    """
    from nktrade.store import repair

    report = repair(store)
    print_frame(report, as_json)
    sys.exit(0 if (report["state"] == "good").all() else 1)


@data.command("gc")
@STORE
@JSON
def sweep_data(store: Path, as_json: bool) -> None:
    """Move parts that no manifest names to the store's trash folder: what killed runs left."""
    from nktrade.store import sweep

    print_frame(sweep(store), as_json)


@data.command("mirror")
@click.argument("first", metavar="STORE")
@click.argument("second", metavar="OTHER")
@click.option("--partner", default="PRK", show_default=True, help="ISO3 code.")
@click.option("--reporter", default="CHN", show_default=True, help="Who declared STORE's rows.")
@FLOW
@click.option("--currency", type=click.Choice(["USD", "CNY"]), default="USD", show_default=True)
@click.option(
    "--level",
    type=click.Choice(["0", "2", "4", "6"]),
    default="6",
    show_default=True,
    help="Digits of the codes; 0 for totals.",
)
@click.option("--yearly", is_flag=True, help="Add up months to years, as for BACI.")
@JSON
def mirror_data(first, second, partner, reporter, flow, currency, level, yearly, as_json):
    """Set one flow of two stores side by side.

    Where OTHER holds what the partner declared of the same goods, exports stand FOB beside
    imports CIF with the margin between them; else two sources of one side stand beside each other.
    """
    from nktrade.cli.two_stores import compare_stores

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
    print_frame(table, as_json)


@data.command("rates")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--partner", help="ISO3 code; by default every partner.")
@click.option("--check", is_flag=True, help="Check the rates that are in FILE.")
@STORE
def write_rates(file: Path, partner: str, check: bool, store: Path) -> None:
    """Write to FILE the monthly rates that rows in yuan and in dollars imply.

    The store must hold some rows in both currencies. FILE is a table for: data export --rates.
    With --check, FILE's own rates are tried on the months that were reported in both.
    """
    from nktrade.store import load
    from nktrade.table.currency import compare_rates, imply_rates
    from nktrade.table.rates import read_rates

    yuan, dollars = (load(store, partner=partner, currency=c) for c in ("CNY", "USD"))
    if check:
        print_frame(compare_rates(yuan, dollars, read_rates(file)), as_json=False)
        return
    rates = imply_rates(yuan, dollars)
    rates["period"] = rates["period"].dt.strftime("%Y-%m")
    write_frame(rates, file)
    print_frame(rates, as_json=False)


@data.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--store", "data", default="default", help="A store; by default the panel.")
@click.option("--partner", help="ISO3 code; by default every partner.")
@FLOW
@click.option("--hs", multiple=True, metavar="CODE", help="With everything under it.")
@click.option("--start", help="First month, as 2023-01 or 2023.")
@click.option("--end", help="Last month.")
@click.option("--currency", type=click.Choice(["USD", "CNY"]), help="Where there are several.")
@click.option("--breakdown", help="total, province, regime or province and regime.")
@click.option("--source", help="gacc, comtrade or baci, where there are several.")
@click.option("--edition", help="HS edition, as HS2017, where there are several.")
@click.option("--level", type=int, help="Digits of the codes, where there are several.")
@click.option("--as-of", metavar="DAY", help="Without what was imported after this day.")
@click.option("--rates", type=click.Path(path_type=Path), help="Table of rates: yuan to dollars.")
def export_data(file: Path, data: str, hs: tuple[str, ...], rates: Path | None, **selection):
    """Write the selected rows to FILE (.csv, .parquet, .xlsx or .dta) with a README beside it.

    A FILE that ends in .html is one page without a network, in which the rows are added up as its
    reader chooses.

    RATES is a CSV table with the columns period (2023-01) and cny_per_usd; without it nothing is
    converted.
    """
    from nktrade.cli.explored import explore_rows
    from nktrade.files.writing import refuse_foreign, replace_text
    from nktrade.store import describe, load
    from nktrade.store.export import export

    trade = load(data, hs=hs or None, rates=rates, **selection)
    if file.suffix == ".html":
        asked = {name: value for name, value in selection.items() if value}
        asked |= {"hs": list(hs)} if hs else {}
        words = ", ".join([repr(data), *(f"{name}={value!r}" for name, value in asked.items())])
        caption = f"Source: {describe(data).caption()}."
        refuse_foreign(file, lambda path: "<title>Explorer" in path.read_text(encoding="utf-8"))
        replace_text(file, explore_rows(trade, f"nk.load({words})", caption))
        tell(f"{count_of(len(trade), 'rows')} in {file}: open it in a browser")
        return
    written = export(trade, file, provenance=describe(data))
    tell(f"{count_of(len(trade), 'rows')} in {written[0]}, explained in {written[1]}")
