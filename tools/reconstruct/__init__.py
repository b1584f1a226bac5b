"""The reconstructed panel: built from a prior and from everything that was published.

``python -m tools.reconstruct`` builds it again. `constraints` turns published figures into
intervals for sums of cells, `entropy` finds the panel nearest to the prior inside them, and
`panel` goes from prior to file.
"""

from tools.reconstruct.panel import (
    build,
    build_panel,
    build_prior,
    fit_months,
    leave_one_out,
    solve,
    write,
)

__all__ = [
    "build",
    "build_panel",
    "build_prior",
    "fit_months",
    "leave_one_out",
    "solve",
    "write",
]
