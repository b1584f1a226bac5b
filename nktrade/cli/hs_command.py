"""``nktrade hs``: codes shown, searched and mapped."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.cli.common import JSON, Commands, print_frame, print_json
from nktrade.files.terminal import tell


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
    tell(f"{about['code']}  {about['name'] or '(no name)'}")
    tell(f"editions: {', '.join(about['editions']) or 'in none of those known'}")
    for parent, name in about["parents"].items():
        tell(f"under {parent}  {name}")
    for child in about["children"]:
        tell(f"  {child}  {codes.name(child)}".rstrip())
    for name, value in about["classes"].items():
        if value and name not in ("chapter", "heading", "subheading", "family"):
            tell(f"{name}: {value}")
    tell(f"units at China's customs: {' or '.join(about['units'])}")
    if about["baskets"]:
        tell(f"baskets: {', '.join(about['baskets'])}")
    for measure in about["sanctions"]:
        until = f" to {measure['ended']}" if measure["ended"] else ""
        tell(
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
@click.option("--column", help="The column of codes; by default the one that looks so.")
@click.option("--edition", default="HS2017", show_default=True, help="Edition of the codes.")
@click.option("--encoding", help="Of a text in neither UTF-8 nor GBK, as cp949.")
def map_codes(file: Path, to: str, column: str | None, edition: str, encoding: str | None) -> None:
    """Add a class to each HS code of a list and write it to standard output as CSV.

    The list may be CSV with commas, semicolons or tabs, in UTF-8, GBK or UTF-16, a workbook or
    Parquet. What is no code is left without a class and named; a code that lost a zero is refused.
    """
    from nktrade.cli.code_lists import find_codes, is_heading, map_list, refuse_strange_letters
    from nktrade.files.writing import defuse
    from nktrade.sources.records import read_table_text

    table = read_table_text(file, encoding, is_heading)
    refuse_strange_letters(table, str(file))
    column = find_codes(table, column, str(file))
    answers, unread = map_list(table[column], to, edition, str(file))
    table[answers.name] = answers
    tell(defuse(table).to_csv(index=False), nl=False)
    missing = answers.isna()
    tell(f"{to}: {(~missing).sum()} of {len(table)} lines mapped", err=True)
    told = [f"{text!r} (row {row})" for row, text in unread.items()]
    left = sorted(table.loc[missing, column].drop(unread.index).dropna().unique())
    for words, names in (
        ("not read", told),
        (f"not mapped (are they of {edition}? see --edition)", left),
    ):
        if names:
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            tell(f"{words}: {', '.join(names[:8])}{more}", err=True)
