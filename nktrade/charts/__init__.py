"""Charts with one look: a title that states the finding, units, a caption with source and status.

Each function takes a tidy frame and returns a `Chart`, which shows itself in a notebook with its
alternative text. Published figures are drawn as points over whatever is estimated.
"""

from nktrade.charts.bars import draw_bars
from nktrade.charts.composition import draw_composition, draw_ranks
from nktrade.charts.expected import draw_expected
from nktrade.charts.fan import draw_fan
from nktrade.charts.frame import (
    COLOURS,
    EVENTS,
    PALETTE,
    Chart,
    scale_money,
    write_caption,
    write_figure,
)
from nktrade.charts.heatmap import draw_heatmap
from nktrade.charts.month_strips import draw_presence
from nktrade.charts.ranges import draw_ranges
from nktrade.charts.readings import draw_printed_and_meant
from nktrade.charts.scenarios import draw_paths, draw_plane
from nktrade.charts.trends import draw_change, draw_counterfactual, draw_small_multiples, draw_trend
from nktrade.charts.unusual_months import draw_scan

__all__ = [
    "COLOURS",
    "EVENTS",
    "PALETTE",
    "Chart",
    "draw_bars",
    "draw_change",
    "draw_composition",
    "draw_counterfactual",
    "draw_expected",
    "draw_fan",
    "draw_heatmap",
    "draw_paths",
    "draw_plane",
    "draw_presence",
    "draw_printed_and_meant",
    "draw_ranges",
    "draw_ranks",
    "draw_scan",
    "draw_small_multiples",
    "draw_trend",
    "scale_money",
    "write_caption",
    "write_figure",
]


def __dir__():
    return sorted(__all__)
