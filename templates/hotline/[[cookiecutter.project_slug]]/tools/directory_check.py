"""What can be wrong in the directory's tables, as sentences for the person who keeps them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from . import core
from .directory_hsds import coordinate, mail_address, number, web_address
from .directory_tables import (
    FOLDER,
    HEADERS,
    LISTED,
    STATUSES,
    VERIFIED,
    WHOLE_COUNTRY,
    WITHHELD,
    Directory,
    Row,
    digits_of,
    is_confidential,
    is_example,
    parts,
    vet_again,
    why_hidden,
)  # fmt: skip

YES_NO = ("", "yes", "no")
RESULTS = ("", *LISTED, "not listed")
LOG_RESULTS = (*VERIFIED, "no answer", "closed")
DATES = {
    "services": ("vetted_on", "vet_again_by", "publish_agreed_on"),
    "locations": ("publish_agreed_on",),
    "verification-log": ("verified_on",),
}


def problems(facts: core.Table, directory: Directory) -> list[str]:
    """Return every problem of the tables."""
    found = [*_ids(directory), *_links(directory), *_dates(directory)]
    found += [line for row in directory.rows("organizations") for line in _organization(directory, row)]
    found += [line for row in directory.rows("services") for line in _service(directory, row)]
    found += [line for row in directory.rows("locations") for line in _location(directory, row)]
    found += [line for row in directory.rows("phones") for line in _phone(row)]
    found += [line for row in directory.rows("verification-log") for line in _log(row)]
    return [_told(directory, line) for line in found] + _examples(facts, directory)


def _say(name: str, row: Row, what: str, do: str) -> str:
    who = core.clean(row.get("id") or row.get("service_id") or "without an id", 60)
    return f"{FOLDER}/{name}.csv row {who}: {what}; {do}."


def _told(directory: Directory, line: str) -> str:
    """Return a sentence that may be passed on: what it quotes is withheld when it tells of a confidential place."""
    return line if directory.safe(line) == line else re.sub("'.*'", f"'{WITHHELD}'", line)


def _word(text: str) -> str:
    return f"'{core.clean(text, 60)}'"


def _ids(directory: Directory) -> Iterator[str]:
    for name in [table for table, header in HEADERS.items() if "id" in header]:
        counts = Counter(row["id"] for row in directory.rows(name))
        for row in directory.rows(name):
            if not row["id"]:
                yield _say(name, row, f"{_word(row.get('name', ''))} has no id", "write a short one that never changes")
        for code, times in counts.items():
            if code and times > 1:
                yield _say(name, {"id": code}, f"the id stands in {times} rows", "give each row its own")


def _links(directory: Directory) -> Iterator[str]:
    known = {name: {row["id"] for row in directory.rows(name)} for name in ("organizations", "services", "locations")}
    pairs = {"organization_id": "organizations", "service_id": "services", "location_id": "locations"}
    for name, header in HEADERS.items():
        for column, table in pairs.items():
            for row in directory.rows(name) if column in header else []:
                if row[column] and row[column] not in known[table]:
                    yield _say(
                        name, row, f"{column} {_word(row[column])} is not in {table}.csv", "correct it or add it"
                    )
    for row in directory.rows("locations"):
        for one in parts(row["service_ids"]):
            if one not in known["services"]:
                yield _say("locations", row, f"service {_word(one)} is not in services.csv", "correct it or add it")


def _dates(directory: Directory) -> Iterator[str]:
    for name, columns in DATES.items():
        for row in directory.rows(name):
            for column in columns:
                day = core.day_of(row[column])
                if row[column] and day is None:
                    yield _say(name, row, f"{column} {_word(row[column])} is not a date", "write it like 2027-03-01")
                elif day and day > directory.as_of and column != "vet_again_by":
                    do = "correct it, or bring project.as_of up to date in hotline.toml"
                    yield _say(name, row, f"{column} lies after {directory.as_of.isoformat()}", do)


def _organization(directory: Directory, row: Row) -> Iterator[str]:
    if not row["name"]:
        yield _say("organizations", row, "the name is empty", "write it")
    if row["website"] and not web_address(directory, row["website"]):
        yield _say("organizations", row, f"website {_word(row['website'])} is no address", "write it as https://...")
    if row["email"] and not mail_address(directory, row["email"]):
        yield _say("organizations", row, f"email {_word(row['email'])} is no address", "correct it or leave it empty")


def _service(directory: Directory, row: Row) -> Iterator[str]:
    classes = core.table(directory.settings, "classes")
    if not row["name"]:
        yield _say("services", row, "the name is empty", "write it")
    if not row["organization_id"]:
        yield _say("services", row, "it belongs to no organisation", "write its organization_id")
    for code in parts(row["classes"]):
        if code not in classes:
            do = f"use one of directory.toml: {', '.join(classes)}"
            yield _say("services", row, f"class {_word(code)} is not known", do)
    if not parts(row["classes"]):
        yield _say("services", row, "it has no class", f"use one of directory.toml: {', '.join(classes)}")
    yield from _choices("services", row, {
        "status": STATUSES, "visibility": ("", "operator", "public"), "vetting_result": RESULTS,
    })  # fmt: skip
    for column in ("minimum_age", "maximum_age"):
        if row[column] and number(row[column]) is None:
            yield _say("services", row, f"{column} {_word(row[column])} is not a number", "write years in digits")
    low, high = number(row["minimum_age"]), number(row["maximum_age"])
    if low is not None and high is not None and low > high:
        yield _say("services", row, "its minimum age is above its maximum age", "correct one of them")
    listed = [str(region) for region in directory.settings.get("regions", [])]
    for region in parts(row["regions"]) if listed and not is_example(row) else []:
        if region not in listed and region != WHOLE_COUNTRY:
            do = f"correct it, write {WHOLE_COUNTRY} for the whole country, or add it there"
            yield _say("services", row, f"region {_word(region)} is not in directory.toml", do)
    yield from _listing(directory, row)


def _listing(directory: Directory, row: Row) -> Iterator[str]:
    """A service that means to be public but cannot be, or is listed without the vetting behind it."""
    if row["vetting_result"].casefold() in LISTED and not (core.day_of(row["vetted_on"]) and row["vetted_by"]):
        yield _say("services", row, "it is listed without who vetted it and when", "write the role and the date")
    reasons = why_hidden(directory, row)
    if row["visibility"].casefold() == "public" and reasons and not is_example(row):
        again = vet_again(directory, row)
        late = again is not None and again < directory.as_of
        do = "vet it again and write the new date" if late else "mend that, or write operator under visibility"
        yield _say("services", row, f"it asks to be public but stays hidden: {'; '.join(reasons)}", do)


def _choices(name: str, row: Row, choices: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for column, allowed in choices.items():
        if row[column].casefold() not in allowed:
            words = ", ".join(filter(None, allowed))
            yield _say(name, row, f"{column} {_word(row[column])} is not known", f"use one of: {words}")


def _location(directory: Directory, row: Row) -> Iterator[str]:
    yield from _choices("locations", row, {"confidential": YES_NO})
    private = ("address_1", "address_2", "postal_code", "latitude", "longitude")
    if is_confidential(row) and any(row[column] for column in private):
        do = "move them to the operator's protected store; this folder needs only the region"
        yield _say("locations", row, "the place is confidential but its address or coordinates are here", do)
    if row["confidential"].casefold() == "no" and is_confidential(row):
        do = "write the role of who agreed for the place and the date, or write yes"
        yield _say("locations", row, "confidential is no but nobody signed that it may be published", do)
    for column, limit in (("latitude", 90), ("longitude", 180)):
        value = coordinate(row[column])
        if row[column] and (value is None or abs(value) > limit):
            yield _say("locations", row, f"{column} {_word(row[column])} is no coordinate", "write it like 12.3456")
    if not is_confidential(row) and directory.safe(row["address_1"], "") != row["address_1"]:
        yield _say("locations", row, "its address is also that of a confidential place", "find out which is right")


def _phone(row: Row) -> Iterator[str]:
    yield from _choices("phones", row, {"public": YES_NO})
    letters = any(character.isalpha() for character in row["number"])
    if not 3 <= len(digits_of(row["number"])) <= 15 or letters:
        yield _say(
            "phones", row, f"number {_word(row['number'])} is no telephone number", "write it like +000 00 000 000"
        )
    if row["extension"] and number(row["extension"]) is None and not row["extension"].isdecimal():
        yield _say("phones", row, f"extension {_word(row['extension'])} is not digits", "write digits only")
    if not row["service_id"] and not row["organization_id"]:
        yield _say("phones", row, "it belongs to nothing", "write its service_id or organization_id")


def _log(row: Row) -> Iterator[str]:
    yield from _choices("verification-log", row, {"result": LOG_RESULTS})
    if not row["verified_by"] or not row["verified_on"]:
        yield _say("verification-log", row, "who verified and when is missing", "write the role and the date")


def _examples(facts: core.Table, directory: Directory) -> list[str]:
    """The fictional rows must be gone before anything opens."""
    names = [name for name in ("organizations", "services") for row in directory.rows(name) if is_example(row)]
    if not any(one.get("open") is True for one in core.table(facts, "channels").values()) or not names:
        return []
    return [
        f"{FOLDER}/{name}.csv: the fictional EXAMPLE row is still here; delete it before a channel opens."
        for name in dict.fromkeys(names)
    ]
