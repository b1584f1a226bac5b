"""Measures of trade: sums, shares, growth, quantities, breaks, scans, forecasts, stocks, two sides.

All take and return tidy frames in the unit they are given; none bridges a missing month.
"""

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "sums": ["add_up", "rank_items", "compare_periods"],
        "growth": [
            "compute_growth",
            "accumulate_year",
            "compute_balance",
            "compute_recovery",
            "compute_contributions",
            "keep_largest",
        ],
        "known_sums": ["keep_known", "rank_known"],
        "shares": ["compute_shares", "compute_concentration"],
        "class_sums": ["sum_classes", "coverage", "list_unmapped"],
        "bans": ["mark_bans", "sum_after_bans"],
        "quantities": [
            "METHODS",
            "compute_unit_values",
            "decompose_change",
            "compare_quantities",
            "weigh",
        ],
        "prices": ["PriceIndex", "compare_prices", "compute_terms_of_trade", "index_prices"],
        "synthetic_control": ["Counterfactual", "compare_with_others", "try_dates"],
        "gravity": ["Gravity", "fit_gravity"],
        "breaks": [
            "SHORTEST_SEGMENT",
            "Interruption",
            "fit_interruption",
        ],
        "autoregression": ["Autoregression", "fit_autoregression"],
        "overviews": ["overview"],
        "summaries": ["Summary"],
        "seasons": ["Season", "adjust_season", "count_new_year", "load_new_years"],
        "spikes": ["find_spikes"],
        "lags": ["cross_correlate"],
        "scan": ["ZEROS", "Scan", "scan_moves"],
        "scores": ["FEWEST_SERIES", "LEAST_SCALE", "REACH", "score_logs"],
        "forecasts": [
            "LEVELS",
            "SHORTEST",
            "BENCHMARK",
            "forecast_months",
            "roll_origins",
        ],
        "accuracy": ["calibrate_forecasts", "compare_accuracy", "score_forecasts"],
        "presence": ["mark_presence", "count_presence"],
        "endings": ["find_stops"],
        "stocks": [
            "ABSENT",
            "pair_months",
            "keep_stock",
            "find_shortage",
            "find_largest_share",
            "suspend_parts",
            "trace_vintages",
        ],
        "drains": ["accumulate_drain", "run_scenarios", "find_receipts", "tabulate_needs"],
        "leontief": ["Plan", "invert_technology", "find_requirements", "maximise_output"],
        "mislabelled": ["TRUSTED", "set_apart", "both_versions", "measure_rule"],
        "reconciling": ["reliability", "reconcile"],
        "two_sides": ["LEVELS", "compare_sides", "compare_sources", "sum_years"],
    },
)
