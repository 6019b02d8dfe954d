"""The content check: clean on what we ship, and every slip an author could make is named with file and line."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from hotline_catalyst.assessment.activities import PHASES
from hotline_catalyst.assessment.findings import load_advice
from hotline_catalyst.assessment.instrument import STAGES, load_instrument
from hotline_catalyst.assessment.lint import FILES, LintReport, lint
from hotline_catalyst.assessment.programme import load_programme
from hotline_catalyst.deliverables.playbooks import load_pages
from hotline_catalyst.library import content_root, read_document, read_yaml


@pytest.fixture(scope="module")
def report() -> LintReport:
    return lint()


@pytest.fixture
def content(tmp_path) -> Path:
    """Return a private copy of the content."""
    for folder in ("assessment", "playbooks", "templates"):
        shutil.copytree(
            content_root() / folder, tmp_path / folder, ignore=shutil.ignore_patterns("examples", "schemas")
        )
    return tmp_path


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first ``old`` by ``new`` and return the line it stood on."""
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


@cache
def usual() -> frozenset[str]:
    return frozenset(p.text for p in lint().problems)


def said(root: Path) -> list[str]:
    """Return what is wrong with a changed copy that is not wrong with the content as it stands."""
    return [str(p) for p in lint(root).problems if p.text not in usual()]


# The content as it stands.


def test_the_content_is_clean(report):
    assert [str(p) for p in report.problems] == []


def test_the_counts_are_those_of_the_files(report):
    files = {
        folder: [read_yaml(p) for p in (content_root() / "assessment" / folder).glob("*.yaml")]
        for folder in ("domains", "activities", "recommendations")
    }
    items = [i for d in files["domains"] for i in d["items"]]
    assert report.counts["Items"] == len(items) >= 188
    assert report.counts["Topics of the research covered"] == 188
    assert report.counts["Anchors"] == report.counts["Anchors that differ from every other"] == 5 * len(items)
    assert report.counts["Level steps with an activity"] == 4 * len(items)
    assert report.counts["Dead ends"] == 0
    assert report.counts["Activities"] == sum(len(f["activities"]) for f in files["activities"])
    assert report.counts["Recommendations"] == sum(len(f["recommendations"]) for f in files["recommendations"])
    assert report.counts["Core items"] == sum(1 for i in items if i.get("core")) <= 60


def test_the_topics_are_those_of_the_domain_research(shared):
    text = (shared / "domain" / "DOMAIN.md").read_text("utf-8")
    section = text[text.index("\n## 1. ") : text.index("\n## 2. ")]
    wanted = re.findall(r"(?m)^\| ([A-Z]{2}-\d{2}) \|", section)
    assert list(read_yaml(content_root() / "assessment" / "topics.yaml")["topics"]) == wanted


def test_the_ways_of_delivery_are_the_nine_of_the_programme_page(shared):
    text = (shared / "domain" / "DOMAIN.md").read_text("utf-8")
    assert (
        len(set(re.findall(r"\| (S003-\d\d) \| S003 \| Delivery mode:", text))) == len(load_programme().delivery) == 9
    )


def test_every_role_is_within_45_questions_and_60_minutes_at_every_stage(report):
    assert {(row.role, row.stage) for row in report.burden} == {
        (role, stage) for role in load_instrument().meta.roles for stage in STAGES
    }
    assert [row for row in report.burden if not (0 < row.questions <= 45 and row.minutes <= 60)] == []


def test_the_core_set_says_something_about_every_launch_gate_that_asks_for_items(report):
    assert [row.gate for row in report.gates if row.kind == "launch" and row.items and not row.core] == []
    words = {row.verdict for row in report.gates}
    assert words <= {"can be met", "can be refused, not met", "says nothing", "rests on the plan or a signature"}


def test_the_printed_report_holds_counts_burden_and_gates(report):
    text = "\n".join(report.lines())
    assert re.search(r"^Items: 188$", text, re.M)
    assert re.search(r"^  survivor +36 in \d\d min", text, re.M)
    assert re.search(r"^  GL-01 +1 of 1 +can be met$", text, re.M)
    assert text.splitlines()[-1] == "No problems." or report.problems


def test_every_item_can_be_proven_by_an_activity_that_begins_where_it_is_in_place():
    advice = load_advice(load_instrument())
    proving = {m.item for a in advice.activities.values() for m in a.moves if m.to == 4}
    assert proving == set(load_instrument().items)
    late = [a for a in advice.activities.values() if any(m.from_ == 3 for m in a.moves)]
    assert len(late) >= 15
    for activity in late:
        assert PHASES.index(advice.phase_of[activity.id]) >= PHASES.index("launch"), activity.id


# What an author may do wrong: one planted slip each.

SLIPS: list[tuple[str, str, str, str]] = [  # file, text, what an author made of it, what is said
    (
        "topics.yaml",
        "  EE-01: {title",
        "  EE-99: {title: Lost topic}\n  EE-01: {title",
        r"topics\.yaml: topic EE-99 \(Lost topic\) is not asked; add the item back",
    ),
    (
        "activities/7_optimise.yaml",
        "{item: SC-01, from: 3, to: 4}, ",
        "",
        r"domains/scheduling\.yaml, line \d+: SC-01: no activity carries it from level 3 to 4 \(inception, new, ex",
    ),
    (
        "scoring.yaml",
        "document: {value: 1.5",
        "document: {value: 0.5",
        r"scoring\.yaml: evidence_weight: 'agreed' \(0\.7\) stands above 'document' \(0\.5\)",
    ),
    (
        "scoring.yaml",
        "unsure: {value: 1.8",
        "unsure: {value: 0.1",
        r"scoring\.yaml: certainty_spread: 'fairly' \(0\.9\) stands above 'unsure' \(0\.1\)",
    ),
    (
        "domains/foundation.yaml",
        "feeds: service.voice_within_s",
        "feeds: service.voice_withn_s",
        r"foundation\.yaml, line \d+: FO-Q4: feeds 'service\.voice_withn_s', .*did you mean 'service\.voice_within_s'",
    ),
    (
        "domains/foundation.yaml",
        "unit: seconds",
        "unit: minutes",
        r"FO-Q4: is asked in minutes, but 'service\.voice_within_s' is in seconds",
    ),
    (
        "domains/foundation.yaml",
        "    minimum: 5\n    maximum: 180",
        "    minimum: 60\n    maximum: 180",
        r"FO-Q4: its range \(60 to 180 seconds\) leaves out the default 20 seconds",
    ),
    (
        "parameters/service.yaml",
        'assumption: "Research notes 2.6."',
        'assumption: " "',
        r"parameters/service\.yaml, line \d+: service\.\w+: its source or assumption is empty",
    ),
    (
        "recommendations/scheduling.yaml",
        'source: "[OND][SAM]',
        'source: "[OND][SAMX]',
        r"recommendations/scheduling\.yaml, line \d+: source \[SAMX\] is not in sources\.yaml",
    ),
    (
        "recommendations/scheduling.yaml",
        "offering: scheduling",
        "offering: schedulling",
        r"REC-SC-1: offering 'schedulling' is not one; did you mean 'scheduling'",
    ),
    (
        "recommendations/scheduling.yaml",
        "delivery: [tools, remote_consultation]",
        "delivery: [tools, remote_consulting]",
        r"REC-SC-1: delivery 'remote_consulting' is not a mode of programme\.yaml; did you mean 'remote_consultation'",
    ),
    (
        "recommendations/scheduling.yaml",
        "playbooks: [PB-50, PB-51]",
        "playbooks: [PB-50, PB-99]",
        r"REC-SC-1: there is no playbook PB-99",
    ),
    (
        "recommendations/scheduling.yaml",
        "activities: [A42, A54]",
        "activities: [A10]",
        r"REC-SC-6: answers SC-12, but none of its activities moves it",
    ),
    (
        "activities/4_ready.yaml",
        "after: [R14, A10]",
        "after: [R14, A10, A27]",
        r"4_ready\.yaml, line \d+: A11: comes after A27, which stands in a later phase",
    ),
    (
        "activities/7_optimise.yaml",
        "after: [R27, A39, A42]",
        "after: [R13]",
        r"A54: begins SC-\d\d at level 3, which .*R20.* reaches; add it to after",
    ),
    (
        "activities/4_ready.yaml",
        "effort_days: {supervisor: 5, operator: 2, hr: 2}",
        "effort_days: {supervisor: 9, operator: 2, hr: 2}",
        r"A11: way in_house: 9 days of supervisor do not fit into 4 days a week for 2 weeks",
    ),
    (
        "activities/4_ready.yaml",
        "effort_days: {supervisor: 5, operator: 2, hr: 2}",
        "effort_days: {operator: 2, hr: 2}",
        r"A11: way in_house: its owner supervisor gives no days",
    ),
    (
        "activities/4_ready.yaml",
        "done_when: A name stands",
        "done_when: TODO A name stands",
        r"A11: done_when still holds 'TODO'",
    ),
    (
        "domains/scheduling.yaml",
        "ask: What shows how many signals arrive in each half-hour, weekday, season and campaign?",
        "ask: How many signals arrive in each half-hour? And who counts them?",
        r"scheduling\.yaml, line \d+: SC-01: ask is one question with one question mark",
    ),
    (
        "domains/scheduling.yaml",
        "1: Staff describe the busy and quiet hours from memory. Nothing is counted.",
        "1: Staff describe " + "the busy and the quiet hours and " * 6 + "nights.",
        r"SC-01: level 1 has a sentence of 4\d words; split it",
    ),
    (
        "domains/scheduling.yaml",
        "1: Staff describe the busy and quiet hours from memory. Nothing is counted.",
        "1: Institutionalised, operationalised representativeness considerations.",
        r"SC-01: level 1 leans on long words \(Institutionalised, operationalised, representativeness, con",
    ),
    (
        "domains/scheduling.yaml",
        "1: Staff describe the busy and quiet hours from memory. Nothing is counted.",
        "1: Poor.",
        r"SC-01: level 1 is a grade, not something an assessor could see",
    ),
    (
        "domains/scheduling.yaml",
        "ask: What shows how many signals arrive",
        "ask: What shows how many {channel} signals arrive",
        r"SC-01: ask holds \{channel\}, which nothing fills",
    ),
    (
        "domains/scheduling.yaml",
        "    title: Demand by hour",
        "    required: {3: 3, 4: 2}\n    title: Demand by hour",
        r"SC-01: required asks less of a higher domain level",
    ),
    (
        "instrument.yaml",
        "most_items: 45",
        "most_items: 44",
        r"instrument\.yaml: provider is asked 45 questions at stage new, at most 44",
    ),
    (
        "instrument.yaml",
        "most_minutes: 60",
        "most_minutes: 40",
        r"instrument\.yaml: advocate needs 46 minutes at stage new, at most 40; ask other roles or shorten texts",
    ),
    (
        "instrument.yaml",
        "most_core_items: 60",
        "most_core_items: 59",
        r"instrument\.yaml: 60 items are core, at most 59",
    ),
    (
        "migrations/0.1.0-to-0.2.0.yaml",
        "{question: FO-Q2}",
        "{question: FO-Q9}",
        r"migrations/0\.1\.0-to-0\.2\.0\.yaml: step 1: 'FO-Q9' is not in the instrument",
    ),
]


ROUNDS = 6


@pytest.mark.parametrize("number", range(ROUNDS))
def test_each_slip_is_named_with_its_place(content, number):
    """Neighbours in the list concern the same record, so they are planted in different copies."""
    planted = SLIPS[number::ROUNDS]
    for file, old, new, _ in planted:
        edit(content / "assessment" / file, old, new)
    found = said(content)
    missed = [message for *_, message in planted if not any(re.search(message, text) for text in found)]
    assert missed == [], found


ROADMAP_SLIPS: list[tuple[str, str, str, str]] = [  # activity, text, what became of it, what is said
    ("R01", "avoid: [public_holidays]", "avoid: [elections]", "avoid 'elections' is not a window of roadmap.yaml"),
    ("R02", "kit/papers/evidence", "kit/evidence", "template 'kit/evidence-request.yaml' is not in templates/"),
    ("A38", "low: 3, likely: 4", "low: 0, likely: 4", "way consultant: lasts 0 weeks at best"),
    ("R10", "high: 120000", "high: 400000", "way in_house: costs up to 400,000 dollars; split"),
    ("A28", "likely: 5000, high: 12000", "likely: 9000, high: 20000", "consultant pays 2000 dollars a day more"),
    (
        "R05",
        "low: 800, likely: 2500",
        "low: 100, likely: 300",
        "way in_house: its cost leaves out the consultant's fee; add at least 400",
    ),
    ("A08", "operator: 4, hr: 3", "operator: 14, hr: 3", "way partner is no quicker, cheaper or lighter than in_house"),
    ("R04", "consultant: 3", "consultant: 8", "way consultant asks no more days of the consultant than in_house"),
    ("R07", "legal: 3, data: 1", "legl: 3, data: 1", "repeats: role 'legl' is not known; did you mean 'legal'"),
    ("A32", "likely: 2000, high: 6000", "likely: 500, high: 6000", "highest cost is far above the likely one"),
    (
        "R08",
        "finance: 1, operator: 1",
        "finance: 90, operator: 1",
        "repeats: 90 days of finance do not fit into 4 days",
    ),
    ("A64", "milestone: First payment made under the rules", 'milestone: " "', "milestone is empty; fill it in"),
]


def test_each_slip_in_the_roadmap_is_named(content):
    """One slip for each rule about ways, costs, windows, templates and repeats."""
    for activity, old, new, _ in ROADMAP_SLIPS:
        mark = f"- id: {activity}\n"
        files = (content / "assessment" / "activities").glob("*.yaml")
        path = next(p for p in files if mark in p.read_text("utf-8"))
        head, tail = path.read_text("utf-8").split(mark)
        assert old in tail.split("\n  - id: ")[0], (activity, old)
        path.write_text(head + mark + tail.replace(old, new, 1), "utf-8")
    found = said(content)
    missed = [s for s in ROADMAP_SLIPS if not any(f" {s[0]}: " in text and s[3] in text for text in found)]
    assert missed == [], found


def test_a_gate_that_could_only_be_closed_after_its_review_is_named(content):
    edit(content / "assessment" / "activities" / "4_ready.yaml", "after: [R11, A19]", "after: [R11, A19, R26]")
    found = said(content)
    assert any("GL-16: nothing before R24 brings OU-07 above level 0" in text for text in found), found


def test_an_activity_that_nothing_asks_for_is_named(content):
    for path in (content / "assessment" / "recommendations").glob("*.yaml"):
        path.write_text(re.sub(r", A76\b", "", path.read_text("utf-8")), "utf-8")
    assert any("A76: no recommendation names it and nothing waits for it" in text for text in said(content))


def test_a_step_of_the_opening_that_leads_nowhere_is_named(content):
    path = content / "assessment" / "roadmap.yaml"
    edit(path, "opens: R25, kinds: [launch], hours: daily_12", "opens: R99, kinds: [lanch], hours: day")
    edit(path, "channel: text}", "channel: chat}")
    found = "\n".join(said(content))
    for words in ("opens 'R99'", "kinds 'lanch' does not exist; did you mean 'launch'", "hours 'day'"):
        assert f"stage soft: {words}" in found
    assert "no stage opens channel 'text', which A17 prepares" in found


def test_most_activities_leave_a_choice_of_ways(report):
    assert report.counts["Activities"] >= 120
    assert report.counts["Activities with a choice of ways"] >= 0.6 * report.counts["Activities"]


def test_a_running_line_is_measured_first_and_never_falls_silent():
    """Research notes 4.2: twelve months of data first, and old and new systems side by side for four weeks."""
    activities = load_advice(load_instrument()).activities
    assert (activities["A28"].stage, activities["A28"].needed) == ("existing", "always")
    assert "A28" in {after.id for after in activities["A73"].after}
    assert "four weeks" in activities["A73"].done_when
    assert all(way.weeks.low >= 4 for way in activities["A30"].ways)


def test_the_line_is_the_one_where_the_record_begins(content):
    path = content / "assessment" / "domains" / "scheduling.yaml"
    edit(path, "    title: Demand by hour", "    title: Demand by hour and day and season")
    line = path.read_text("utf-8").splitlines().index("  - id: SC-01") + 1
    assert said(content) == [
        f"assessment/domains/scheduling.yaml, line {line}: SC-01: its title has 7 words, at most 5",
    ]


def test_a_text_used_for_two_items_is_named_at_the_second(content):
    domains = content / "assessment" / "domains"
    line = edit(domains / "training.yaml", "Reports of at least one year led to named changes in courses.", "{TEXT}")
    text = (domains / "training.yaml").read_text("utf-8")
    whole = next(part for part in text.split("\n") if "{TEXT}" in part)
    (domains / "training.yaml").write_text(text.replace(whole, "      4: There is no plan at all for this."), "utf-8")
    first = (domains / "scheduling.yaml").read_text("utf-8")
    old = "0: Nobody knows when signals arrive, and nobody has looked for a comparison."
    (domains / "scheduling.yaml").write_text(first.replace(old, "0: There is no plan, at all, for this."), "utf-8")
    assert line > 1
    assert any("TR-13: level 4 has the text of SC-01 level 0" in text for text in said(content))


def test_a_gate_whose_proof_nobody_could_show_is_named(content):
    path = content / "assessment" / "domains" / "infrastructure.yaml"
    text = path.read_text("utf-8")
    head, tail = text.split("id: IN-11", 1)
    path.write_text(head + "id: IN-11" + re.sub(r"\n      3: \[[^\]]*\]", "", tail, count=1), "utf-8")
    found = said(content)
    assert any(re.search(r"IN-11: gate GL-\d\d wants proof \(observed\); name under evidence", t) for t in found), found


def test_a_gate_that_only_existing_lines_could_open_is_named(content):
    folder = content / "assessment" / "activities"
    for path in folder.glob("*.yaml"):
        path.write_text(re.sub(r"\{item: IN-11, to: \d\},? ?", "", path.read_text("utf-8")), "utf-8")
    only_existing = "moves: [{item: SC-12, to: 3}"
    edit(folder / "4_ready.yaml", only_existing, only_existing.replace("[", "[{item: IN-11, to: 3}, "))
    found = said(content)
    shut = r"no chain of activities brings IN-11 to level 3 \(inception, new\); the gate cannot open"
    assert any(re.search(shut, text) for text in found), found


def test_problems_of_several_files_are_all_said_at_once(content):
    edit(content / "assessment" / "domains" / "scheduling.yaml", "    stage: both", "    stage: sometimes")
    edit(content / "assessment" / "activities" / "4_ready.yaml", "    payer: donor", "    payer: bank")
    edit(content / "assessment" / "sources.yaml", "sources:", "sorces:")
    (content / "assessment" / "topics.yaml").unlink()
    files = [p.file for p in lint(content).problems]
    assert sorted(set(files)) == [
        "assessment/activities/4_ready.yaml",
        "assessment/domains/scheduling.yaml",
        "assessment/sources.yaml",
        "assessment/topics.yaml",
    ]
    places = [(p.file, p.line) for p in lint(content).problems]
    assert all(a <= b for a, b in pairwise(places))


def test_what_the_loaders_refuse_between_files_carries_the_line_of_the_id_it_names(content):
    edit(content / "assessment" / "recommendations" / "scheduling.yaml", "activities: [A42, A54]", "activities: [A24X]")
    edit(content / "assessment" / "activities" / "4_ready.yaml", "after: [R14, A10]", "after: [R14, A100]")
    edit(content / "assessment" / "activities" / "0_prepare.yaml", "- id: in_house", "- id: in_hose")
    found = [str(p) for p in lint(content).problems]
    assert any(
        re.search(r"0_prepare\.yaml, line \d+: R01: way 'in_hose' is not in .*mean 'in_house'", t) for t in found
    )
    assert any(re.search(r"scheduling\.yaml, line \d+: REC-SC-6: activity 'A24X' does not exist", t) for t in found)
    assert any(re.search(r"4_ready\.yaml, line \d+: A11: comes after 'A100', which does not exist", t) for t in found)


def test_other_rooms_content_is_checked_with_their_own_readers(content):
    page = next((content / "playbooks").rglob("PB-02-*.md"))
    edit(page, "owner: ", "owner: nobody_")
    found = lint(content, {"pages": lambda root, instrument: load_pages(instrument, root)}).problems
    assert any("PB-02" in str(p) and "is not a role" in str(p) for p in found)


def calls(work: Callable[[], object]) -> int:
    """Return how many Python functions ``work`` calls: the same on a quiet machine and on a busy one."""
    made = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal made
        made += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


def test_the_check_costs_little_more_than_reading_the_files():
    """Reading twice is 2; the rest is the rules. A rule that compares everything with everything would show here."""
    paths = [p for pattern, _ in FILES for p in sorted((content_root() / "assessment").glob(pattern))]
    assert len(paths) >= 50
    lint()  # what is read once and kept
    assert calls(lint) < 4 * calls(lambda: [read_document(path) for path in paths])
