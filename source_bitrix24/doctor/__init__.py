"""The doctor: measures a portal without changing it, and says what a sync of it will be like.

It uses the reading library and the catalog, and nothing of Airbyte.
"""
