"""The same with fifty pages a request."""

from benchmarks.peers.without_limiter import main

if __name__ == "__main__":
    main(pages=50)
