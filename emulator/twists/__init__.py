"""Twists: a switch for each fact that the doctor asks, which turns it round.

app = App(sample_portal(clock)); turn_round(app, "start_beyond_the_end")
"""

from . import batch, classic, items, limits, products, system, values
from .twist import TWISTS, Twist, turn_round

__all__ = ["TWISTS", "Twist", "batch", "classic", "items", "limits", "products", "system", "turn_round", "values"]
