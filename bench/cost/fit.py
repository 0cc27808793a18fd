"""Coefficients from what was measured: least squares of relative errors, none of them negative."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def least_squares(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """The least x for which rows · x is nearest to the values, errors taken relatively; none is negative.

    >>> [round(x, 6) for x in least_squares([[1, 0], [1, 10], [1, 20]], [5, 25, 45])]
    [5.0, 2.0]
    """
    scaled = [[each / value for each in row] for row, value in zip(rows, values, strict=True)]
    size = len(rows[0])
    taken = [column for column in range(size) if any(row[column] for row in rows)]
    while True:
        found = _solve([[row[column] for column in taken] for row in scaled])
        worst = min(range(len(taken)), key=lambda n: found[n] * max(row[taken[n]] for row in scaled))
        if found[worst] >= 0:
            answer = [0.0] * size
            for column, x in zip(taken, found, strict=True):
                answer[column] = x
            return answer
        del taken[worst]


def _solve(rows: list[list[float]]) -> list[float]:
    """Normal equations of rows · x = 1, by elimination; columns are brought to one size first."""
    size = len(rows[0])
    norms = [sum(row[n] ** 2 for row in rows) ** 0.5 for n in range(size)]
    rows = [[row[n] / norms[n] for n in range(size)] for row in rows]
    table = [
        [sum(row[i] * row[j] for row in rows) + (1e-9 if i == j else 0.0) for j in range(size)]
        + [sum(row[i] for row in rows)]
        for i in range(size)
    ]
    for i in range(size):
        pivot = max(range(i, size), key=lambda n: abs(table[n][i]))
        table[i], table[pivot] = table[pivot], table[i]
        for n in range(size):
            if n != i:
                factor = table[n][i] / table[i][i]
                table[n] = [a - factor * b for a, b in zip(table[n], table[i], strict=True)]
    return [table[i][size] / table[i][i] / norms[i] for i in range(size)]
