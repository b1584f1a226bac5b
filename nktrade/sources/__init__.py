"""Where rows come from: each module reads one publisher's files into the trade table.

``nk.sources.gacc.read("2023.csv", flow="import", partner="PRK")`` takes one partner's rows straight
from a customs download of any size: the bytes are sifted for the partner's code and only its lines
are decoded. ``nk.sources.baci.read(file, partner="PRK")`` does the same for a year of BACI.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = ["baci", "bulletin", "comtrade", "gacc"]

if TYPE_CHECKING:
    from nktrade.sources import baci, bulletin, comtrade, gacc


def __getattr__(name: str):
    if name in __all__:
        return import_module(f"nktrade.sources.{name}")
    raise AttributeError(f"module 'nktrade.sources' has no attribute {name!r}")
