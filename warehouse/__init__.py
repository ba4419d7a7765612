"""`make sync`: a portal in a DuckDB file, by PyAirbyte. Runs in an environment of its own, `warehouse/.venv`."""
