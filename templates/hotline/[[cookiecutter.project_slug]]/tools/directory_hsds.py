"""The directory as HSDS 3.0 (Open Referral), for any system that takes over.

Our own fields that HSDS does not know travel as attributes. A confidential place is no location at all here: the
service keeps its front-door numbers and its region, nothing else.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from . import core
from .directory_tables import (
    WHOLE_COUNTRY,
    Directory,
    Row,
    is_stale,
    open_locations,
    parts,
    phones_of,
    verified_on,
    vet_again,
)  # fmt: skip

SPACE = uuid.UUID("6f1ad4b5-8a53-5c0b-9d70-3c1d0e5f8a11")
DAYS = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
HOURS = re.compile(
    r"^(?P<first>[a-z]{3})[a-z]*(?:\s*-\s*(?P<last>[a-z]{3})[a-z]*)?\s+(?P<opens>\d{1,2}:\d{2})\s*-\s*(?P<closes>\d{1,2}:\d{2})$"
)
# What HSDS has no field for, with what it means.
EXTRA = {
    "classes": "Kind of help",
    "forms_served": "Forms of exploitation whose survivors the service helps",
    "genders": "Genders served",
    "accepts_children": "Children may come along",
    "lgbtqi_welcome": "Open to LGBTQI+ people",
    "status_limits": "Limits by nationality or residence status",
    "conditions": "Conditions for staying or being helped",
    "police_report_required": "A police report is needed",
    "night_intake": "People are taken in at night",
    "beds": "Number of beds",
    "pets_and_transport": "Pets and transport",
}
FOR_ADVOCATES = {"protocol_role": "Role in the hotline's protocols", "vetting_result": "Result of vetting"}


def export(directory: Directory, services: list[Row], public: bool) -> core.Table:
    """Return the services as one HSDS page, each with its organisation."""
    listed = [_service(directory, service, public) for service in services]
    count = len(listed)
    facts = {"directory.stale_days": directory.stale_days, "directory.revet_months": directory.revet_months}
    return {
        "x-standard": "Open Referral HSDS 3.0, https://openreferral.org",
        "x-as-of": directory.as_of.isoformat(),
        "x-facts": facts,
        "total_items": count,
        "total_pages": 1,
        "page_number": 1,
        "size": count,
        "first_page": True,
        "last_page": True,
        "empty": count == 0,
        "contents": listed,
    }


def export_bytes(directory: Directory, services: list[Row], public: bool) -> bytes:
    """Return the HSDS page as JSON, one service a line, so that a changed service is a changed line."""
    page = export(directory, services, public)
    records = ",\n".join(json.dumps(one, ensure_ascii=False) for one in page.pop("contents"))
    head = json.dumps(page, ensure_ascii=False, indent=1)[:-2]
    return f'{head},\n "contents": [\n{records}\n]}}\n'.encode()


def key(kind: str, *names: object) -> str:
    """Return the id of a record: always the same for the same row, and telling nothing about it."""
    return str(uuid.uuid5(SPACE, "\0".join([kind, *map(str, names)])))


def _service(directory: Directory, row: Row, public: bool) -> core.Table:
    own = key("service", row["id"])
    status = row["status"].casefold()
    verified = verified_on(directory, row)
    record = _texts(row, {
        "name": "name", "description": "description", "interpretation_services": "interpretation",
        "application_process": "how_to_apply", "fees_description": "fees", "wait_time": "wait_time",
    }) | {
        "id": own,
        "organization_id": key("organization", row["organization_id"]),
        "status": status if status in ("active", "inactive", "defunct", "temporarily closed") else "inactive",
        "assured_date": verified.isoformat() if verified else "",
        "minimum_age": number(row["minimum_age"]),
        "maximum_age": number(row["maximum_age"]),
        "alert": _alert(directory, row),
        "phones": [_phone(directory, phone, public) for phone in phones_of(directory, row, public)],
        "schedules": _schedules(directory, own, row["hours"]),
        "service_areas": [_area(directory, own, region) for region in parts(row["regions"])],
        "languages": [_language(directory, own, code) for code in parts(row["languages"])],
        "required_documents": [
            {"id": key("document", own, text), "document": core.clean(text)}
            for text in parts(row["required_documents"]) if text.casefold() != "none"
        ],
        "organization": _organization(directory, directory.organization(row)),
        "service_at_locations": [_at_location(directory, own, place) for place in open_locations(directory, row)],
        "attributes": _attributes(directory, own, row, public),
    }  # fmt: skip
    record["name"] = record.get("name") or "Without a name"
    plain = {name: value for name, value in record.items() if value not in ("", None, [], {})}
    swept: core.Table = _swept(directory, plain)
    return swept


def _swept(directory: Directory, value: Any) -> Any:
    """Return a record in which every text that holds anything of a confidential place is withheld."""
    if isinstance(value, dict):
        return {name: inner if name.endswith("id") else _swept(directory, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_swept(directory, inner) for inner in value]
    return directory.safe(value) if isinstance(value, str) else value


def _texts(row: Row, names: dict[str, str]) -> core.Table:
    return {ours: core.clean(row[column], 4000) for ours, column in names.items()}


def number(text: str) -> int | None:
    """Return a typed age, None when it is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _alert(directory: Directory, row: Row) -> str:
    again = vet_again(directory, row)
    said = ["Not verified for a while: ask first."] if is_stale(directory, row) else []
    said += ["Vetting is overdue."] if again is not None and again < directory.as_of else []
    return " ".join(said)


def _phone(directory: Directory, row: Row, public: bool) -> core.Table:
    record = {
        "id": key("phone", row["id"]),
        "number": core.clean(row["number"], 60),
        "extension": number(row["extension"]),
        "type": core.clean(row["type"]),
        "description": core.clean(row["description"]),
        "languages": [_language(directory, "phone" + row["id"], code) for code in parts(row["languages"])],
    }
    if not public and row["public"].casefold() != "yes":
        record["description"] = f"Advocates only. {record['description']}".strip()
    return {name: value for name, value in record.items() if value not in ("", None, [])}


def _schedules(directory: Directory, own: str, hours: str) -> list[core.Table]:
    """Read hours such as "mon-fri 08:00-17:00; sat 09:00-12:00" or "always"; anything else stays words."""
    found: list[core.Table] = []
    for span in parts(hours):
        match = HOURS.match(span.casefold())
        if span.casefold() in ("always", "24/7"):
            found.append(
                {"freq": "WEEKLY", "byday": ",".join(DAYS.values()), "opens_at": "00:00", "closes_at": "24:00"}
            )
        elif match and match["first"] in DAYS and (match["last"] or "mon") in DAYS:
            byday = ",".join(_days(match["first"], match["last"] or match["first"]))
            clock = {"opens_at": match["opens"].zfill(5), "closes_at": match["closes"].zfill(5)}
            found.append({"freq": "WEEKLY", "byday": byday} | clock)
        else:
            found.append({"description": core.clean(span)})
    return [{"id": key("schedule", own, n)} | one for n, one in enumerate(found)]


def _days(first: str, last: str) -> list[str]:
    names = list(DAYS)
    begin, end = names.index(first), names.index(last)
    wrapped = names[begin : end + 1] if begin <= end else names[begin:] + names[: end + 1]
    return [DAYS[name] for name in wrapped]


def _area(directory: Directory, own: str, region: str) -> core.Table:
    name = "Whole country" if region == WHOLE_COUNTRY else core.clean(region)
    return {"id": key("area", own, region), "name": name}


def _language(directory: Directory, own: str, code: str) -> core.Table:
    names = core.table(directory.settings, "language_names")
    return {
        "id": key("language", own, code),
        "name": str(names.get(code, core.clean(code, 35))),
        "code": core.clean(code, 35),
    }


def _organization(directory: Directory, row: Row) -> core.Table:
    if not row:
        return {"id": key("organization", ""), "name": "Not in the directory", "description": "Not in the directory"}
    texts = _texts(row, {n: n for n in ("name", "alternate_name", "description", "legal_status")})
    texts["name"] = texts["name"] or "Without a name"
    texts["description"] = texts["description"] or texts["name"]
    texts |= {"website": web_address(directory, row["website"]), "email": mail_address(directory, row["email"])}
    return {"id": key("organization", row["id"])} | {name: text for name, text in texts.items() if text}


def web_address(directory: Directory, text: str) -> str:
    """Return a web address that is one, otherwise nothing."""
    good = re.fullmatch(r"https?://[a-z0-9.-]+\.[a-z0-9-]{2,}(?:/[\w./%~?=&+-]*)?", text, re.IGNORECASE | re.ASCII)
    return directory.safe(text, "") if good else ""


def mail_address(directory: Directory, text: str) -> str:
    """Return an e-mail address that is one, otherwise nothing."""
    good = re.fullmatch(r"[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+", text, re.IGNORECASE | re.ASCII)
    return directory.safe(text, "") if good else ""


def _at_location(directory: Directory, service: str, place: Row) -> core.Table:
    own = key("location", place["id"])
    names = ("name", "transportation")
    location: core.Table = {"id": own, "location_type": "physical"} | _texts(place, {n: n for n in names})
    coordinates = {name: coordinate(place[name]) for name in ("latitude", "longitude")}
    if None not in coordinates.values():
        location |= coordinates
    if place["address_1"]:
        address = {
            n: core.clean(place[n]) for n in ("address_1", "address_2", "city", "region", "postal_code", "country")
        }
        address["state_province"] = address["region"]
        location["addresses"] = [{"id": key("address", place["id"]), "address_type": "physical"} | address]
    if place["accessibility"]:
        text = core.clean(place["accessibility"])
        location["accessibility"] = [{"id": key("access", place["id"]), "description": text}]
    plain = {name: value for name, value in location.items() if value not in ("", None)}
    return {"id": key("at", service, own), "service_id": service, "location_id": own, "location": plain}


def coordinate(text: str) -> float | None:
    """Return a typed coordinate, None when it is not one."""
    return float(text) if re.fullmatch(r"-?\d{1,3}(?:\.\d{1,8})?", text, re.ASCII) else None


def _attributes(directory: Directory, own: str, row: Row, public: bool) -> list[core.Table]:
    names = EXTRA if public else EXTRA | FOR_ADVOCATES
    pairs = [(name, value) for name in names for value in parts(row[name])]
    return [
        {
            "id": key("attribute", own, name, n),
            "link_id": own,
            "link_type": name,
            "link_entity": "service",
            "value": core.clean(value),
            "taxonomy_term": {"id": key("term", name), "name": name, "description": names[name], "taxonomy": "hotline"},
        }
        for n, (name, value) in enumerate(pairs)
    ]
