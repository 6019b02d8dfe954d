"""What a roster must cost at least, by the linear program behind its rules: cheap, and often enough for a proof."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, inf
from typing import Any

import numpy as np

# Prices are whole numbers; the linear program is right to far better than this.
TOLERANCE = 1e-3
UNLIMITED = 2**60


def linear_bound(stated: Any) -> int | None:
    """Return a price that no answer can be below; None when the linear program has no solution.

    Parameters
    ----------
    stated
        A CP-SAT model as a message, made of linear rules and choices of exactly one. Its types have no public names.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    variables = list(stated.variables)
    if not variables:
        return round(float(stated.objective.offset))
    rows = list(_rows(stated))
    places = np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows])
    columns = np.concatenate([row[0] for row in rows])
    factors = np.concatenate([row[1] for row in rows])
    table = csr_array((factors, (places, columns)), shape=(len(rows), len(variables)))
    cost = np.zeros(len(variables))
    np.add.at(cost, list(stated.objective.vars), list(stated.objective.coeffs))
    solved = milp(
        cost,
        constraints=LinearConstraint(table, [row[2] for row in rows], [row[3] for row in rows]),
        bounds=Bounds([v.domain[0] for v in variables], [v.domain[len(v.domain) - 1] for v in variables]),
    )
    return None if solved.x is None else ceil(float(solved.fun) + float(stated.objective.offset) - TOLERANCE)


def _rows(stated: Any) -> Iterator[tuple[list[int], list[float], float, float]]:
    """Yield each rule as columns, factors, lower and upper limit."""
    for rule in stated.constraints:
        # Asking for a part that a rule does not have would put it there in place of what it has.
        if rule.has_exactly_one():
            literals = list(rule.exactly_one.literals)
            yield literals, [1.0] * len(literals), 1.0, 1.0
        elif rule.has_linear():
            least, most = rule.linear.domain[0], rule.linear.domain[len(rule.linear.domain) - 1]
            yield (
                list(rule.linear.vars),
                [float(factor) for factor in rule.linear.coeffs],
                float(least) if least > -UNLIMITED else -inf,
                float(most) if most < UNLIMITED else inf,
            )
