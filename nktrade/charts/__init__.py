"""Charts with one look: a title that states the finding, units, a caption with source and status.

Each function takes a tidy frame and returns a `Chart`, which shows itself in a notebook with its
alternative text. Published figures are drawn as points over whatever is estimated.
"""

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "bars": ["draw_bars"],
        "composition": ["draw_composition", "draw_ranks"],
        "expected": ["draw_expected"],
        "fan": ["draw_fan"],
        "frame": [
            "COLOURS",
            "EVENTS",
            "PALETTE",
            "Chart",
            "scale_money",
            "write_caption",
            "write_figure",
        ],
        "heatmap": ["draw_heatmap"],
        "month_strips": ["draw_presence"],
        "ranges": ["draw_ranges"],
        "readings": ["draw_printed_and_meant"],
        "scenarios": ["draw_paths", "draw_plane"],
        "trends": ["draw_change", "draw_counterfactual", "draw_small_multiples", "draw_trend"],
        "unusual_months": ["draw_scan"],
    },
)
