"""What a staffing plan is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .calendar import DAYS, QUARTERS_A_DAY, QUARTERS_A_WEEK, Country, Limit
from .cases import Case
from .demand import Demand, Parameters
from .need import Targets, targets_of
from .shifts import Designer
from .staffing_words import StaffingWords, load_staffing_words


@dataclass(frozen=True)
class Question:
    """What a staffing plan is asked for.

    Parameters
    ----------
    demand
        What arrives by the channels and in the languages offered.
    case
        Hours, channels, languages (the main one first) and the promise.
    already
        Full-time advocates in post who need not be hired.
    running
        Whether the line is open already.
    weeks
        Weeks to simulate; None: a thousand, fewer on a busy line.
    """

    demand: Demand
    case: Case
    country: Country
    limits: dict[str, Limit]
    parameters: Parameters
    already: float = 0.0
    running: bool = False
    weeks: int | None = None

    def figure(self, name: str) -> float:
        """Return a parameter's likely value."""
        return self.parameters[name].likely

    @cached_property
    def targets(self) -> Targets:
        """The promise and the floors."""
        return targets_of(self.parameters)

    @cached_property
    def designer(self) -> Designer:
        """Designs shifts under the country's rules."""
        return Designer(
            self.country,
            self.limits,
            shortest_h=self.figure("staffing.shortest_shift_hours"),
            handover=round(self.figure("staffing.handover_minutes")),
            variety_hours=self.figure("staffing.shift_variety_hours"),
            unsocial_hours=self.figure("staffing.unsocial_change_hours"),
        )

    @property
    def primary(self) -> str:
        """The language everybody on shift speaks."""
        return self.case.languages[0]

    @cached_property
    def words(self) -> StaffingWords:
        """What the plan says."""
        return load_staffing_words()


def business_quarters(question: Question) -> NDArray[np.bool_]:
    """Whether each of the week's quarter-hours is business hours: written work is done in them."""
    quarter = np.arange(QUARTERS_A_WEEK)
    hour = quarter % QUARTERS_A_DAY / 4
    working = np.repeat([day not in question.country.weekend for day in DAYS], QUARTERS_A_DAY)
    inside = (hour >= question.figure("service.business_from")) & (hour < question.figure("service.business_to"))
    return np.asarray(working & inside)
