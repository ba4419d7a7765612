"""`make demo`: every command of the connector, run against the bundled portal and shown step by step."""
