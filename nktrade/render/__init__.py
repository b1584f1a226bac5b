"""Running a collection of notebooks: catalogue, plan, worker processes, site.

The batch knows notebooks as files and nothing of trade.
"""
