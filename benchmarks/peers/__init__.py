"""The other readers, each a script of its own that `benchmarks.measure` starts."""
