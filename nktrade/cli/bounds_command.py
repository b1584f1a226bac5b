"""``nktrade bounds``: what the published figures alone allow."""

from __future__ import annotations

from pathlib import Path

import click

from nktrade.cli.common import JSON, print_frame
from nktrade.files.terminal import tell

_WORDS = (
    *("flow", "hs", "period", "province", "industry", "bec", "by", "view", "data", "facts", "band"),
)


@click.command()
@click.argument("query", nargs=-1, required=True)
@JSON
def bounds(query: tuple[str, ...], as_json: bool) -> None:
    """The least and the greatest that published figures allow for a sum.

    QUERY is one or more of NAME=VALUE: period (needed), flow, hs, province, industry, bec, by,
    view, data, facts, band (80 or 95: the panel's point with a band that held so many of a hundred
    left-out figures); several values are given with commas. For example:

        nktrade bounds flow=export period=2020-H1 hs=30 view=PRK
    """
    from nktrade.errors import InputError, check_choice
    from nktrade.study.known import bounds as find_bounds

    asked: dict = {}
    for word in query:
        name, equals, value = word.partition("=")
        if not equals or not value:
            raise InputError(f"{word!r} is not NAME=VALUE", expected="as period=2020-H1")
        check_choice("name", name, _WORDS)
        if name in asked:
            raise InputError(f"{name!r} is given twice")
        several = [part.strip() for part in value.split(",")]
        asked[name] = several if len(several) > 1 else several[0]
    if "period" not in asked:
        raise InputError("no period is given", expected="as period=2020-H1")
    for name in ("flow", "industry", "bec", "view", "data", "band"):
        if isinstance(asked.get(name), list):
            raise InputError(f"{name!r} takes one value", got=", ".join(asked[name]))
    if "facts" in asked:
        asked["facts"] = Path(str(asked["facts"]))
    if "band" in asked:
        _print_bands(asked, as_json)
        return
    found = find_bounds(**asked)
    if as_json:
        print_frame(found, True)
        return
    print_frame(found.drop(columns=["proof", "figures"]).round(0), False)
    for _, row in found.iterrows() if len(found) == 1 else ():
        tell(f"\nproof, million USD: {row['proof']}")


def _print_bands(asked: dict, as_json: bool) -> None:
    """Print the panel's point and its band: an assumption, and it says so."""
    from nktrade.errors import InputError
    from nktrade.published.bands import bands

    level = str(asked.pop("band"))
    if str(asked.pop("data", "default")) != "default":
        raise InputError("a store is recorded, and has no band")
    if level not in ("80", "95"):
        raise InputError(f"no bands of {level} percent", expected="80 or 95")
    found = bands(int(level), **asked)
    print_frame(found if as_json else found.round(0), as_json)
    if not as_json:
        tell("\nThe point and its band rest on the panel's prior: no finding.")
