"""Tests of the facts that the doctor asks."""
