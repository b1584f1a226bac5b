"""The trade table: rows, what of them may be added, months, periods, currency."""
