"""The benchmark: readers side by side, each a process of its own, against one portal emulator with fixed limits."""
