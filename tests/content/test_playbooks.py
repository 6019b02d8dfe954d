"""Every playbook page, as a reviewer would read it: its head, its Jinja, its audience, its words."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from judged import gathered, judged
from pydantic import ValidationError

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.playbook_pages import SHIFT_VALUES, fill, values
from hotline_catalyst.deliverables.playbooks import Front, Page, Selection, load_pages, select
from hotline_catalyst.errors import ContentError
from hotline_catalyst.results import Results

EXAMPLES = ("ruritania", "mexico", "mauritania")
EDITIONS = {"partner": ("partner",), "operator": ("partner", "operator"), "consultant": ("consultant",)}
INSTRUMENT = load_instrument()
PAGES = load_pages(INSTRUMENT)
BY_ID = {p.front.id: p for p in PAGES}


@pytest.fixture(scope="module", params=EXAMPLES)
def results(request, tmp_path_factory) -> Results:
    return judged(gathered(request.param, tmp_path_factory.mktemp("answers") / request.param))


def whole(edition: str, pages=PAGES) -> Selection:
    """Every page of an edition, chosen or not."""
    return Selection(edition, tuple(pages), ())


def test_every_id_is_used_once_and_every_file_is_read():
    from hotline_catalyst.library import content_root

    assert len({p.front.id for p in PAGES}) == len(PAGES)
    assert len(PAGES) == len(list((content_root() / "playbooks" / "en").rglob("*.md")))


def test_every_offering_has_a_page():
    assert {p.front.offering for p in PAGES} - {"consultant"} == {
        d.id for d in INSTRUMENT.domains if d.kind == "offering"
    }


def test_an_unknown_key_in_a_head_is_refused():
    with pytest.raises(ValidationError, match="Extra inputs"):
        Front.model_validate({**PAGES[0].front.model_dump(), "reviewer_name": "X"})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.front.id)
def test_a_page_is_plain_markdown_with_one_decision_at_least_and_uses_the_engagement(page: Page):
    body = page.body
    assert not re.search(r"<[a-z/!]", body), "no HTML"
    assert not re.search(r"https?://|www\.|!\[", body), "no outside address, no image"
    assert "{{" in body or "{%" in body, "it uses at least one value or condition"
    assert '!!! question "Decision needed: ' in body
    assert set(re.findall(r"^!!! (\w+)", body, re.M)) <= {"question", "warning", "danger", "note", "info", "tip"}
    assert body.lstrip().startswith("## "), "the engine writes the title"
    assert not re.search(r"\d{3}[ -]?\d{3,}", body), "no phone number"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.front.id)
def test_a_page_for_partners_never_asks_how_many_are_on_shift(page: Page):
    if page.front.audience == "partner":
        assert not [name for name in SHIFT_VALUES if name in page.body]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.front.id)
def test_a_page_holds_no_live_secret(page: Page):
    canaries = (
        r"(code word|agreed word|password|verification phrase|check phrase)s? (is|are|:) [\"“‘']?\w|shelter at \d"
    )
    assert not re.search(canaries, page.body, re.I)


def test_headings_do_not_skip_a_level():
    for page in PAGES:
        depths = [1, *(len(m) for m in re.findall(r"^(#+) ", page.body, re.M))]
        assert all(after - before <= 1 for before, after in pairwise(depths)), page.front.id


@pytest.mark.parametrize("weak", [True, False], ids=["all items weak", "no item weak"])
@pytest.mark.parametrize("verdict", ["met", "not met", "not shown"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_page_can_be_filled_whatever_was_found(results: Results, weak: bool, verdict: str, edition: str):
    changed = replace(
        results,
        findings=tuple(
            replace(results.findings[0], kind="gap", subject=item, domain="intake") for item in INSTRUMENT.items
        )
        if weak
        else (),
        gates=tuple(replace(g, verdict=verdict) for g in results.gates),
    )
    pages = [p for p in PAGES if p.front.audience in EDITIONS[edition]]
    for channels in (("phone",), ("phone", "text", "chat", "email")):
        for migration in (True, False):
            facts = replace(results.facts, channels=channels, safe_migration=migration)
            for page in pages:
                text = fill(page, replace(changed, facts=facts), whole(edition, pages))
                assert not re.search(r"\{[{%]|[}%]\}", text), page.front.id


def test_how_many_are_on_shift_is_no_value_of_the_partners_edition(results: Results):
    assert not set(SHIFT_VALUES) & set(values(results, whole("partner")))
    assert set(SHIFT_VALUES) <= set(values(results, whole("operator")))
    asking = replace(BY_ID["PB-02"], body="## Night\n\nOn shift: {{ night_on_shift }}.")
    with pytest.raises(ContentError, match=rf"line {asking.first_line + 2}: .*night_on_shift.*partner"):
        fill(asking, results, whole("partner"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ weak('CI-99') }}", "CI-99"),
        ("{{ gate('GL-99') }}", "GL-99"),
        ("{{ county }}", "county"),
        ("{% if %}", f"line {BY_ID['PB-01'].first_line + 2}: "),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_mistake_in_jinja_is_named_with_file_and_fault(results: Results, body: str, message: str):
    with pytest.raises(ContentError, match=message) as error:
        fill(replace(BY_ID["PB-01"], body="## A\n\n" + body), results, whole("operator"))
    assert "playbooks/en/intake/PB-01" in str(error.value)


def test_what_a_person_typed_is_shown_and_never_obeyed(results: Results):
    nasty = "<script>x</script> [a](javascript:b) {{ 7*7 }} **c** | d\n## e"
    country = results.facts.country.model_copy(update={"name": nasty})
    page = replace(BY_ID["PB-13"], body="## A\n\nIn {{ country }}.")
    text = fill(page, replace(results, facts=replace(results.facts, country=country)), whole("partner"))
    line = text.splitlines()[2]
    assert not set("<>[]{}*|#") & set(re.sub(r"&#\d+;", "", line))
    assert "49" not in re.sub(r"&#\d+;", "", line)


def test_a_page_left_out_has_its_reason_and_nothing_is_lost(results: Results):
    for edition in ("partner", "operator"):
        selection = select(PAGES, results, edition)
        ours = [p for p in PAGES if p.front.audience != "consultant"]
        assert len(selection.chosen) + len(selection.left_out) == len(ours)
        assert all(reason.endswith(".") for _, reason in selection.left_out)
    hidden = {p.front.id for p, _ in select(PAGES, results, "partner").left_out}
    assert {p.front.id for p in PAGES if p.front.audience == "operator"} <= hidden


def test_pages_are_chosen_by_when(results: Results):
    def chosen(**facts: object) -> set[str]:
        changed = replace(results, facts=replace(results.facts, **facts))
        return {p.front.id for p in select(PAGES, changed, "operator").chosen}

    assert "PB-22" in chosen(channels=("phone", "chat"))
    assert "PB-22" not in chosen(channels=("phone", "email"))
    assert "PB-71" not in chosen(offerings=("intake",))
    strong = replace(results, findings=())
    assert "PB-80" not in {p.front.id for p in select(PAGES, strong, "operator").chosen}
