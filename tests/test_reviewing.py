"""A page stops saying DRAFT when those who must read it have read this very text, and says it again after an edit."""

from __future__ import annotations

import shutil
from html import unescape

import pytest
from judged import gathered, judged
from typer.testing import CliRunner

from hotline_catalyst import cli
from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.playbook_pages import markdown
from hotline_catalyst.deliverables.playbooks import load_pages, select
from hotline_catalyst.engagement import read_own_pages
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root

DRAFT = "DRAFT: not for live contacts"


@pytest.fixture
def engagement(tmp_path):
    return gathered("ruritania", tmp_path / "ruritania")


def review(folder, *words: str) -> str:
    done = CliRunner().invoke(cli.app, ["review", str(folder), *words])
    return done.stdout + str(done.exception or "")


def printed(folder, ident: str) -> str:
    """Return a page as the operator's site would show it."""
    results = judged(folder)
    selection = select(load_pages(results.instrument, own=results.own_pages), results, "operator")
    (page,) = (p for p in selection.chosen if p.front.id == ident)
    return markdown(page, results, selection)


def test_both_signatures_lift_the_draft_mark_and_an_edit_brings_it_back(engagement):
    assert DRAFT in printed(engagement, "PB-02")
    assert "Not yet approved by counsel." in review(engagement, "PB-02", "--survivor", "SA-01", "--on", "2026-11-20")
    assert DRAFT in printed(engagement, "PB-02")
    assert "no longer says DRAFT" in review(engagement, "PB-02", "--counsel", "C-02", "--on", "2026-11-21")
    signed = unescape(printed(engagement, "PB-02"))
    assert DRAFT not in signed
    assert "Reviewed by survivor adviser: SA-01, 20 Nov 2026." in signed
    assert "The hotline's own text." in signed

    (page,) = (engagement / "playbooks").rglob("PB-02*.md")
    page.write_text(page.read_text("utf-8") + "\nOne more line.\n", "utf-8")
    assert "The text has changed since it was signed on 20 Nov 2026." in printed(engagement, "PB-02")
    assert DRAFT in printed(engagement, "PB-02")


def test_a_name_is_refused_and_nothing_is_written(engagement):
    assert "'Anna K' is not a code such as SA-01." in review(engagement, "PB-02", "--survivor", "Anna K")
    assert not (engagement / "playbooks").exists()


def test_the_list_counts_drafts_and_an_unknown_page_is_named(engagement):
    listed = review(engagement)
    count = len(load_pages(judged(engagement).instrument))
    assert f"{count} of {count} pages are drafts." in listed
    assert "PB-01 Standard contact flow: Not yet reviewed by a survivor adviser." in listed
    assert "There is no page PB-99 in en" in review(engagement, "PB-99")


def test_a_page_taken_over_is_the_hotlines_own_and_a_broken_one_is_named_with_its_line(engagement):
    assert "playbooks/en/intake/PB-01" in review(engagement, "PB-01")
    (page,) = (engagement / "playbooks").rglob("PB-01*.md")
    page.write_text(page.read_text("utf-8").replace("order: 10", "order: first"), "utf-8")
    said = review(engagement)
    assert "PB-01" in said
    assert "order" in said
    assert "line 5" in said


def test_a_signature_holds_for_the_trees_that_a_page_draws(engagement):
    review(engagement, "PB-02", "--survivor", "SA-01", "--counsel", "C-02", "--on", "2026-11-20")
    own = read_own_pages(engagement)
    instrument = load_instrument()

    def signed(root) -> bool:
        return not next(p for p in load_pages(instrument, root, own=own) if p.front.id == "PB-02").draft

    root = engagement.parent / "toolkit"
    shutil.copytree(content_root() / "playbooks", root / "playbooks")
    assert signed(root)
    tree = root / "playbooks" / "trees" / "crisis.yaml"
    tree.write_text(tree.read_text("utf-8").replace("Give the agreed sign.", "Hang up."), "utf-8")
    assert not signed(root), "the page's words are the same, what it draws is not"


@pytest.mark.parametrize(
    ("name", "edit", "says"),
    [
        ("en/intake/PB-17-watched-and-false-callers.md", ("audience: operator", "audience: partner"), "leave it so"),
        ("PB-01-standard-contact-flow.md", ("", ""), "LANGUAGE/OFFERING/PB-nn-name.md; move it there"),
        ("en/intake/PB-01-standard-contact-flow.md", ("trees: [first-minute]", "trees: [first]"), "no tree 'first'"),
        ("en/intake/PB-01-standard-contact-flow.md", ("PB-02", "PB-99"), "it names PB-99, and there is no such page"),
    ],
    ids=["an audience lowered", "a page in no language", "a tree that is not there", "a page that is not there"],
)
def test_a_hotlines_own_page_that_cannot_be_used_is_named_with_what_to_do(engagement, name, edit, says):
    ours = next((content_root() / "playbooks" / "en").rglob(name.rpartition("/")[2])).read_text("utf-8")
    place = engagement / "playbooks" / name
    place.parent.mkdir(parents=True)
    place.write_text(ours.replace(*edit), "utf-8")
    with pytest.raises(ContentError, match=says):
        printed(engagement, name.rpartition("/")[2][:5])
