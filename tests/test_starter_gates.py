"""Attacks on the starter project: words that are no signature, contacts typed where they do not belong, gates gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import starters

from hotline_catalyst.deliverables.starter_manifest import tool


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return starters.put(starters.baked(), tmp_path_factory.mktemp("gates"))


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "project"))


NO_ROLE = [
    "TBD",
    "to be confirmed",
    ".",
    "-",
    "x",
    "XX",
    "?",
    "n/a",
    "(role)",
    "\u200b",
    "\u3164\u3164",
    "\u2800",
    "_ _",
    "1",
]


@pytest.mark.parametrize("word", NO_ROLE)
def test_a_word_that_holds_the_place_is_no_signature(whole, word):
    core = starters.core()
    facts = starters.opened(core.load_facts(whole))
    facts["channels"]["phone"]["signed_by"] = word
    assert not core.is_open(facts, "phone")


@pytest.mark.parametrize(
    "role", ["Director", "Directora", "\u4e3b\u4efb", "\u0627\u0644\u0645\u062f\u064a\u0631", "Dr. A"]
)
def test_a_role_in_any_alphabet_is_a_signature(role):
    assert starters.core().is_signed({"signed_by": role, "signed_on": "2026-01-01"})


@pytest.mark.parametrize("day", ["20260101", "2026-W01-1", "1999-12-31", "2026-02-30", "\uff12026-01-01", "soon"])
def test_a_day_written_otherwise_or_of_another_age_is_no_date_of_signing(day):
    assert not starters.core().is_signed({"signed_by": "Director", "signed_on": day})


@pytest.mark.parametrize("number", ["TBD", ".", "x"])
def test_an_emergency_number_without_a_digit_is_none(whole, number):
    core = starters.core()
    facts = starters.opened(core.load_facts(whole))
    facts["public"]["emergency_number"] = number
    assert core.emergency_number(facts) == ""
    assert core.open_channels(facts) == []


def test_nothing_is_built_from_a_signature_of_a_day_to_come(project):
    starters.change(project, "public", emergency_number="98761", emergency_confirmed_by="Director")
    starters.change(project, "public", emergency_confirmed_on="2999-01-01")
    done = starters.tasks(project, "build")
    assert done.returncode == 1
    assert "lies in the future" in done.stdout
    assert b"98761" not in (project / "site/public/index.html").read_bytes()


def test_a_launch_gate_taken_out_of_hotline_toml_is_missed(project):
    text = (project / "hotline.toml").read_text("utf-8")
    start, end = text.index('[gates."GL-05"]'), text.index('[gates."GL-06"]')
    (project / "hotline.toml").write_text(text[:start] + text[end:], "utf-8")
    core = starters.core()
    assert any("GL-05 is in launch/gates.md but not here" in line for line in core.check_all(project))
    facts = core.load_facts(project)
    assert tool("checks").shape(project, facts) == [], "closing at once is never held up"
    assert any("GL-05" in line for line in tool("checks").shape(project, starters.opened(facts)))


CONTACTS = [
    "0800 123 456", "0-8-0-0", "08\u200b00", "**08**00", "0800\u2013123", "\u0660\u0668\u0660\u0660",
    "t.me/help", "@help_line", "help.org", "08:00-20:00", "24/7", "a@b.example",
]  # fmt: skip


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_contact_is_found_wherever_it_is_typed(contact):
    assert starters.core().contacts_in(f"Reach us: {contact}.")


def test_years_lists_and_plain_words_are_no_contact():
    assert starters.core().contacts_in("Since 2019, 2020-21: 18 years, 24 hours; e.g. Mr. Smith, 11, 12, 13") == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("site/content/en/home.md", "tab = ", 'subtitle = ""\ntab = "0800 123" #'),
        ("site/content/en/words.toml", 'leave = "', 'leave = "0800 123 '),
        ("hotline.toml", 'operator = ""', 'operator = "Call 0800 123"'),
        ("hotline.toml", 'funders = ""', 'funders = "help@hotline.example"'),
        ("telephony/sms-keywords.toml", 'en = "You can', 'en = "Ring 0800 123. You can'),
    ],
)
def test_a_contact_typed_into_words_or_names_fails_the_check(project, path, old, new):
    file = project / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    assert [
        line
        for line in starters.core().check_all(project)
        if line.startswith(path) and ("may be a way" in line or "typed into" in line)
    ]


def test_a_page_that_nobody_makes_any_more_is_found_without_the_list_too(project):
    (project / "site/public/old.html").write_text("<p>0800 123 456</p>", "utf-8")
    assert any(line.startswith("site/public/old.html: nothing makes") for line in starters.core().check_all(project))


def test_a_published_period_that_was_deleted_is_not_made_anew(project):
    core = starters.core()
    starters.change(project, "project", as_of="2027-05-01")
    rows = "".join(f"2027-01,30,,call,en,,{kind},\n" for kind in ("crisis", "tip"))
    signals = project / "statistics/signals.csv"
    signals.write_text(signals.read_text("utf-8").splitlines()[0] + "\n" + rows, "utf-8")
    release = '[[release]]\nperiod = "2027-Q1"\ndata_lead = "Data lead"\nsecond_reader = "Supervisor"\n'
    release += 'survivor_adviser = "Adviser"\nsigned_on = "2027-04-20"\n'
    (project / "statistics/releases.toml").write_text(release, "utf-8")
    core.write_all(project)
    lost = "statistics/releases/2027-Q1.json"
    (project / lost).unlink()
    _, _, stopped = core.write_all(project)
    assert [line for line in stopped if line.startswith(f"{lost}: this period was published")]
    assert not (project / lost).exists()
    assert any(line.startswith(lost) for line in core.check_all(project))


def test_a_row_that_counts_nothing_is_nobody(project):
    signals = project / "statistics/signals.csv"
    head = signals.read_text("utf-8").splitlines()[0]
    signals.write_text(
        f"{head}\n2026-01,40,,call,en,,crisis,\n2026-01,40,,text,en,,tip,\n2026-01,0,,chat,en,,referral,\n", "utf-8"
    )
    starters.change(project, "project", as_of="2026-05-01")
    assert starters.core().build_all(project)
