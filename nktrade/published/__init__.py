"""What was published: figures as printed, what follows from print alone, and verdicts on both.

`documents` reads what was printed, file by file, and `figures` puts all of it into one ledger; the
audit takes every figure as an interval,
its rounding, and every relation between figures as a formula; `verdicts` holds a trade table
against what was printed.
"""

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "figures": ["find_fixed_months", "load_figures", "split_codes"],
        "documents": [
            "DOCUMENTS",
            "UNITS",
            "figures_for",
            "load_documents",
            "load_exchange_rates",
            "load_monthly_rates",
            "load_reported",
            "published_months",
            "read_printed",
        ],
        "allowed": ["allow_by_prints", "allow_by_set"],
        "beside_print": ["Comparison", "compare"],
        "computing": ["Amounts", "compute", "rows_of"],
        "verdicts": [
            "AGREES",
            "CIRCULAR",
            "CORRECTED",
            "COUNTS",
            "DIFFERS",
            "UNCHECKED",
            "is_forecast",
            "judge",
            "load_imposed",
            "load_not_honoured",
            "read_periods",
        ],
        "bounds": ["bounds_ratio"],
        "comparisons": ["Claim", "claim", "judge_claim"],
        "questions": ["tell_sum"],
        "drain_claim": ["DrainClaim", "read_drain_claim"],
        "recoveries": ["bound_recovery"],
        "truck_example": ["load_truck_example"],
        "end_uses": ["tabulate_end_uses"],
        "province_ranks": [
            "bound_indices",
            "bound_shares",
            "check_provinces",
            "read_province_industries",
            "read_ranking",
        ],
        "provinces_chemistry": ["sum_printed_chemistry"],
        "formulas": ["Formula"],
        "discrepancy": ["measure_discrepancy"],
        "intervals": ["Interval", "tolerance"],
        "panel_support": ["limit_sums"],
        "possible": ["bound_concentration", "bound_leaders", "judge_peaks", "judge_ranks"],
        "prints": ["read_levels"],
        "relations": ["Check", "derive_checks"],
        "audit": ["VERDICTS", "audit_documents"],
        "summary": [
            "choose_checks",
            "count_verdicts",
            "list_misprints",
            "measure_misprints",
            "tabulate_checks",
            "tabulate_claims",
            "tabulate_gaps",
            "tabulate_misprints",
        ],
    },
)
