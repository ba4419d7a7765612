"""The generated parts of the documentation. `make docs` writes them, and a test checks that they are current."""
