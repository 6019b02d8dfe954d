"""The week to be simulated: who calls and who is on duty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .calendar import MINUTES_A_WEEK, QUARTERS_A_WEEK
from .demand import SignalClass

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Duty:
    """One advocate's shift in the week.

    Parameters
    ----------
    start, end
        Minutes from Monday 00:00; the end may pass 10080 and runs on into Monday. A duty of 10080 minutes is
        always on.
    languages
        Codes of the languages the advocate works in.
    breaks
        (start, end) in minutes on the same axis. A break begins when the contact in hand is over and then has its
        full length.
    """

    start: int
    end: int
    languages: frozenset[str]
    breaks: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be a duty."""
        if not self.start < self.end <= self.start + MINUTES_A_WEEK:
            raise ValueError("A duty must end after it starts and last at most a week.")
        if any(not self.start <= a < b <= self.end for a, b in self.breaks):
            raise ValueError("A break must lie inside its duty and have a length.")


@dataclass(frozen=True)
class Week:
    """Who calls and who is on duty.

    Parameters
    ----------
    classes
        The kinds of signal.
    rates
        Signals an hour by class and quarter-hour, shape (classes, 672), before day factor and redials.
    duties
        The advocates' shifts.
    day_factor_cv
        Coefficient of variation of how busy a day is.
    redial_share, redial_after_s
        Share of those who hang up who call again, and after how long on average (exponential).
    absence
        Chance that a duty is not taken up.
    demand_factors
        One factor a week on all rates, or None.
    open_
        Quarter-hours in which callers come through, (672,); None: whenever somebody is planned to be on duty.
    interpreter_factor, interpreter_connect_s, interpreters
        With an interpreter a contact takes so many times as long and so many seconds more; used for a language
        that nobody on duty speaks.
    """

    classes: tuple[SignalClass, ...]
    rates: Floats
    duties: tuple[Duty, ...]
    day_factor_cv: float = 0
    redial_share: float = 0
    redial_after_s: float = 600
    absence: float = 0
    demand_factors: Floats | None = None
    interpreter_factor: float = 1.8
    interpreter_connect_s: float = 90
    interpreters: bool = True
    open_: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Refuse rates of another shape."""
        if np.shape(self.rates) != (len(self.classes), QUARTERS_A_WEEK):
            raise ValueError(f"Rates must have the shape ({len(self.classes)}, {QUARTERS_A_WEEK}).")

    @property
    def open_quarters(self) -> NDArray[np.bool_]:
        """Quarter-hours of the week in which callers come through."""
        if self.open_ is not None:
            return self.open_
        served = np.zeros(QUARTERS_A_WEEK, dtype=bool)
        for duty in self.duties:
            served[np.arange(duty.start // 15, -(-duty.end // 15)) % QUARTERS_A_WEEK] = True
        return served
