"""A library that reads Bitrix24 portals fast and safely. It knows nothing of Airbyte.

One request's way: `client` (limit, send, decode, raise) carries a `batch` of commands; `keyset` turns its answers into rows
in order; `scan` keeps several of them in flight and gives chunks back in order.
"""
