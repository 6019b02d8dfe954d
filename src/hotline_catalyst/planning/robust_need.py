"""A need that holds when demand is not the likely one: a quantile over scenarios, quarter-hour by quarter-hour."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from ..errors import NoPlanError

Ints = NDArray[np.int64]


def robust_need(needs: Ints, quantile: float) -> Ints:
    """Return the need that a fresh scenario exceeds in at most ``1 - quantile`` of the quarter-hours, on average.

    The count is that of a split conformal bound (Vovk, Gammerman & Shafer 2005): of ``n`` scenarios the one ranked
    ``(n + 1) * quantile``, rounded up, so it holds for any demand as long as scenarios are drawn alike.

    Parameters
    ----------
    needs
        Shape (scenarios, quarter-hours).
    quantile
        Share of fresh scenarios that each quarter-hour's need covers at least, above 0 and below 1.

    Raises
    ------
    NoPlanError
        When the scenarios are too few to say.

    >>> robust_need(np.array([[1], [4], [2], [3]]), 0.6)
    array([3])
    """
    count = len(needs)
    rank = max(1, ceil(round((count + 1) * quantile, 9)))
    if rank > count or not 0 < quantile < 1:
        least = ceil(round(quantile / (1 - quantile), 9)) if 0 < quantile < 1 else 0
        raise NoPlanError(
            f"{count} scenarios cannot say what {quantile:.0%} of them need. "
            + (f"Draw at least {least}." if least else "Ask for a share between 0 and 1.")
        )
    ranked: Ints = np.sort(needs, axis=0)[rank - 1]
    return ranked
