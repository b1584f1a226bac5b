"""The arithmetic of the published documents, checked against itself.

Every figure is taken as an interval, its rounding; every relation between figures is a formula. A
verdict follows from whether true numbers inside the intervals can satisfy the formulas.
"""

from nktrade.audit.formulas import Formula
from nktrade.audit.intervals import Interval
from nktrade.audit.prints import read_levels
from nktrade.audit.relations import Check, derive_checks
from nktrade.audit.report import COLUMNS, VERDICTS, audit_documents
from nktrade.audit.summary import count_verdicts, list_misprints

__all__ = [
    "COLUMNS",
    "VERDICTS",
    "Check",
    "Formula",
    "Interval",
    "audit_documents",
    "count_verdicts",
    "derive_checks",
    "list_misprints",
    "read_levels",
]
