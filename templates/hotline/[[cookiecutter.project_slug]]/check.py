"""Check this project: python3 check.py (Python 3.11 or newer, nothing to install, nothing is sent anywhere).

Each problem is one sentence: where; what is wrong; what to do. Exit code 1 with problems, 0 without.
python3 check.py --todo also lists what is left to do before the first channel can open.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

try:
    import tomllib
except ModuleNotFoundError:
    sys.exit("check.py needs Python 3.11 or newer. Install a newer Python and run it again.")

Table = dict[str, Any]

FACTS = "hotline.toml"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RETENTION = ("signal_days", "transcript_days", "tip_days")
SMALLEST_K = 5
UNWRITTEN = "not written yet"
DRAFT = "DRAFT: not for live contacts"
REVIEWED = re.compile(r"Reviewed by (?P<name>[^:_\n].*?) on (?P<day>\d{4}-\d{2}-\d{2})")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
QUOTED_FACT = re.compile(r"`([a-z_]+)\.([a-z_]+)` = (\S+)")
NUMBER = re.compile(r"\d(?:[\s().\-/]?\d){2,}")
NOT_A_NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")
FORM_PARTS = ("form", "input", "textarea", "select", "iframe")
LINK_ATTRIBUTES = ("href", "src", "action", "formaction", "data", "poster", "srcset")
CONTACT_LINKS = ("tel:", "sms:", "smsto:", "mailto:")

# Each JSON file, its required keys, and the required keys of each entry in its list.
JSON_FILES: dict[str, tuple[dict[str, type], str, dict[str, type]]] = {
    "MANIFEST.json": ({"made_on": str, "files": list}, "files", {"path": str, "for": str}),
    "data/codebook.json": ({"title": str, "status": str, "lists": list}, "lists", {"id": str, "values": list}),
    "data/intake-form.json": (
        {"title": str, "status": str, "fields": list},
        "fields",
        {"id": str, "label": str, "kind": str, "on": bool, "required": bool, "identity": bool},
    ),
}
DIRECTORY_COLUMNS = {"id", "name", "status", "service_type", "region", "visibility", "address", "vetted_on"}


@dataclass
class Report:
    """What was looked at, what is wrong, and what is left to do before opening."""

    any_open: bool = False
    checks: int = 0
    problems: list[str] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)

    def must(self, holds: bool, where: str, what: str, do: str) -> bool:
        """Record a check that has to hold today."""
        self.checks += 1
        if not holds:
            self.problems.append(f"{where}: {what}; {do}.")
        return holds

    def before_opening(self, holds: bool, where: str, what: str, do: str) -> None:
        """Record a check that has to hold once any channel is open, and is work to do until then."""
        self.checks += 1
        if not holds:
            (self.problems if self.any_open else self.todo).append(f"{where}: {what}; {do}.")


class Page(HTMLParser):
    """The parts of a public page that can do harm."""

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.direction = ""
        self.status: list[str] = []
        self.exits: list[str] = []
        self.links: list[str] = []
        self.parts: set[str] = set()
        self.policy = ""
        self.scripts: list[str] = []
        self.words: list[str] = []
        self.hours: dict[str, str] = {}
        self._inside = ""
        self._day = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = tag
        self.parts.add(tag)
        if tag == "html":
            self.language, self.direction = given.get("lang", ""), given.get("dir", "ltr")
        if tag == "meta":
            self._read_meta(given)
        if "data-status" in given:
            self.status.append(given["data-status"])
        if tag == "td":
            self._day = given.get("data-day", "")
        self._read_links(given)

    def _read_meta(self, given: dict[str, str]) -> None:
        kind = given.get("http-equiv", "").lower()
        if kind == "content-security-policy":
            self.policy = given.get("content", "")
        if kind == "refresh":
            self.parts.add("refresh")

    def _read_links(self, given: dict[str, str]) -> None:
        found = [given[name].strip() for name in LINK_ATTRIBUTES if name in given]
        (self.exits if given.get("id") == "exit" else self.links).extend(found)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag == "td":
            self._day = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside != "style":
            self.words.append(data)
            if self._day:
                self.hours[self._day] = self.hours.get(self._day, "") + data


def table(facts: Table, name: str) -> Table:
    """Return a table of hotline.toml, empty when it is missing or something else."""
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def records(facts: Table, name: str) -> Iterator[tuple[str, Table]]:
    """Yield the named tables inside a table."""
    for key, value in table(facts, name).items():
        if isinstance(value, dict):
            yield key, value


def said(record: Table, key: str) -> str:
    """Return a text without its blanks; placeholders made of underscores count as empty."""
    value = record.get(key, "")
    return "" if value is None else str(value).strip().strip("_").strip()


def day_of(value: object) -> date | None:
    """Read a date; None when it is not one or lies in the future."""
    try:
        day = date.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return day if day <= date.today() else None


def is_signed(record: Table, who: str = "signed_by", when: str = "signed_on") -> bool:
    """Say whether a record carries a name and a date that is not in the future."""
    return bool(said(record, who)) and day_of(record.get(when, "")) is not None


def is_met(word: str) -> bool:
    """Say whether a gate verdict is 'met'."""
    return word.lower() == "met"


def plain(text: str) -> str:
    """Return a text with single blanks only."""
    return " ".join(text.split())


def digits(text: str) -> str:
    """Return only the digits of a text."""
    return "".join(ch for ch in text if ch.isdigit())


def read(folder: Path, name: str, report: Report) -> str | None:
    """Read a text file of the project; a missing or unreadable file is a problem."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        report.must(False, name, "the file is missing", "put it back from the first copy of this project")
    except (OSError, UnicodeDecodeError) as reason:
        report.must(False, name, f"the file cannot be read ({reason})", "save it again as UTF-8 text")
    return None


def load_facts(folder: Path, report: Report) -> Table | None:
    """Read hotline.toml and note whether any channel is open."""
    text = read(folder, FACTS, report)
    if text is None:
        return None
    try:
        facts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        report.must(False, FACTS, f"the file does not parse ({reason})", "correct that line")
        return None
    report.any_open = any(channel.get("open") is not False for _, channel in records(facts, "channels"))
    return facts


def open_channels(facts: Table) -> list[Table]:
    """Return the channels marked open; anything but a plain false counts as open."""
    return [channel for _, channel in records(facts, "channels") if channel.get("open") is not False]


def check_channels(facts: Table, report: Report) -> None:
    """A channel is closed and silent, or open and signed."""
    report.must(bool(table(facts, "channels")), FACTS, "no channels are listed", "list each channel, with open = false")
    for key, channel in records(facts, "channels"):
        where = f"{FACTS}, channel {key}"
        state = channel.get("open")
        report.must(isinstance(state, bool), where, "open is neither true nor false", "write open = false")
        if state is False:
            silent = not said(channel, "public_contact")
            report.must(silent, where, "a public contact is filled in while the channel is closed", "empty it")
        else:
            check_open_channel(where, channel, report)


def check_open_channel(where: str, channel: Table, report: Report) -> None:
    """An open channel has a met gate, a signature and a contact."""
    close = "set open = false until it is done"
    gate = said(channel, "gate") or "not named"
    met = is_met(said(channel, "gate_verdict"))
    report.must(met, where, f"the channel is open but its gate ({gate}) is not met", close)
    report.must(is_signed(channel), where, "the channel is open without a signed gate (name and date)", close)
    report.must(bool(said(channel, "public_contact")), where, "the channel is open but has no public contact", close)


def check_gates(folder: Path, facts: Table, report: Report) -> None:
    """Launch gates are listed on paper too, and all are met and signed before opening."""
    gates = dict(records(facts, "gates"))
    paper = read(folder, "launch/gates.md", report) or ""
    report.must(bool(gates), FACTS, "no launch gates are listed", "put the gates back from launch/gates.md")
    for key, gate in gates.items():
        where = f"{FACTS}, gate {key}"
        report.must(key in paper, where, "the gate is not in launch/gates.md", "add it to the paper list")
        early = bool(said(gate, "signed_by")) and not is_met(said(gate, "verdict"))
        report.must(not early, where, "it is signed but its verdict is not 'met'", "remove the signature or meet it")
    left = [key for key, gate in gates.items() if not (is_met(said(gate, "verdict")) and is_signed(gate))]
    what = f"{len(left)} of {len(gates)} launch gates are not met and signed ({', '.join(left)})"
    report.before_opening(
        not left, "launch/gates.md", what, "meet and sign each one, then copy name and date into hotline.toml"
    )


def minutes(clock: str) -> int | None:
    """Turn HH:MM into minutes after midnight; None outside 00:00-24:00."""
    if not CLOCK.fullmatch(clock):
        return None
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def span_of(text: object) -> tuple[int, int] | None:
    """Turn 'HH:MM-HH:MM' into minutes; None when it is not a span that ends after it starts."""
    ends = [minutes(part.strip()) for part in str(text).split("-")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
        return None
    return ends[0], ends[1]


def check_hours(facts: Table, report: Report) -> None:
    """Every advertised span lies inside one day and no two overlap."""
    hours = table(facts, "hours")
    for key in hours:
        report.must(key in (*DAYS, "text"), f"{FACTS}, hours.{key}", "this is not a day", "correct the spelling")
    for day in DAYS:
        where = f"{FACTS}, hours.{day}"
        listed = hours.get(day)
        if report.must(isinstance(listed, list), where, "the day is missing", "write a list, or [] for a closed day"):
            check_day(where, listed or [], report)
    anything = any(hours.get(day) for day in DAYS)
    report.before_opening(anything, f"{FACTS}, hours", "no hours are written", "write the hours you can staff")


def check_day(where: str, listed: list[Any], report: Report) -> None:
    """The spans of one day."""
    spans = []
    for text in listed:
        span = span_of(text)
        do = "write HH:MM-HH:MM inside 00:00-24:00 and cut a night at midnight"
        if report.must(span is not None, where, f"'{text}' is not a span of one day", do) and span:
            spans.append(span)
    spans.sort()
    apart = all(first[1] <= second[0] for first, second in pairwise(spans))
    report.must(apart, where, "two spans overlap", "make them one span")


def is_number(value: object) -> TypeGuard[float]:
    """Say whether a value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: object, least: int) -> TypeGuard[int]:
    """Say whether a value is a whole number of at least this size."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def check_retention(facts: Table, report: Report) -> None:
    """Every kind of record has a number of days."""
    retention = table(facts, "retention")
    for key in RETENTION:
        where = f"{FACTS}, retention.{key}"
        report.must(is_count(retention.get(key), 1), where, "retention is missing or not whole days", "write the days")
    agreed = is_signed(retention, "confirmed_by", "confirmed_on")
    report.before_opening(agreed, f"{FACTS}, retention", "counsel has not confirmed the days", "ask, sign, date")


def check_statistics(facts: Table, report: Report) -> None:
    """Small cells are never published."""
    k = table(facts, "statistics").get("suppression_k")
    what = f"small cells are hidden only below {k!r}"
    report.must(is_count(k, SMALLEST_K), f"{FACTS}, statistics", what, f"use {SMALLEST_K} or more, better 11")


def check_staffing(facts: Table, report: Report) -> None:
    """The shift numbers agree with each other and nobody works a night alone by accident."""
    staffing = table(facts, "staffing")
    for key in ("minimum_on_shift", "peak_on_shift", "night_on_shift", "people"):
        where = f"{FACTS}, staffing.{key}"
        value = staffing.get(key)
        usable = value == "" or (is_number(value) and value >= 0)
        report.must(usable, where, "this is not a number", "write a number or leave it empty")
        known = is_number(value) and value >= 0 and (value > 0 or key == "night_on_shift")
        report.before_opening(known, where, "the number is not known", "take it from the staffing model")
    least, peak, night = (staffing.get(key) for key in ("minimum_on_shift", "peak_on_shift", "night_on_shift"))
    if is_count(least, 0) and is_count(peak, 0):
        report.must(peak >= least, f"{FACTS}, staffing", "the peak is below the minimum", "correct one of them")
    do = "plan two, or write the measures for lone work and sign them in launch/gates.md"
    report.before_opening(night != 1, f"{FACTS}, staffing", "one person alone at night", do)


def check_languages(folder: Path, facts: Table, report: Report) -> None:
    """Every language has a public text, and a person who read it."""
    report.must(bool(table(facts, "languages")), FACTS, "no languages are listed", "list at least one language")
    for code, language in records(facts, "languages"):
        where = f"{FACTS}, language {code}"
        direction = said(language, "direction")
        report.must(direction in ("ltr", "rtl"), where, "direction is neither ltr nor rtl", "write one of them")
        page = said(language, "page")
        do = "translate public/index.html, save it in public/ and name it in page"
        report.must(bool(page), where, "there is no text in this language in public/", f"{do}, or write '{UNWRITTEN}'")
        report.before_opening(page != UNWRITTEN, where, "the text in this language is not written yet", do)
        if page not in ("", UNWRITTEN):
            report.must((folder / "public" / page).is_file(), where, f"public/{page} is missing", do)
            read_by = is_signed(language, "reviewed_by", "reviewed_on")
            report.before_opening(read_by, where, f"nobody has signed that public/{page} reads well", "ask a reader")


def allowed_numbers(facts: Table) -> set[str]:
    """Numbers that a public page may show today."""
    shown = [said(channel, "public_contact") for channel in open_channels(facts)]
    shown.append(said(table(facts, "public"), "emergency_number"))
    return {digits(number) for number in shown} - {""}


def check_pages(folder: Path, facts: Table, report: Report) -> None:
    """Every public page keeps the visitor safe and promises nothing that is not open."""
    read(folder, "public/index.html", report)
    for path in sorted((folder / "public").rglob("*.htm*")):
        where = path.relative_to(folder).as_posix()
        text = read(folder, where, report)
        if text is None:
            continue
        page = Page()
        page.feed(text)
        page.close()
        check_page_safety(where, text, page, facts, report)
        check_page_links(folder, path, page, facts, report)
        check_page_contacts(where, page, facts, report)
        check_page_hours(where, page, facts, report)
    check_page_languages(folder, facts, report)


def check_page_safety(where: str, text: str, page: Page, facts: Table, report: Report) -> None:
    """The exit works, the script is the one that was allowed, and the status tells the truth."""
    target = said(table(facts, "public"), "quick_exit")
    report.must(page.exits == [target], where, "the quick exit does not go where hotline.toml says", "correct the link")
    for script in page.scripts:
        mark = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        report.must(f"'sha256-{mark}'" in page.policy, where, "browsers now block the changed script", "restore it")
    report.must("refresh" not in page.parts, where, "the page moves by itself", "remove the refresh line")
    report.must("url(" not in text and "@import" not in text, where, "the style loads a file", "remove that line")
    wanted = ["open"] if report.any_open else ["closed"]
    what = f"the page does not say that the service is {'open' if report.any_open else 'not open yet'}"
    report.must(page.status == wanted, where, what, f'make the status paragraph data-status="{wanted[0]}"')


def leaves(folder: Path, path: Path, link: str) -> bool:
    """Say whether a link on a page points outside public/ or to a file that is not there."""
    if link.startswith("#") or not link:
        return False
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|/|\\", link):
        return True
    target = (path.parent / link.split("#")[0].split("?")[0]).resolve()
    return not target.is_relative_to((folder / "public").resolve()) or not target.is_file()


def check_page_links(folder: Path, path: Path, page: Page, facts: Table, report: Report) -> None:
    """Links stay in public/; a link to a number or mailbox belongs to an open channel."""
    where = path.relative_to(folder).as_posix()
    contacts = {said(channel, "public_contact").replace(" ", "") for channel in open_channels(facts)} - {""}
    for link in page.links:
        if link.lower().startswith(CONTACT_LINKS):
            target = link.split(":", 1)[1].split("?")[0]
            same_number = "@" not in target and digits(target) in allowed_numbers(facts)
            known = target in contacts or same_number
            what = f"'{link}' is not the contact of an open channel"
            report.must(known, where, what, "remove the link until the channel is open and signed")
        else:
            outside = leaves(folder, path, link)
            report.must(not outside, where, f"'{link}' leaves the folder or leads nowhere", "remove or correct it")


def check_page_contacts(where: str, page: Page, facts: Table, report: Report) -> None:
    """No form and no number while closed; every open contact is on the page."""
    live = open_channels(facts)
    forms = sorted(page.parts.intersection(FORM_PARTS))
    allowed = any(channel.get("uses_form") is True for channel in live)
    report.must(allowed or not forms, where, "a form is on the page while the form channel is closed", "remove it")
    text = plain(" | ".join(page.words))
    for key in ("name", "country"):
        text = text.replace(plain(said(table(facts, "hotline"), key)), "")
    for number in NUMBER.findall(NOT_A_NUMBER.sub(" ", text)):
        what = f"the number '{number}' is shown but no open channel has it"
        report.must(digits(number) in allowed_numbers(facts), where, what, "remove it until that channel is open")
    for channel in live:
        contact = said(channel, "public_contact")
        report.must(
            plain(contact) in text or contact in page.links, where, f"open contact '{contact}' is not shown", "add it"
        )
    emergency = said(table(facts, "public"), "emergency_number")
    shown = bool(emergency) and emergency in text
    report.before_opening(shown, where, "the emergency number is not confirmed and shown", "confirm it in every region")
    report.before_opening(DRAFT not in text, where, "the page is still a draft", "review it, then remove the mark")


def check_page_hours(where: str, page: Page, facts: Table, report: Report) -> None:
    """The hours on a page are the hours of hotline.toml."""
    for day in DAYS:
        spans = table(facts, "hours").get(day)
        wanted = [digits(str(span)) for span in spans] if isinstance(spans, list) else []
        shown = [digits(part) for part in page.hours.get(day, "").split(",")]
        same = [part for part in shown if part] == wanted
        report.must(same, where, f"the hours for {day} differ from hotline.toml", "correct the page or hotline.toml")


def check_page_languages(folder: Path, facts: Table, report: Report) -> None:
    """A page declares the language and direction that hotline.toml gives it."""
    for code, language in records(facts, "languages"):
        name = said(language, "page")
        path = folder / "public" / name
        if not name or not path.is_file():
            continue
        page = Page()
        page.feed(read(folder, f"public/{name}", report) or "")
        same = page.language.lower().split("-")[0] == code.lower().replace("_", "-").split("-")[0]
        report.must(same, f"public/{name}", f"it does not declare language {code}", "correct lang in its first tag")
        turned = page.direction == said(language, "direction")
        report.must(turned, f"public/{name}", "the reading direction differs from hotline.toml", "correct dir")


def load_json(folder: Path, name: str, report: Report) -> object:
    """Read a JSON file; None when it is missing or broken."""
    text = read(folder, name, report)
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as reason:
        report.must(False, name, f"the file does not parse ({reason})", "correct that line")
        return None


def check_keys(where: str, thing: object, wanted: dict[str, type], report: Report) -> bool:
    """Compare an object with its required keys and kinds."""
    if not isinstance(thing, dict):
        return report.must(False, where, "this is not an object", "put back the first copy")
    good = [
        report.must(isinstance(thing.get(key), kind), where, f"'{key}' is missing or not {kind.__name__}", "correct it")
        for key, kind in wanted.items()
    ]
    return all(good)


def check_json(folder: Path, report: Report) -> None:
    """Every JSON file parses and has what it needs."""
    loaded: dict[str, Table] = {}
    for name, (wanted, entries, wanted_in_entry) in JSON_FILES.items():
        thing = load_json(folder, name, report)
        if thing is None or not check_keys(name, thing, wanted, report) or not isinstance(thing, dict):
            continue
        numbered = enumerate(thing[entries], 1)
        whole = [check_keys(f"{name}, {entries} {n}", entry, wanted_in_entry, report) for n, entry in numbered]
        if all(whole):
            loaded[name] = thing
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        if name not in JSON_FILES:
            load_json(folder, name, report)
    check_manifest(folder, loaded.get("MANIFEST.json", {}), report)
    check_intake(loaded.get("data/intake-form.json", {}), loaded.get("data/codebook.json", {}), report)


def check_manifest(folder: Path, manifest: Table, report: Report) -> None:
    """Every listed file is there, has content and lies inside the project."""
    for entry in manifest.get("files", []):
        path = folder / entry["path"]
        inside = path.resolve().is_relative_to(folder.resolve())
        full = inside and path.is_file() and path.stat().st_size > 0
        report.must(full, entry["path"], "listed in MANIFEST.json but missing or empty", "put the file back")


def check_intake(form: Table, codebook: Table, report: Report) -> None:
    """The intake form asks for no identity and uses only known code lists."""
    lists = {entry["id"] for entry in codebook.get("lists", [])}
    names = [entry["id"] for entry in form.get("fields", [])]
    report.must(len(names) == len(set(names)), "data/intake-form.json", "two fields have one id", "rename one")
    for entry in form.get("fields", []):
        where = f"data/intake-form.json, field {entry['id']}"
        codes = entry.get("codes", "")
        report.must(not codes or codes in lists, where, f"code list '{codes}' is not in the codebook", "correct it")
        hidden = not (entry["identity"] and entry["on"]) or is_signed(entry, "approved_by", "approved_on")
        report.must(hidden, where, "a field that identifies a person is on", "turn it off, or sign who approved it")


def check_directory(folder: Path, report: Report) -> None:
    """The referral directory hides addresses that must stay hidden."""
    name = "directory/services.csv"
    text = read(folder, name, report)
    if text is None:
        return
    rows = list(csv.DictReader(text.splitlines()))
    columns = set(next(csv.reader(text.splitlines()), []))
    missing = sorted(DIRECTORY_COLUMNS - columns)
    if not report.must(not missing, name, f"columns are missing ({', '.join(missing)})", "put the header row back"):
        return
    ids = [row["id"] for row in rows]
    report.must(len(ids) == len(set(ids)), name, "two services have one id", "give each its own id")
    for row in rows:
        where = f"{name}, service {row['id']}"
        public = (row["visibility"] or "").strip().lower() == "public"
        hidden = public or (row["address"] or "").strip().lower() in ("", "withheld")
        report.must(hidden, where, "the address of a restricted service is written", "write withheld")
        example = "fictional" in (row["name"] or "").lower()
        report.before_opening(not example, where, "this is a fictional example", "delete the row")
        vetted = example or day_of(row["vetted_on"] or "") is not None
        report.must(vetted, where, "the service has no vetting date", "vet it first, see directory/vetting-form.md")


def check_drafts(folder: Path, report: Report) -> None:
    """Every page for people is marked as a draft, or says who reviewed it and when."""
    for path in sorted([*folder.rglob("*.md"), *(folder / "public").rglob("*.htm*")]):
        name = path.relative_to(folder).as_posix()
        text = read(folder, name, report) or ""
        found = REVIEWED.search(text)
        reviewed = found is not None and day_of(found["day"]) is not None
        marked = DRAFT in text or reviewed
        report.must(marked, name, "it has neither draft mark nor reviewer", f"write '{DRAFT}' at the top")
        if path.suffix == ".md":
            ready = DRAFT not in text
            report.before_opening(ready, name, "the page is still a draft", "review it and write who and when")


def check_quoted_facts(folder: Path, facts: Table, report: Report) -> None:
    """A number repeated in a text is the number of hotline.toml."""
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        for group, key, shown in QUOTED_FACT.findall(read(folder, name, report) or ""):
            value = table(facts, group).get(key, "")
            wanted = "____" if value == "" else str(value)
            what = f"says {group}.{key} = {shown} but hotline.toml says {wanted}"
            report.must(shown == wanted, name, what, "make them the same")


def check_local_facts(facts: Table, report: Report) -> None:
    """Facts that only the operator can confirm."""
    for group, key, do in (
        ("hotline", "timezone", "write the legal time zone"),
        ("public", "emergency_number", "confirm it with the emergency service"),
        ("public", "independence_confirmed_by", "confirm it with the operator, or change the public page"),
    ):
        report.before_opening(bool(said(table(facts, group), key)), f"{FACTS}, {group}.{key}", "this is empty", do)


def check_facts(folder: Path, facts: Table, report: Report) -> None:
    """Everything that hotline.toml says, and the pages that repeat it; what could open by accident comes first."""
    check_channels(facts, report)
    check_gates(folder, facts, report)
    check_pages(folder, facts, report)
    check_languages(folder, facts, report)
    for look in (check_hours, check_retention, check_statistics, check_staffing, check_local_facts):
        look(facts, report)
    check_quoted_facts(folder, facts, report)


def check(folder: Path) -> Report:
    """Run every check on a project folder."""
    report = Report()
    facts = load_facts(folder, report)
    if facts is not None:
        check_facts(folder, facts, report)
    check_json(folder, report)
    check_directory(folder, report)
    check_drafts(folder, report)
    return report


def main(arguments: list[str]) -> int:
    """Print the result and return the exit code."""
    report = check(Path(__file__).resolve().parent)
    for problem in report.problems:
        print(problem)
    if report.problems:
        print(f"Problems: {len(report.problems)}, in {report.checks} checks.")
        return 1
    print(f"OK: {report.checks} checks")
    if report.todo and "--todo" in arguments:
        print(f"Left to do before the first channel can open ({len(report.todo)}):")
        print("\n".join(f"- {line}" for line in report.todo))
    elif report.todo:
        print(f"{len(report.todo)} things are left to do before the first channel can open: python3 check.py --todo")
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
