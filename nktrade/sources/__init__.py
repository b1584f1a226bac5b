"""Where rows come from: each module reads one publisher's files into the trade table."""
