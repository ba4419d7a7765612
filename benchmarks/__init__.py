"""The benchmark: readers side by side, each in its own process, against a portal emulator with fixed limits."""
