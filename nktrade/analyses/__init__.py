"""The methods of single pages: one module an analysis.

Each takes trade tables or tables of months and returns frames; none reads files or draws.
"""
