"""``nktrade hs``: codes shown, searched and mapped."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.cli.common import JSON, Commands, print_frame, print_json


@click.group(cls=Commands)
def hs() -> None:
    """HS codes: show, search, map to classes."""


@hs.command("show")
@click.argument("code")
@JSON
def show_code(code: str, as_json: bool) -> None:
    """Show a code: names, parents, editions, classes, baskets, United Nations measures."""
    from nktrade import codes
    from nktrade.measures.sanctions import sanctions

    measures = sanctions(code)
    for column in measures.select_dtypes("datetime").columns:
        measures[column] = measures[column].dt.strftime("%Y-%m-%d")
    about = codes.describe(code) | {"sanctions": measures.fillna("").to_dict("records")}
    if as_json:
        print_json(about)
        return
    click.echo(f"{about['code']}  {about['name'] or '(no name)'}")
    click.echo(f"editions: {', '.join(about['editions']) or 'in none of those known'}")
    for parent, name in about["parents"].items():
        click.echo(f"under {parent}  {name}")
    for child in about["children"]:
        click.echo(f"  {child}  {codes.name(child)}".rstrip())
    for name, value in about["classes"].items():
        if value and name not in ("chapter", "heading", "subheading", "family"):
            click.echo(f"{name}: {value}")
    click.echo(f"units at China's customs: {' or '.join(about['units'])}")
    if about["baskets"]:
        click.echo(f"baskets: {', '.join(about['baskets'])}")
    for measure in about["sanctions"]:
        until = f" to {measure['ended']}" if measure["ended"] else ""
        click.echo(
            f"UN Security Council {measure['resolution']}, paragraph {measure['paragraph']}: "
            f"{measure['kind']} on North Korea's {measure['flow']}s of {measure['goods']}, from "
            f"{measure['effective']}{until}; China's notice: {measure['notice'] or 'none known'}; "
            f"code printed: {measure['code_printed']}; checked: {measure['checked']}"
        )


@hs.command("search")
@click.argument("words", nargs=-1, required=True)
@JSON
def search_codes(words: tuple[str, ...], as_json: bool) -> None:
    """Find codes by everyday words (English, Chinese, Korean) or by how a code begins."""
    from nktrade import codes

    print_frame(codes.search(" ".join(words)), as_json)


@hs.command("map")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", required=True, help="A class, as bec, industry or section.")
@click.option("--column", default="hs", show_default=True, help="The column of codes.")
@click.option("--edition", default="HS2017", show_default=True, help="Edition of the codes.")
def map_codes(file: Path, to: str, column: str, edition: str) -> None:
    """Add a class to each HS code of a CSV file and write it to standard output."""
    import pandas as pd

    from nktrade.codes.classes import assign
    from nktrade.codes.hs import normalise_series
    from nktrade.errors import InputError, did_you_mean

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
