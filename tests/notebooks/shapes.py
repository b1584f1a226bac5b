"""Stores of every shape that a user may bring, made in the layouts that publishers use.

Values are drawn at random from a fixed seed: nothing here is a record of anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from nktrade import store
from tests.conftest import ROOT

#: Lines that China sends and buys; the pages ask for most of them.
SENT = (
    *("10063020", "11010000", "15079010", "15119020", "17011400", "19053100", "22030000"),
    *("27040010", "30045000", "30049090", "31052000", "39172300", "54075200", "60063200"),
    *("67030000", "69022000", "73043110", "84713000", "85021100", "87032341", "90189099"),
    "91149000",
)
BOUGHT = (
    *("26110000", "26131000", "27160000", "50020011", "62034200", "67042000", "70052900"),
    *("72022100", "91081100"),
)
#: Lines that only the edition of 2022 has, sent and bought.
NEW = ("24041100", "30024100", "38221100", "84851000", "85241100", "85491100", "88062100")
MONTHS = [f"{month:%Y%m}" for month in pd.date_range("2017-01", "2024-12", freq="MS")]
HEADINGS = ["数据年月", "贸易伙伴编码", "商品编码", "第一数量", "第一计量单位"]
KOREA, BRAZIL = "109", "410"


def write_downloads(
    folder: Path,
    months: list[str],
    *,
    currency: str = "美元",
    parts: list[tuple[str, str]] | None = None,
    partner: str = KOREA,
    digits: int = 8,
    flows: tuple[str, ...] = ("out", "in"),
    chapter: str = "",
    lines: tuple[str, ...] = (),
    zero: bool = False,
) -> None:
    """Write a file a month and flow as customs' own downloads are laid out."""
    noise = np.random.default_rng(17)
    folder.mkdir(parents=True, exist_ok=True)
    headings = HEADINGS + (["注册地编码", "贸易方式编码"] if parts else []) + [currency]
    for flow in flows:
        traded = lines or (SENT if flow == "out" else BOUGHT)
        goods = dict.fromkeys(code[:digits] for code in traded if code.startswith(chapter))
        for month in months:
            rows = [
                [month, partner, code, weight, "千克", *part, value]
                for code in goods
                for part in parts or [()]
                for weight, value in [
                    (noise.lognormal((8, 13), 1) * (not zero)).astype(int).tolist()
                ]
            ]
            table = pd.DataFrame(rows, columns=headings)
            table.to_csv(folder / f"{month}{flow}.csv", index=False, encoding="utf-8-sig")


def import_downloads(place: Path, months: list[str], **layout: Any) -> Path:
    """Write downloads of customs and import them into a store."""
    write_downloads(place / "files", months, **layout)
    flows = {"export": "*out.csv", "import": "*in.csv"}
    store.import_files(place / "store", "gacc", [place / "files"], flow=flows)
    return place / "store"


def _full(place: Path) -> Path:
    parts = [(province, regime) for province in ("21", "44") for regime in ("10", "19")]
    return import_downloads(place, MONTHS, parts=parts)


def _two_levels(place: Path) -> Path:
    write_downloads(place / "fine", MONTHS[60:84])
    write_downloads(place / "coarse", MONTHS[60:84], digits=4)
    flows = {"export": "*out.csv", "import": "*in.csv"}
    for files in ("fine", "coarse"):
        store.import_files(place / "store", "gacc", [place / files], flow=flows)
    return place / "store"


def _two_currencies(place: Path) -> Path:
    flows = {"export": "*out.csv", "import": "*in.csv"}
    for currency in ("美元", "人民币"):
        write_downloads(place / currency, MONTHS[60:84], currency=currency)
        store.import_files(place / "store", "gacc", [place / currency], flow=flows)
    return place / "store"


def _hidden(place: Path) -> Path:
    """Import from a publisher that names goods and keeps every value to itself."""
    place.mkdir(parents=True, exist_ok=True)
    rows = [
        f"{month[:4]}-{month[4:]};{flow};PRK;{code[:6]};\n"
        for month in MONTHS[36:72]
        for flow, goods in (("export", SENT), ("import", BOUGHT))
        for code in goods
    ]
    text = "month;flow;partner;code;thousand dollars\n" + "".join(rows)
    (place / "2020.toy").write_text(text, encoding="utf-8")
    with mock.patch.object(sys, "path", [str(ROOT / "tests" / "sources" / "toy"), *sys.path]):
        store.import_files(place / "store", "toyland", [place / "2020.toy"])
    return place / "store"


def _comtrade(place: Path, reporter: str = "CHN") -> Path:
    noise = np.random.default_rng(18)
    place.mkdir(parents=True, exist_ok=True)
    sides = [("X", SENT), ("M", BOUGHT)]
    fixed = {"freqCode": "M", "reporterISO": reporter, "partnerISO": "PRK", "partner2Code": 0}
    fixed |= {"classificationCode": "H5", "customsCode": "C00", "mosCode": "0", "motCode": 0}
    rows = [
        fixed | {"period": month, "flowCode": flow, "cmdCode": code}
        | {"netWgt": 10.0, "primaryValue": float(noise.lognormal(13, 1))}
        for month in MONTHS[:60]
        for flow, goods in sides
        for code in dict.fromkeys(good[:6] for good in goods)
    ]  # fmt: skip
    file = place / "saved.json"
    file.write_text(json.dumps({"count": len(rows), "data": rows}))
    store.import_files(place / "store", "comtrade", [file])
    return place / "store"


def _many_declarers(place: Path) -> Path:
    """Four declarers' years with the North, and with the South whom two of them take for it."""
    place.mkdir(parents=True, exist_ok=True)
    fixed = {"freqCode": "A", "classificationCode": "H5", "partner2Code": 0, "customsCode": "C00"}
    fixed |= {"mosCode": "0", "motCode": 0, "netWgt": 10.0}
    lines = [("CHN", "PRK", SENT + BOUGHT, 5_000), ("RUS", "PRK", SENT[:4] + BOUGHT[:4], 1_000)]
    lines += [("IND", "PRK", ("85423100", "62034200"), 7_000), ("DEU", "PRK", SENT[:2], 100)]
    lines += [(who, "KOR", ("85423100", *BOUGHT), 9_000) for who in ("CHN", "RUS", "IND", "DEU")]
    rows = [
        fixed | {"period": str(year), "flowCode": flow, "cmdCode": code, "primaryValue": value}
        | {"reporterISO": reporter, "partnerISO": partner}
        for year in range(2018, 2023)
        for reporter, partner, goods, value in lines
        for flow in ("X", "M")
        for code in dict.fromkeys(good[:6] for good in goods)
    ]  # fmt: skip
    file = place / "saved.json"
    file.write_text(json.dumps({"count": len(rows), "data": rows}))
    store.import_files(place / "store", "comtrade", [file])
    return place / "store"


def _baci(place: Path) -> Path:
    noise = np.random.default_rng(19)
    place.mkdir(parents=True, exist_ok=True)
    for year in range(2018, 2023):
        lines = [
            f"{year},{i},{j},{code[:6]},{noise.lognormal(6, 1):.3f},{noise.lognormal(2, 1):.3f}\n"
            for i, j, goods in ((156, 408, SENT), (408, 156, BOUGHT))
            for code in goods
        ]
        name = f"BACI_HS17_Y{year}_V202401b.csv"
        (place / name).write_text("t,i,j,k,v,q\n" + "".join(lines), encoding="ascii")
    files = sorted(place.glob("BACI*.csv"))
    store.import_files(place / "store", "baci", files)
    return place / "store"


#: Each shape: how its store is made, and what a page must be told beside where it is.
SHAPES: dict[str, tuple[Callable[[Path], Path], dict[str, Any]]] = {
    "full history": (_full, {}),
    "six months missing": (
        lambda place: import_downloads(place, MONTHS[:30] + MONTHS[36:]),
        {},
    ),
    "January 2020 absent": (
        lambda place: import_downloads(place, [m for m in MONTHS if m != "202001"]),
        {},
    ),
    "one flow": (lambda place: import_downloads(place, MONTHS, flows=("out",)), {}),
    "one month": (lambda place: import_downloads(place, ["202303"]), {}),
    "one year": (lambda place: import_downloads(place, MONTHS[72:84]), {}),
    "yuan": (lambda place: import_downloads(place, MONTHS, currency="人民币"), {"currency": "CNY"}),
    "one chapter": (lambda place: import_downloads(place, MONTHS, chapter="67"), {}),
    "two levels": (_two_levels, {}),
    "Comtrade at six digits": (_comtrade, {}),
    "BACI by year": (_baci, {}),
    "another partner": (
        lambda place: import_downloads(place, MONTHS, partner=BRAZIL),
        {"partner": "BRA"},
    ),
    "many declarers": (_many_declarers, {}),
    "another declarer": (lambda place: _comtrade(place, "RUS"), {}),
    "two months far apart": (lambda place: import_downloads(place, ["201703", "202311"]), {}),
    "only zeros": (lambda place: import_downloads(place, MONTHS, zero=True), {}),
    "one row": (
        lambda place: import_downloads(place, ["202005"], flows=("out",), lines=("69022000",)),
        {},
    ),
    "lines of 2022 alone": (lambda place: import_downloads(place, MONTHS[60:], lines=NEW), {}),
    "two currencies": (_two_currencies, {}),
    "every value hidden": (_hidden, {}),
    "a partner without rows": (lambda place: import_downloads(place, MONTHS), {"partner": "MNG"}),
    "a partner of the panel without rows": (lambda _: Path("default"), {"partner": "MNG"}),
    "months to come": (
        lambda place: import_downloads(place, [f"2031{month:02d}" for month in range(1, 13)]),
        {"end": "2031-12"},
    ),
}


def choose_pairs(names: list[str], turn: int) -> Iterator[tuple[str, str]]:
    """Yield a quarter of the notebooks, each with one shape; other turns, other pairs.

    Parameters
    ----------
    names : list of str
    turn : int
        As the number of the day.
    """
    shapes = list(SHAPES)
    for number, name in list(enumerate(names))[turn % 4 :: 4]:
        yield name, shapes[(5 * number + turn // 4) % len(shapes)]
