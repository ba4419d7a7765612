"""The other readers. Each is a script that `benchmarks.measure` starts."""
