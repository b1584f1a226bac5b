"""Files whoever reads or writes them: written whole or not at all, read within limits, swept."""
