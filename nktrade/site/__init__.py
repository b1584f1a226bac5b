"""The site: one self-contained page a run, and the index that leads to them."""
