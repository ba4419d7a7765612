"""The streams: one class for each way in which a table comes out of a portal."""
