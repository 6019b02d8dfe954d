"""An update brings what is new and never loses a line that the hotline wrote."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from upgrades import FIRST, LAST, NEW, OLD, SOAK, TEN, TODAY, brought, content, lines, made, template, text, tree, write

from hotline_catalyst.deliverables.starter_baseline import (
    baseline_files,
    first_baseline,
    read_baseline,
)
from hotline_catalyst.deliverables.starter_manifest import template as template_folder
from hotline_catalyst.errors import CatalystError
from hotline_catalyst.updating import merging, reporting
from hotline_catalyst.updating.changes import TemplateChange, between, load_changes, read_decision
from hotline_catalyst.updating.update import undo

PAIRS = 1000 if SOAK else 60
SAFETY = TemplateChange(id="no-voicemail", tag="safety", text="Do not leave a message.", files=["a.md"])


# What happens to one file


def test_an_untouched_file_of_the_toolkit_gets_the_new_text(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    outcome = brought(tmp_path, template({"a.md": FIRST}, NEW))
    assert text(tmp_path, "a.md") == FIRST
    assert outcome.up_to_date
    assert read_baseline(tmp_path).version == NEW


def test_edits_in_different_places_come_together(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": LAST})
    brought(tmp_path, template({"a.md": FIRST}, NEW))
    assert text(tmp_path, "a.md") == FIRST.replace("line 9", "line 9, mine")


def test_the_same_edit_on_both_sides_is_no_conflict(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": FIRST})
    assert brought(tmp_path, template({"a.md": FIRST}, NEW)).up_to_date


def test_a_conflict_never_touches_the_live_file_and_keeps_the_version_back(tmp_path):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    mine = TEN.replace("line 0", "line 0, mine").replace("line 5", "line 5, mine")
    write(tmp_path, {"a.md": mine})
    ours = FIRST.replace("line 8", "line 8, new")
    outcome = brought(tmp_path, template({"a.md": ours, "b.md": FIRST}, NEW))
    assert text(tmp_path, "a.md") == mine
    assert text(tmp_path, "b.md") == FIRST
    assert not outcome.up_to_date
    assert read_baseline(tmp_path).version == OLD
    place = tmp_path / ".scaffold/updates" / NEW
    sides = {side: (place / side / "a.md").read_text() for side in ("base", "yours", "new", "merged")}
    assert (sides["base"], sides["yours"], sides["new"]) == (TEN, mine, ours)
    assert sides["merged"] == mine.replace("line 8", "line 8, new")
    assert (place / "report.html").is_file()
    assert "- [ ] `a.md`" in (place / "CHECKLIST.md").read_text()


def test_a_seeded_file_is_never_touched_and_its_news_are_told_once(tmp_path):
    made(tmp_path, template({"a.md": TEN}, a="seeded"))
    outcome = brought(tmp_path, template({"a.md": FIRST}, NEW, a="seeded"))
    assert text(tmp_path, "a.md") == TEN
    assert [(i.path, i.kind) for i in outcome.plan.items] == [("a.md", "seeded")]
    assert outcome.up_to_date
    assert not brought(tmp_path, template({"a.md": FIRST}, NEW, a="seeded")).plan.items


def test_the_new_text_of_a_seeded_file_can_be_taken(tmp_path):
    made(tmp_path, template({"a.md": TEN}, a="seeded"))
    brought(tmp_path, template({"a.md": FIRST}, NEW, a="seeded"), take=["a.md"])
    assert text(tmp_path, "a.md") == FIRST


def test_a_pattern_takes_only_what_nobody_edited(tmp_path):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}, a="seeded", b="seeded"))
    write(tmp_path, {"b.md": LAST})
    brought(tmp_path, template({"a.md": FIRST, "b.md": FIRST}, NEW, a="seeded", b="seeded"), take=["*"])
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md")) == (FIRST, LAST)


def test_nothing_is_told_of_news_that_a_seeded_file_has_already(tmp_path):
    made(tmp_path, template({"a.md": TEN}, a="seeded"))
    write(tmp_path, {"a.md": FIRST.replace("line 9", "line 9, mine")})
    assert not brought(tmp_path, template({"a.md": FIRST}, NEW, a="seeded")).plan.items


@pytest.mark.parametrize(
    ("old", "mine", "new", "kind", "left"),
    [
        ({"a.md": TEN}, {"a.md": LAST}, {}, "kept edited", {"a.md": LAST}),
        ({"a.md": TEN}, {}, {}, "remove", {}),
        ({"a.md": TEN}, {"a.md": None}, {"a.md": FIRST}, "deleted here", {}),
        ({"a.md": TEN}, {"a.md": None}, {"a.md": TEN}, None, {}),
        ({}, {"a.md": LAST}, {"a.md": TEN}, "kept yours", {"a.md": LAST}),
        ({}, {}, {"a.md": TEN}, "add", {"a.md": TEN}),
    ],
)
def test_files_that_come_and_go(tmp_path, old, mine, new, kind, left):
    made(tmp_path, template(old))
    for path, value in mine.items():
        write(tmp_path, {path: value}) if value is not None else (tmp_path / path).unlink()
    outcome = brought(tmp_path, template(new, NEW))
    assert [i.kind for i in outcome.plan.items] == ([kind] if kind else [])
    assert content(tmp_path) == {path: value.encode() for path, value in left.items()}
    assert outcome.up_to_date


def test_a_file_of_the_hotlines_own_is_never_merged_with_a_later_one_of_that_name(tmp_path):
    made(tmp_path, template({}))
    write(tmp_path, {"a.md": TEN})
    brought(tmp_path, template({"a.md": LAST}, NEW))
    outcome = brought(tmp_path, template({"a.md": FIRST}, "1.2.0"))
    assert text(tmp_path, "a.md") == TEN
    assert [i.kind for i in outcome.plan.items] == ["kept yours"]


def test_local_is_never_looked_at(tmp_path):
    made(tmp_path, template({}))
    write(tmp_path, {"local/a.md": LAST})
    brought(tmp_path, template({"local/a.md": TEN, "local/b.md": TEN}, NEW))
    assert content(tmp_path) == {"local/a.md": LAST.encode()}


def test_an_emptied_folder_goes_and_one_with_other_files_stays(tmp_path):
    made(tmp_path, template({"one/a.md": TEN, "two/a.md": TEN}))
    write(tmp_path, {"two/mine.md": TEN})
    brought(tmp_path, template({}, NEW))
    assert not (tmp_path / "one").exists()
    assert text(tmp_path, "two/mine.md") == TEN


# Merging


@pytest.mark.parametrize(
    ("dress", "name"),
    [(lambda t: t.replace(b"\n", b"\r\n"), "crlf"), (lambda t: merging.BOM + t, "bom"), (lambda t: t, "plain")],
)
def test_line_ends_and_byte_order_mark_stay_as_the_editor_writes_them(dress: Callable[[bytes], bytes], name: str):
    found = merging.merge("a.md", TEN.encode(), dress(LAST.encode()), FIRST.encode())
    assert found.clean
    assert found.content == dress(FIRST.replace("line 9", "line 9, mine").encode())


def test_two_good_edits_that_make_a_broken_file_are_a_conflict():
    base = b'{\n "a": [\n  1,\n  2,\n  3\n ]\n}\n'
    yours, ours = base.replace(b"  3\n ]\n", b"  3]\n"), base.replace(b" [\n", b" [[\n").replace(b"]\n}", b"]]\n}")
    found = merging.merge("a.json", base, yours, ours)
    assert not found.clean
    both = merging.merge("a.json", b'{\n"a": 1,\n"b": 2,\n"c": 3\n}\n', b'{\n"a": 1,\n"b": 2,\n"c": 4\n}\n',
                         b'{"x": 0,\n"a": 1,\n"b": 2,\n"c": 3\n}\n')  # fmt: skip
    assert both.clean
    twice = merging.merge(
        "a.toml", b"a = 1\nb = 2\nc = 3\n", b"x = 1\na = 1\nb = 2\nc = 3\n", b"a = 1\nb = 2\nc = 3\nx = 2\n"
    )
    assert not twice.clean
    assert "do not parse" in twice.reason


@pytest.mark.parametrize("odd", [b"\x00\x01", "ligne é\n".encode("latin-1"), b"x\n" * 7000, b"x" * 2_100_000])
def test_what_cannot_be_merged_line_by_line_is_a_conflict_with_a_reason(tmp_path, odd):
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": odd})
    outcome = brought(tmp_path, template({"a.md": FIRST}, NEW))
    assert (tmp_path / "a.md").read_bytes() == odd
    assert [i.kind for i in outcome.plan.items] == ["conflict"]
    assert "The texts are not shown" in text(tmp_path, f".scaffold/updates/{NEW}/report.html")


def test_a_file_too_large_to_read_is_compared_by_its_digest(tmp_path, monkeypatch):
    monkeypatch.setattr("hotline_catalyst.updating.records.MOST_READ", 10)
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    write(tmp_path, {"b.md": LAST})
    outcome = brought(tmp_path, template({"a.md": FIRST, "b.md": FIRST}, NEW))
    assert {i.path: i.kind for i in outcome.plan.items} == {"a.md": "replace", "b.md": "conflict"}
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md")) == (FIRST, LAST)


WORDS = st.lists(st.sampled_from(["a", "b", "c", "", "}", "a\r"]), max_size=12)


@given(WORDS, WORDS, WORDS)
@settings(max_examples=PAIRS)
def test_the_stretches_of_a_merge_hold_every_line_of_each_side(base, yours, ours):
    sides = [[f"{word}\n".encode() for word in words] for words in (base, yours, ours)]
    pieces = list(merging.compare(*sides))
    for n, name in enumerate(("base", "yours", "ours")):
        assert [line for piece in pieces for line in getattr(piece, name)] == sides[n]
    assert all(list(p.base) == list(p.yours) == list(p.ours) for p in pieces if p.kind == "same")
    assert all(list(p.base) == list(p.ours) for p in pieces if p.kind == "yours")
    assert all(list(p.base) == list(p.yours) for p in pieces if p.kind == "ours")


# Any edits against any new template


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict, dict, dict, dict]:
    """A template, what the hotline made of it, the next template, and whose the files are."""
    names = ["a.md", "b/c.md", "d.toml", "e.md"]
    # Lines that occur twice and lines that look like others are where merges go wrong.
    line = st.sampled_from(["x", "y", "z", "", "x = 1", "# x"])
    old = {name: draw(st.lists(line, max_size=8)) for name in draw(st.sets(st.sampled_from(names)))}

    def changed(who: str) -> dict[str, list[str]]:
        found = {name: list(text) for name, text in old.items()}
        for n in range(draw(st.integers(0, 5))):
            name = draw(st.sampled_from(names))
            text = found.setdefault(name, [])
            place = draw(st.integers(0, len(text)))
            act = draw(st.sampled_from(["insert", "replace", "delete", "drop"]))
            if act == "drop":
                del found[name]
            elif act == "insert":
                text.insert(place, draw(st.one_of(line, st.just(f"{who} {n}"))))
            elif text[place : place + 1]:
                text[place : place + 1] = [] if act == "delete" else [f"{who} {n}"]
        return found

    owners = {Path(name).stem: draw(st.sampled_from(["managed", "managed", "seeded"])) for name in names}
    return old, changed("mine"), changed("ours"), owners


def _text(files: dict[str, list[str]]) -> dict[str, str]:
    return {name: lines(*texts) for name, texts in files.items()}


def _played(project: Path, old: dict, mine: dict, owners: dict) -> Path:
    made(project, template(_text(old), **owners))
    for name in set(old) - set(mine):
        (project / name).unlink()
    write(project, _text(mine))
    return project


@given(pairs())
@settings(max_examples=PAIRS)
def test_no_line_is_lost_update_twice_is_once_and_undo_is_exact(tmp_path_factory, pair):
    old, mine, ours, owners = pair
    project = _played(tmp_path_factory.mktemp("p"), old, mine, owners)
    before, live = tree(project), content(project)
    fresh = template(_text(ours), NEW, **owners)
    outcome = brought(project, fresh)
    after = content(project)
    kinds = {item.path: item.kind for item in outcome.plan.items}
    for path, was in live.items():
        pristine = lines(*old[path]).encode() if path in old else None
        if was == pristine and path not in after:
            assert kinds[path] == "remove"
            continue
        wrote = Counter(was.split(b"\n")) - Counter((pristine or b"").split(b"\n"))
        if kinds.get(path) == "merge":
            assert not wrote - Counter(after[path].split(b"\n"))
            news = Counter(fresh.files[path].split(b"\n")) - Counter((pristine or b"").split(b"\n"))
            assert not news - Counter(after[path].split(b"\n"))
        elif was != pristine or owners[Path(path).stem] == "seeded":
            assert after[path] == was
    assert set(after) - set(live) == {path for path, kind in kinds.items() if kind == "add"}
    assert not any(mark in value for value in after.values() for mark in (b"<<<<", b">>>>", b"===="))
    once = tree(project)
    assert not brought(project, fresh).changed
    assert tree(project) == once
    if outcome.changed:
        undo(project)
        assert tree(project) == before


@given(pairs())
@settings(max_examples=PAIRS)
def test_a_project_that_nobody_edited_becomes_a_fresh_one(tmp_path_factory, pair):
    old, _, ours, _ = pair
    project, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    made(project, template(_text(old)))
    fresh = template(_text(ours), NEW)
    assert brought(project, fresh).up_to_date
    made(new, fresh)
    assert content(project) == content(new)
    assert all((project / path).read_bytes() == value for path, value in baseline_files(read_baseline(new)).items())


@given(pairs(), st.data())
@settings(max_examples=PAIRS // 2)
def test_two_updates_in_a_row_lose_nothing_either(tmp_path_factory, pair, data):
    old, mine, ours, owners = pair
    project = _played(tmp_path_factory.mktemp("p"), old, mine, owners)
    own = {
        path: Counter(w for w in value.split(b"\n") if w.startswith(b"mine"))
        for path, value in content(project).items()
    }
    brought(project, template(_text(ours), NEW, **owners))
    later = {name: [*texts, "later"] for name, texts in ours.items() if data.draw(st.booleans())}
    brought(project, template(_text(later), "1.2.0", **owners))
    left = content(project)
    assert all(not wrote - Counter(left.get(path, b"").split(b"\n")) for path, wrote in own.items())


# Settling what is left


def _disputed(project: Path) -> tuple[str, object]:
    made(project, template({"a.md": TEN}))
    mine = TEN.replace("line 0", "line 0, mine")
    write(project, {"a.md": mine})
    fresh = template({"a.md": FIRST}, NEW)
    brought(project, fresh)
    return mine, fresh


def test_the_template_s_text_settles_a_conflict(tmp_path):
    _, fresh = _disputed(tmp_path)
    assert not brought(tmp_path, fresh).up_to_date
    # In the only disputed place a merged text would be the hotline's own: there is nothing to copy.
    assert not (tmp_path / f".scaffold/updates/{NEW}/merged").exists()
    (tmp_path / "a.md").write_bytes((tmp_path / f".scaffold/updates/{NEW}/new/a.md").read_bytes())
    assert brought(tmp_path, fresh).up_to_date


def test_a_merged_text_with_news_in_it_settles_a_conflict(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": TEN.replace("line 0", "line 0, mine")})
    fresh = template({"a.md": FIRST.replace("line 9", "line 9, new")}, NEW)
    assert not brought(tmp_path, fresh).up_to_date
    (tmp_path / "a.md").write_bytes((tmp_path / f".scaffold/updates/{NEW}/merged/a.md").read_bytes())
    assert brought(tmp_path, fresh).up_to_date


def test_a_signed_tick_settles_a_conflict_and_an_unsigned_one_says_what_is_missing(tmp_path):
    mine, fresh = _disputed(tmp_path)
    place = tmp_path / f".scaffold/updates/{NEW}/CHECKLIST.md"
    place.write_text(place.read_text().replace("- [ ] `a.md`", "- [x] `a.md`"))
    with pytest.raises(CatalystError, match="without a role and a date"):
        brought(tmp_path, fresh)
    signed = (
        place.read_text()
        .replace("(role): ____________", "(role): Supervisor")
        .replace("(date): ____________", "(date): 2026-03-02")
    )
    place.write_text(signed)
    outcome = brought(tmp_path, fresh)
    assert outcome.up_to_date
    assert text(tmp_path, "a.md") == mine
    assert not (tmp_path / ".scaffold/pending.json").exists()
    assert read_baseline(tmp_path).contents["a.md"] == FIRST.encode()
    later = brought(tmp_path, template({"a.md": FIRST.replace("line 9", "line 9, later")}, "1.2.0"))
    assert later.up_to_date
    assert text(tmp_path, "a.md") == mine.replace("line 9", "line 9, later")


def test_a_tick_for_one_text_does_not_hold_for_the_next(tmp_path):
    _, _ = _disputed(tmp_path)
    place = tmp_path / f".scaffold/updates/{NEW}/CHECKLIST.md"
    place.write_text("- [x] `a.md` by (role): Supervisor on (date): 2026-03-02\n")
    assert not brought(tmp_path, template({"a.md": FIRST.replace("new", "newer")}, NEW)).up_to_date


def test_keep_settles_a_conflict_and_take_ends_it(tmp_path):
    mine, fresh = _disputed(tmp_path / "one")
    assert brought(tmp_path / "one", fresh, keep=["a.md"]).up_to_date
    assert text(tmp_path / "one", "a.md") == mine
    _, fresh = _disputed(tmp_path / "two")
    assert brought(tmp_path / "two", fresh, take=["a.md"]).up_to_date
    assert text(tmp_path / "two", "a.md") == FIRST


def test_keep_holds_for_disputed_files_alone(tmp_path):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    write(tmp_path, {"a.md": TEN.replace("line 0", "line 0, mine")})
    assert brought(tmp_path, template({"a.md": FIRST, "b.md": FIRST}, NEW), keep=["*"]).up_to_date
    assert text(tmp_path, "b.md") == FIRST


def test_a_misspelt_file_is_a_sentence(tmp_path):
    _, fresh = _disputed(tmp_path)
    with pytest.raises(CatalystError, match=r"ab\.md is no file of the template"):
        brought(tmp_path, fresh, take=["ab.md"])


def test_ticks_stay_when_another_file_is_settled(tmp_path):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    write(tmp_path, dict.fromkeys(("a.md", "b.md"), TEN.replace("line 0", "line 0, mine")))
    fresh = template({"a.md": FIRST, "b.md": FIRST}, NEW)
    brought(tmp_path, fresh)
    assert [i.path for i in brought(tmp_path, fresh, keep=["a.md"]).plan.pending] == ["b.md"]
    listed = text(tmp_path, f".scaffold/updates/{NEW}/CHECKLIST.md")
    assert "`a.md`" not in listed
    assert "- [ ] `b.md`" in listed


# Safety changes


def test_nothing_changes_before_a_safety_change_has_a_yes_or_no(tmp_path):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    before = tree(tmp_path)
    fresh = template({"a.md": FIRST, "b.md": FIRST}, NEW)
    with pytest.raises(CatalystError, match="--decide no-voicemail=yes"):
        brought(tmp_path, fresh, changes=[SAFETY])
    assert tree(tmp_path) == before
    assert [c.id for c in brought(tmp_path, fresh, changes=[SAFETY], dry_run=True).plan.asked] == ["no-voicemail"]


@pytest.mark.parametrize(("word", "left"), [("yes", FIRST), ("no", TEN)])
def test_a_decision_rules_its_files_and_is_kept_with_its_reason(tmp_path, word, left):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    fresh = template({"a.md": FIRST, "b.md": FIRST}, NEW)
    decide = [f"no-voicemail={word}:Board of 1 March, *minute* 4"]
    assert brought(tmp_path, fresh, changes=[SAFETY], decide=decide, by="Director").up_to_date
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md")) == (left, FIRST)
    paper = text(tmp_path, f"governance/decisions/{NEW}-no-voicemail.md")
    assert f"Decision: **{word}**" in paper
    assert "Director" in paper
    assert r"Board of 1 March, \*minute\* 4" in paper
    assert "2026-03-01" in paper
    assert read_baseline(tmp_path).decisions == {"no-voicemail": word}
    assert not brought(tmp_path, fresh, changes=[SAFETY]).changed


def test_a_declined_change_stays_declined_when_the_next_template_edits_another_place(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    brought(tmp_path, template({"a.md": FIRST}, NEW), changes=[SAFETY], decide=["no-voicemail=no:our law differs"])
    brought(tmp_path, template({"a.md": FIRST.replace("line 9", "line 9, later")}, "1.2.0"))
    assert text(tmp_path, "a.md") == TEN.replace("line 9", "line 9, later")


def test_an_accepted_safety_change_in_a_seeded_file_waits_for_a_person(tmp_path):
    made(tmp_path, template({"a.md": TEN}, a="seeded"))
    fresh = template({"a.md": FIRST}, NEW, a="seeded")
    outcome = brought(tmp_path, fresh, changes=[SAFETY], decide=["no-voicemail=yes:of course"])
    assert text(tmp_path, "a.md") == TEN
    assert [i.kind for i in outcome.plan.pending] == ["by hand"]
    write(tmp_path, {"a.md": FIRST})
    assert brought(tmp_path, fresh, changes=[SAFETY]).up_to_date


def test_a_safety_change_of_files_this_project_has_not_is_not_asked_about(tmp_path):
    made(tmp_path, template({"b.md": TEN}))
    assert brought(tmp_path, template({"b.md": FIRST}, NEW), changes=[SAFETY]).up_to_date


def test_the_program_asks_for_what_was_not_said(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    asked = []
    brought(tmp_path, template({"a.md": FIRST}, NEW), changes=[SAFETY],
            ask=lambda c: asked.append(c.id) or f"{c.id}=yes:agreed")  # fmt: skip
    assert asked == ["no-voicemail"]
    assert text(tmp_path, "a.md") == FIRST


@pytest.mark.parametrize(
    "said", ["no-voicemail", "no-voicemail=maybe:x", "no-voicemail=yes", "no-voicemail=yes: ", "other=yes:x"]
)
def test_a_decision_without_word_reason_or_subject_is_a_sentence(said):
    with pytest.raises(CatalystError, match="decision"):
        read_decision(said, ["no-voicemail"], "Director", TODAY)


def test_a_decision_paper_never_writes_over_another(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {f"governance/decisions/{NEW}-no-voicemail.md": "ours\n"})
    brought(tmp_path, template({"a.md": FIRST}, NEW), changes=[SAFETY], decide=["no-voicemail=yes:x"])
    assert text(tmp_path, f"governance/decisions/{NEW}-no-voicemail.md") == "ours\n"
    assert (tmp_path / f"governance/decisions/{NEW}-no-voicemail-2.md").is_file()


def test_the_template_s_own_list_of_changes_is_good():
    changes = load_changes(template_folder() / "CHANGES.yaml")
    assert [c.id for c in between(changes, "0.9.0", "1.0.0")] == ["first-template"]
    assert between(changes, "1.0.0", "1.0.0") == []


# The page and the baseline


class _Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_shows_typed_text_as_text(tmp_path):
    hostile = "<script>alert(1)</script> & \u202eevil \x07"
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": TEN.replace("line 0", hostile)})
    brought(tmp_path, template({"a.md": FIRST}, NEW))
    page = text(tmp_path, f".scaffold/updates/{NEW}/report.html")
    reader = _Balanced()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert not reader.tags & {"script", "img", "link", "iframe"}
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page


def test_the_page_fits_a_small_screen_and_names_each_side_there(tmp_path):
    from playwright.sync_api import sync_playwright

    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": TEN.replace("line 0", "mine")})
    brought(tmp_path, template({"a.md": FIRST}, NEW))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.goto((tmp_path / f".scaffold/updates/{NEW}/report.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        sides = page.eval_on_selector_all("td[data-side]", "all => all.slice(0, 3).map(one => one.dataset.side)")
        assert sides == list(reporting.COLUMNS[1:])
        browser.close()


def test_a_long_page_is_cut_and_says_so(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    write(tmp_path, {"a.md": lines(*(f"mine {n}" for n in range(900)))})
    brought(tmp_path, template({"a.md": lines(*(f"ours {n}" for n in range(900)))}, NEW))
    page = text(tmp_path, f".scaffold/updates/{NEW}/report.html")
    assert f"{900 - reporting.MOST_ROWS} more lines" in page


def test_the_same_baseline_gives_the_same_bytes():
    files = {"b.md": b"x", "a.md": b"y", "gen.html": b"z"}
    owners = {"a.md": "seeded", "b.md": "managed", "gen.html": "generated"}
    one = baseline_files(first_baseline(files, owners, {"b": 1, "a": 2}, OLD, "p"))
    two = baseline_files(first_baseline(dict(reversed(files.items())), owners, {"a": 2, "b": 1}, OLD, "p"))
    assert one == two
