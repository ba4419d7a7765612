"""The generated parts of the documentation: `make docs` writes them, a test sees that they are current."""
