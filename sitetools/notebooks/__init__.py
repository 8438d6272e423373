"""Every lecture as a notebook that runs anywhere, made from the page itself so that the two cannot drift."""
