"""Published figures, and whether a trade table agrees with them."""

from nktrade.documents.figures import (
    COLUMNS,
    DOCUMENTS,
    UNITS,
    figures_for,
    load_documents,
    load_exchange_rates,
    load_reported,
    published_months,
    read_printed,
)
from nktrade.documents.verdicts import (
    AGREES,
    DIFFERS,
    READING,
    UNCHECKED,
    Comparison,
    compare,
    compute,
    judge,
    read_periods,
    rows_of,
    tolerance,
)

__all__ = [
    "AGREES",
    "COLUMNS",
    "DIFFERS",
    "DOCUMENTS",
    "READING",
    "UNCHECKED",
    "UNITS",
    "Comparison",
    "compare",
    "compute",
    "figures_for",
    "judge",
    "load_documents",
    "load_exchange_rates",
    "load_reported",
    "published_months",
    "read_periods",
    "read_printed",
    "rows_of",
    "tolerance",
]
