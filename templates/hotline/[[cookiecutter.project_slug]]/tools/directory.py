"""The referral directory: tables in, pages and HSDS out; confidential places in neither.

Sources: directory/*.csv and directory/directory.toml. The public sees services that are vetted, listed, in date, not
flagged, and that signed that they may be published. Advocates see every row in directory/operator.html.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from . import core
from .core import html_text
from .directory_check import problems
from .directory_hsds import export_bytes
from .directory_page import Page, class_name, regions_of, words_of
from .directory_tables import (
    FOLDER,
    LISTED,
    WHOLE_COUNTRY,
    Directory,
    Row,
    TableError,
    is_example,
    is_flagged,
    is_stale,
    load,
    parts,
    public_services,
    vet_again,
)
from .plain_page import Public, base, public, shell

SITE = "site/public"
ASSETS = ("directory.css", "search.js")
SCHEMA = f"{FOLDER}/hsds-3.0.schema.json"


def build(facts: core.Table, project: Path) -> dict[str, bytes]:
    """Return the directory's files by their path; nothing when the directory is not chosen or cannot be read."""
    if "directory" not in core.chosen(facts):
        return {}
    try:
        directory = load(facts, project)
    except TableError:
        return {}
    everything = [service for service in directory.rows("services") if service["id"]]
    made = {
        f"{FOLDER}/hsds/services.json": export_bytes(directory, everything, public=False),
        f"{FOLDER}/coverage.csv": coverage_csv(directory),
        f"{FOLDER}/operator.html": operator_page(directory, everything).encode(),
    }
    return made | (_public_files(facts, project, directory) if "website" in core.chosen(facts) else {})


def check(facts: core.Table, project: Path) -> list[str]:
    """Return what is wrong in the tables, in sentences."""
    if "directory" not in core.chosen(facts):
        return []
    try:
        directory = load(facts, project)
    except TableError as reason:
        return [str(reason)]
    return problems(facts, directory) + gaps(facts, directory)


def full(facts: core.Table, project: Path) -> list[str]:
    """Hold both HSDS files against the standard's schema; needs the package jsonschema."""
    from jsonschema import Draft202012Validator

    if "directory" not in core.chosen(facts):
        return []
    schema = json.loads((project / SCHEMA).read_text("utf-8"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = []
    for path, content in build(facts, project).items():
        if not path.endswith("services.json"):
            continue
        for service in json.loads(content)["contents"]:
            wrong = sorted(validator.iter_errors(service), key=lambda error: list(map(str, error.path)))
            found += [f"{path}: '{service['name']}' is not valid HSDS ({e.json_path}: {e.message})." for e in wrong]
    return found


def _public_files(facts: core.Table, project: Path, directory: Directory) -> dict[str, bytes]:
    services = public_services(directory)
    made = base(project) | {f"{SITE}/directory/{name}": core.unix_bytes(project / FOLDER / name) for name in ASSETS}
    made[f"{SITE}/directory/services.json"] = export_bytes(directory, services, public=True)
    files = {code: page_path(facts, code) for code, _ in core.languages(facts)}
    place = public(facts, project, files)
    for code, record in core.languages(facts):
        made[files[code]] = public_page(directory, services, code, record, place).encode()
    return made


def page_path(facts: core.Table, code: str) -> str:
    """Return where the public directory page of a language lies; the main language is the folder's first page."""
    main = core.languages(facts)[0][0]
    return f"{SITE}/directory/{'index' if code == main else re.sub('[^A-Za-z0-9-]', '', code)}.html"


def public_page(directory: Directory, services: list[Row], code: str, record: core.Table, place: Public) -> str:
    """Return the public page of one language."""
    words = words_of(directory, code)
    lead = f'<p>{html_text(words["intro"])}</p>\n<p class="note">{html_text(words["safe"])}</p>\n'
    body = lead + Page(directory, services, code, public=True).body()
    return shell(words["title"], code, str(record.get("direction", "ltr")), body, *ASSETS, place)


def operator_page(directory: Directory, services: list[Row]) -> str:
    """Return the page for advocates, in English: gaps first, then every row with what keeps it off the public page."""
    late = [service for service in services if is_stale(directory, service) and not is_example(service)]
    stale = f'<span data-fact="directory.stale_days">{directory.stale_days}</span>'
    lead = (
        '<p class="caution">For advocates and supervisors only. Confidential addresses are not in this page.</p>\n'
        f"<p>As of {directory.as_of.isoformat()}. {len(late)} of {len(services)} entries were not verified in the last "
        f"{stale} days. Services are vetted again every "
        f'<span data-fact="directory.revet_months">{directory.revet_months}</span> months.</p>\n'
    )
    body = lead + coverage_table(directory) + Page(directory, services, "en", public=False).body()
    return shell("Directory for advocates", "en", "ltr", body, *ASSETS, within=True)


def usable(directory: Directory, service: Row) -> bool:
    """Say whether an advocate may refer to a service today, public or not."""
    again = vet_again(directory, service)
    return (
        service["status"].casefold() == "active"
        and service["vetting_result"].casefold() in LISTED
        and again is not None
        and again >= directory.as_of
        and not is_flagged(service)
        and not is_example(service)
    )


def coverage(directory: Directory) -> dict[tuple[str, str], int]:
    """Count the usable services of each region and class; one that serves the whole country counts in each region."""
    found: dict[tuple[str, str], int] = {}
    services = [service for service in directory.rows("services") if usable(directory, service)]
    regions = [r for r in regions_of(directory, services) if r != WHOLE_COUNTRY] or [WHOLE_COUNTRY]
    for region in regions:
        for code in core.table(directory.settings, "classes"):
            found[region, code] = 0
    for service in services:
        named = parts(service["regions"])
        where = regions if not named or WHOLE_COUNTRY in named else named
        for place in ((region, code) for region in where for code in parts(service["classes"])):
            if place in found:
                found[place] += 1
    return found


def coverage_csv(directory: Directory) -> bytes:
    """Return region by class as a table that no spreadsheet program runs."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    classes = list(core.table(directory.settings, "classes"))
    writer.writerow(["region", *map(core.csv_cell, classes)])
    cells = coverage(directory)
    for region in dict.fromkeys(region for region, _ in cells):
        writer.writerow([_region_cell(directory, region), *(cells[region, code] for code in classes)])
    return lines.getvalue().encode()


def _region_cell(directory: Directory, region: str) -> str:
    return "whole country" if region == WHOLE_COUNTRY else core.csv_cell(directory.safe(region))


def coverage_table(directory: Directory) -> str:
    """Return class by region for the page: a number, a plan, or the word gap."""
    cells = coverage(directory)
    regions = list(dict.fromkeys(region for region, _ in cells))
    head = "".join(f'<th scope="col">{html_text(_region_cell(directory, region))}</th>' for region in regions)
    rows = ""
    for code in core.table(directory.settings, "classes"):
        shown = [str(cells[region, code] or _gap(directory, region, code)) for region in regions]
        rows += f'<tr><th scope="row">{html_text(class_name(directory, code, "en"))}</th>'
        rows += "".join(f"<td>{text}</td>" for text in shown) + "</tr>\n"
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Coverage"><table>\n'
        "<caption>Which region has which service? Only services that may be used today are counted.</caption>\n"
        f'<thead><tr><th scope="col">Kind of help</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n'
    )


def _gap(directory: Directory, region: str, code: str) -> str:
    return "plan" if plan_of(directory, region, code) else "gap"


def plan_of(directory: Directory, region: str, code: str) -> str:
    """Return what the hotline does where a region lacks a class of service."""
    return core.said(core.table(core.table(directory.settings, "plans"), region), code)


def gaps(facts: core.Table, directory: Directory) -> list[str]:
    """Once GL-07 is called met, every region must have what it cannot do without, or a written plan."""
    gate = core.table(core.table(facts, "gates"), "GL-07")
    if core.said(gate, "verdict").lower() != "met":
        return []
    where = f"{FOLDER}/directory.toml"
    if not directory.settings.get("regions"):
        return [f'{where}: gate GL-07 needs the regions and none is listed; write regions = ["...", "..."].']
    cells, found = coverage(directory), []
    for region in dict.fromkeys(region for region, _ in cells):
        for code in directory.settings.get("essential", []):
            if not cells.get((region, code)) and not plan_of(directory, region, code):
                what = f"gate GL-07 is not met: {core.clean(region)} has no usable service of class {core.clean(code)}"
                found.append(f"{where}: {what}; vet one, or write a plan under [plans].")
    return found
