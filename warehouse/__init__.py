"""`make sync`: reads a portal into a DuckDB file through PyAirbyte. Runs in an environment of its own, `warehouse/.venv`."""
