"""`make report`: a dbt package and a page of charts. Runs in an environment of its own, `analytics/.venv`."""
