"""The directory's tables: read as a spreadsheet program may save them, and what may be shown to whom.

An address is confidential unless its row says otherwise and somebody at the place signed that. The words of a
confidential address, its coordinates and its telephone numbers are withheld wherever they turn up, in the
operator's pages too: what is in no output cannot leak from one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from . import core
from .escape import FORMULA_STARTS

Row = dict[str, str]

FOLDER = "directory"
HEADERS: dict[str, tuple[str, ...]] = {
    "organizations": ("id", "name", "alternate_name", "description", "website", "email", "legal_status"),
    "services": (
        "id", "organization_id", "name", "description", "classes", "status", "visibility", "publish_agreed_by",
        "publish_agreed_on", "forms_served", "genders", "minimum_age", "maximum_age", "accepts_children",
        "lgbtqi_welcome", "status_limits", "conditions", "police_report_required", "languages", "interpretation",
        "regions", "hours", "night_intake", "beds", "pets_and_transport", "fees", "wait_time", "how_to_apply",
        "required_documents", "protocol_role", "vetted_on", "vetted_by", "vetting_result", "vet_again_by",
        "incident_flag",
    ),
    "locations": (
        "id", "organization_id", "service_ids", "name", "confidential", "publish_agreed_by", "publish_agreed_on",
        "address_1", "address_2", "city", "region", "postal_code", "country", "latitude", "longitude",
        "accessibility", "transportation",
    ),
    "phones": (
        "id", "organization_id", "service_id", "location_id", "number", "extension", "type", "description",
        "languages", "public",
    ),
    "verification-log": ("service_id", "verified_on", "verified_by", "method", "result", "note"),
}  # fmt: skip
STATUSES = ("active", "inactive", "defunct", "temporarily closed")
LISTED = ("listed", "listed with conditions")
VERIFIED = ("confirmed", "changed")
WHOLE_COUNTRY = "*"
WITHHELD = "Withheld for safety"
EXAMPLE = "EXAMPLE"
# So many other words may stand between the words of an address, as in "Long Road, house no. 17".
NEAR = 2


class TableError(Exception):
    """A table cannot be read; the text says where and what to do."""


@dataclass(frozen=True)
class Directory:
    """The tables and settings of the directory, with what no output may hold.

    `secrets` are the folded texts of confidential addresses, by each of their words; `secret_numbers` are the last
    eight, seven and six digits of the telephone numbers of confidential places.
    """

    tables: dict[str, list[Row]]
    settings: core.Table
    as_of: date
    stale_days: int
    revet_months: int

    def rows(self, name: str) -> list[Row]:
        """Return the rows of one table."""
        return self.tables[name]

    def organization(self, service: Row) -> Row:
        """Return the organisation of a service, empty when it is not in the table."""
        return self.organizations.get(service["organization_id"], {})

    @cached_property
    def organizations(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.rows("organizations")}

    @cached_property
    def open_places(self) -> frozenset[str]:
        return frozenset(place["id"] for place in self.rows("locations") if not is_confidential(place)) | {""}

    @cached_property
    def places(self) -> dict[str, list[Row]]:
        return _grouped((one, row) for row in self.rows("locations") for one in parts(row["service_ids"]))

    @cached_property
    def phones(self) -> dict[tuple[str, str], list[Row]]:
        """Telephone rows by what they belong to: a service, or the whole organisation."""
        return _grouped(
            (("service", row["service_id"]) if row["service_id"] else ("organization", row["organization_id"]), row)
            for row in self.rows("phones")
        )

    @cached_property
    def log(self) -> dict[str, list[Row]]:
        return _grouped((row["service_id"], row) for row in self.rows("verification-log"))

    @cached_property
    def secrets(self) -> dict[str, list[str]]:
        hidden = [place for place in self.rows("locations") if is_confidential(place)]
        columns = ("address_1", "address_2", "latitude", "longitude")
        texts = sorted({folded(place[column]) for place in hidden for column in columns})
        # Under each of its words: "17 Long Road" is often written "Long Road 17".
        return _grouped((word, text) for text in texts if len(text) >= 4 for word in text.split())

    @cached_property
    def secret_numbers(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for phone in self.rows("phones"):
            digits = digits_of(phone["number"])
            if phone["location_id"] in self.open_places or len(digits) < 5:
                continue
            # People leave out the country and the area.
            for length in (8, 7, 6) if len(digits) > 5 else (5,):
                found.setdefault(min(length, len(digits)), set()).add(digits[-length:])
        return found

    def safe(self, text: str, withheld: str = WITHHELD) -> str:
        """Return a text, or the word for withheld when it holds anything of a confidential place."""
        return withheld if self._holds_words(text) or self._holds_number(text) else text

    def _holds_words(self, text: str) -> bool:
        """Say whether the words of a confidential address stand close together, in any order."""
        words = folded(text).split() if self.secrets and text else []
        for at, word in enumerate(words):
            for secret in self.secrets.get(word, ()):
                wanted = Counter(secret.split())
                if wanted <= Counter(words[at : at + wanted.total() + NEAR]):
                    return True
        return False

    def _holds_number(self, text: str) -> bool:
        digits = digits_of(text) if self.secret_numbers and text else ""
        return any(
            digits[at : at + length] in numbers
            for length, numbers in self.secret_numbers.items()
            for at in range(len(digits) - length + 1)
        )


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def load(facts: core.Table, project: Path) -> Directory:
    """Read the whole directory.

    Raises
    ------
    TableError
        When a table or directory.toml cannot be read.
    """
    tables = {name: read_table(project, name) for name in HEADERS}
    rules = core.table(facts, "directory")
    return Directory(
        tables,
        core.read_toml(project, f"{FOLDER}/directory.toml", TableError),
        core.day_of(core.table(facts, "project").get("as_of")) or date(1970, 1, 1),
        whole(rules.get("stale_days"), 180),
        whole(rules.get("revet_months"), 12),
    )


def read_table(project: Path, name: str) -> list[Row]:
    """Read one table; blanks around cells go, missing cells are empty, empty rows are left out.

    A spreadsheet program may save commas as semicolons or tabs and put a mark before the first letter.
    """
    where = f"{FOLDER}/{name}.csv"
    lines = core.read_rows(project, where, TableError)
    header = [cell.strip() for cell in lines[0]] if lines else []
    missing = [column for column in HEADERS[name] if column not in header]
    if missing:
        raise TableError(f"{where} line 1: the column {missing[0]} is missing; add it, it may stay empty.")
    found = []
    for line in lines[1:]:
        cells = dict(zip(header, (_cell(cell) for cell in line), strict=False))
        if any(cells.values()):
            found.append({column: cells.get(column, "") for column in HEADERS[name]})
    return found


def _cell(text: str) -> str:
    """Return a cell without the quotation mark that keeps a spreadsheet program from reading it as a formula."""
    cell = text.strip()
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


def whole(value: object, otherwise: int) -> int:
    """Return a whole number above 0, or the other one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise


def parts(text: str) -> list[str]:
    """Split a cell that holds a list; the parts stand between semicolons or bars."""
    return [part.strip() for part in re.split(r"[;|]", text) if part.strip()]


def folded(text: str) -> str:
    """Return a text for comparing: small letters, no accents, no marks, one blank between words."""
    plain = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    return " ".join("".join(ch if ch.isalnum() else " " for ch in plain.casefold()).split())


def digits_of(text: str) -> str:
    """Return only the digits of a text, in any script, as 0 to 9."""
    return "".join(str(unicodedata.digit(ch)) for ch in unicodedata.normalize("NFKC", text) if ch.isdecimal())


def is_confidential(location: Row) -> bool:
    """Say whether a place stays hidden: always, unless its row says no and somebody of the place signed that."""
    agreed = core.is_signed(location, "publish_agreed_by", "publish_agreed_on")
    return location["confidential"].casefold() != "no" or not agreed


def open_locations(directory: Directory, service: Row) -> list[Row]:
    """Return the places of a service that may be shown; a place with the address of a hidden one stays hidden."""
    places = directory.places.get(service["id"], [])
    columns = [column for column in HEADERS["locations"] if not column.endswith(("id", "ids"))]
    return [
        place
        for place in places
        if place["id"] in directory.open_places and all(directory.safe(place[c], "") == place[c] for c in columns)
    ]


def phones_of(directory: Directory, service: Row, public: bool) -> list[Row]:
    """Return the front-door numbers of a service; without `public` also the duty numbers that only advocates use."""
    own = directory.phones.get(("service", service["id"]), [])
    shared = directory.phones.get(("organization", service["organization_id"]), [])
    return [
        phone
        for phone in own + shared
        if phone["location_id"] in directory.open_places
        and directory.safe(phone["number"], "")
        and (phone["public"].casefold() == "yes" or not public)
    ]


def verified_on(directory: Directory, service: Row) -> date | None:
    """Return when somebody last verified a service: its vetting or a later line of the log."""
    log = directory.log.get(service["id"], [])
    days = [core.day_of(r["verified_on"]) for r in log if r["result"].casefold() in VERIFIED]
    known = [day for day in [core.day_of(service["vetted_on"]), *days] if day and day <= directory.as_of]
    return max(known, default=None)


def is_stale(directory: Directory, service: Row) -> bool:
    """Say whether nobody verified a service for longer than directory.stale_days."""
    last = verified_on(directory, service)
    return last is None or directory.as_of - last > timedelta(days=directory.stale_days)


def vet_again(directory: Directory, service: Row) -> date | None:
    """Return the day by which a service is vetted again: the row's own, or sooner by directory.revet_months."""
    vetted = core.day_of(service["vetted_on"])
    own = core.day_of(service["vet_again_by"])
    latest = _months_later(vetted, directory.revet_months) if vetted else None
    return min([day for day in (own, latest) if day], default=None)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def is_flagged(service: Row) -> bool:
    """Say whether an advocate flagged a service after something went wrong."""
    return service["incident_flag"].casefold() not in ("", "no")


def is_example(row: Row) -> bool:
    """Say whether a row is one of the fictional examples."""
    return row.get("id", row.get("service_id", "")).upper().startswith(EXAMPLE)


def why_hidden(directory: Directory, service: Row) -> list[str]:
    """Return what keeps a service off the public page; an empty list when it may be shown."""
    vetted = core.day_of(service["vetted_on"])
    again = vet_again(directory, service)
    needs = {
        "it is a fictional example": not is_example(service),
        "its visibility is not public": service["visibility"].casefold() == "public",
        "its status is not active": service["status"].casefold() == "active",
        "the service did not sign that it may be published": core.is_signed(
            service, "publish_agreed_by", "publish_agreed_on"
        ),
        "its vetting result is not 'listed'": service["vetting_result"].casefold() in LISTED,
        "it has no vetting date up to today's as_of": vetted is not None and vetted <= directory.as_of,
        "its vetting is overdue": again is not None and again >= directory.as_of,
        "it is flagged after an incident": not is_flagged(service),
        "its organisation is not in organizations.csv": bool(directory.organization(service)),
    }
    return [reason for reason, holds in needs.items() if not holds]


def public_services(directory: Directory) -> list[Row]:
    """Return the services that the public may see."""
    return [service for service in directory.rows("services") if not why_hidden(directory, service)]
