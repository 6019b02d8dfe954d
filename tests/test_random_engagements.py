"""Engagements drawn at random are planned, and the checker accepts every plan."""

from __future__ import annotations

import os

from plans import engagements

from hotline_catalyst.judgement import judge_everything
from hotline_catalyst.planning.generation import generate
from hotline_catalyst.planning.plan_check import check
from hotline_catalyst.planning.scheduling import base_problem
from hotline_catalyst.planning.solver import solve
from hotline_catalyst.planning.wishes import applied
from hotline_catalyst.roadmapping import asked

SOAK = bool(os.environ.get("SOAK"))


def test_real_engagements_plans_keep_every_rule(tmp_path):
    for name, engagement in engagements(tmp_path, 50 if SOAK else 2, seed=2):
        questions = asked(engagement, judge_everything(engagement))
        given = applied(base_problem(questions), questions.wishes)
        plan = generate(given, 24) if not SOAK else solve(given).plan
        assert plan is not None, f"{name}: no plan"
        assert [b.text for b in check(given, plan)] == [], name
