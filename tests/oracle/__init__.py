"""A naive recount of the contract, from raw records to the rows of `GET /api/v1/kpis`.

It shares no code with the product and is written for reading, not for speed: the fast code is judged by it.
"""

from tests.oracle.rows import contributions, recount_all, rows, totals

__all__ = ["contributions", "recount_all", "rows", "totals"]
