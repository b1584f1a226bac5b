"""The reconstructed panel: built from a prior and from everything that was published.

``python -m tools.reconstruct`` builds it again. `prior` reads what was expected, `nearest` finds a
member of the identified set near it, and `panel` goes from there to file.
"""
