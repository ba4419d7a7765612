"""`make demo`: the whole job against the bundled portal, shown step by step."""
