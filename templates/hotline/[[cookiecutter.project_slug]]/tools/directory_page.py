"""The directory as pages: one for the public in each language, one for advocates, both lists first and search second.

Without JavaScript a page is a plain list by region. directory/search.js adds the search box; nothing is loaded from
anywhere else and nothing that is typed leaves the page.
"""

from __future__ import annotations

import re

from . import core
from .core import html_text
from .directory_hsds import key, mail_address, number, web_address
from .directory_tables import (
    WHOLE_COUNTRY,
    WITHHELD,
    Directory,
    Row,
    is_stale,
    open_locations,
    parts,
    phones_of,
    verified_on,
    vet_again,
    why_hidden,
)  # fmt: skip

Words = dict[str, str]
# How hours are written in services.csv: mon-fri 08:00-17:00; sat 09:00-12:00, or always.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORT = re.compile(rf"\b(?:{'|'.join(DAYS)}|always)\b", re.IGNORECASE)


def words_of(directory: Directory, code: str) -> Words:
    """Return the words of a language; English where one is missing."""
    known = core.table(directory.settings, "words")
    own = known.get(code) or known.get(code.split("-")[0]) or {}
    return {name: str(own.get(name, text)) for name, text in core.table(known, "en").items()}


def class_name(directory: Directory, code: str, language: str) -> str:
    """Return what a service class is called in a language."""
    names = core.table(core.table(directory.settings, "classes"), code)
    return str(names.get(language) or names.get(language.split("-")[0]) or names.get("en") or code)


def regions_of(directory: Directory, services: list[Row]) -> list[str]:
    """Return the regions in the order of directory.toml, then others that services name; the whole country last."""
    listed = [str(region) for region in directory.settings.get("regions", [])]
    named = sorted({region for service in services for region in parts(service["regions"])} - {WHOLE_COUNTRY})
    ordered = list(dict.fromkeys(listed + named))
    everywhere = any(not parts(s["regions"]) or WHOLE_COUNTRY in parts(s["regions"]) for s in services)
    return [*ordered, WHOLE_COUNTRY] if everywhere else ordered


class Page:
    """Lays out the services for one kind of reader in one language."""

    def __init__(self, directory: Directory, services: list[Row], language: str, public: bool) -> None:
        self.directory, self.services, self.language, self.public = directory, services, language, public
        # Escaped once: with thousands of services the same few words would be escaped a hundred thousand times.
        self.words = {name: html_text(text) for name, text in words_of(directory, language).items()}
        codes = core.table(directory.settings, "classes")
        self.classes = {code: html_text(class_name(directory, code, language)) for code in codes}
        self.regions = regions_of(directory, services)
        self._known: dict[str, str] = {}
        self.places = {region: f"r{n}" for n, region in enumerate(self.regions)}

    def body(self) -> str:
        """Return the search tools, the list of regions and the services."""
        if not self.services:
            return f'<p class="note">{self.words["none"]}</p>\n'
        return self._tools() + self._contents() + "".join(self._region(region) for region in self.regions)

    def _tools(self) -> str:
        """Return the search box, hidden until the script is there to serve it."""
        w = self.words
        regions = "".join(f'<option value="{self.places[r]}">{self._region_name(r)}</option>' for r in self.regions)
        used = {one for service in self.services for one in parts(service["classes"])}
        known = [(code, name) for code, name in self.classes.items() if code in used]
        classes = "".join(f'<option value="{html_text(code)}">{name}</option>' for code, name in known)
        return (
            f'<div id="find" role="search" hidden data-shown="{w["shown"]}" data-found="{w["found"]}" '
            f'data-nothing="{w["nothing"]}">\n<h2>{w["seek"]}</h2>\n'
            f'<p><label for="words">{w["search"]}</label> <input id="words" type="search" autocomplete="off" '
            f'spellcheck="false" maxlength="200"></p>\n'
            f'<p><label for="region">{w["region"]}</label> <select id="region"><option value="">{w["any"]}</option>'
            f"{regions}</select></p>\n"
            f'<p><label for="class">{w["class"]}</label> <select id="class"><option value="">{w["any"]}</option>'
            f"{classes}</select></p>\n"
            f'<p id="count" role="status"></p>\n<ul id="results" class="entries"></ul>\n</div>\n'
        )

    def _contents(self) -> str:
        links = "".join(f'<li><a href="#{self.places[r]}">{self._region_name(r)}</a></li>' for r in self.regions)
        title = self.words["regions"]
        return f'<div id="all">\n<nav aria-label="{title}"><ul class="regions">{links}</ul></nav>\n'

    def _region(self, region: str) -> str:
        """Return one region: its own services in full, links to those already shown under another region."""
        here = [s for s in self.services if region in self._where(s)]
        first = [s for s in here if self._where(s)[0] == region]
        others = [s for s in here if self._where(s)[0] != region]
        entries = "".join(self.entry(service) for service in first)
        text = f'<section aria-labelledby="{self.places[region]}">\n<h2 id="{self.places[region]}">'
        text += f"{self._region_name(region)}</h2>\n"
        text += f'<ul class="entries">\n{entries}</ul>\n' if first else ""
        text += f'<p class="note">{self.words["none"]}</p>\n' if not here else ""
        if others:
            links = ", ".join(f'<a href="#{_anchor(s)}"><bdi>{self._safe(s["name"])}</bdi></a>' for s in others)
            text += f"<p>{self.words['also']} {links}</p>\n"
        end = "</div>\n" if region == self.regions[-1] else ""
        return text + "</section>\n" + end

    def _where(self, service: Row) -> list[str]:
        return parts(service["regions"]) or [WHOLE_COUNTRY]

    def _region_name(self, region: str) -> str:
        return self.words["country"] if region == WHOLE_COUNTRY else self._safe(region)

    def _safe(self, text: str) -> str:
        if text not in self._known:
            self._known[text] = html_text(self.directory.safe(text, WITHHELD))
        return self._known[text].replace(WITHHELD, self.words["withheld"])

    def entry(self, service: Row) -> str:
        """Return one service as a list item; search.js reads its text, its classes and its regions."""
        organization = self.directory.organization(service)
        places = " ".join(self.places[r] for r in self._where(service) if r in self.places)
        classes = html_text(" ".join(code for code in parts(service["classes"]) if code in self.classes))
        lines = "".join(f"<div><dt>{name}</dt> <dd>{value}</dd></div>" for name, value in self._facts(service) if value)
        about = self._safe(service["description"])
        return (
            f'<li id="{_anchor(service)}" data-c="{classes}" data-r="{places}">\n'
            f"<h3><bdi>{self._safe(service['name'])}</bdi></h3>\n"
            + (f'<p dir="auto">{about}</p>\n' if about else "")
            + self._warnings(service)
            + f"<dl><div><dt>{self.words['by']}</dt> <dd><bdi>{self._safe(organization.get('name', ''))}"
            f"</bdi></dd></div>{lines}</dl>\n</li>\n"
        )

    def _warnings(self, service: Row) -> str:
        said = [self.words["stale"]] if is_stale(self.directory, service) else []
        hidden = [] if self.public else why_hidden(self.directory, service)
        said += [html_text(f"Not public: {'; '.join(hidden)}")] if hidden else []
        return "".join(f'<p class="caution">{text}</p>\n' for text in said)

    def _facts(self, service: Row) -> list[tuple[str, str]]:
        w = self.words
        names = [self.classes.get(code) or self._safe(code) for code in parts(service["classes"])]
        organization = self.directory.organization(service)
        verified = verified_on(self.directory, service)
        phones = [self._phone(phone) for phone in phones_of(self.directory, service, self.public)]
        return [
            (w["help"], ", ".join(names)),
            (w["phone"], ", ".join(phones)),
            (w["website"], _bare(web_address(self.directory, organization.get("website", "")))),
            (w["email"], _bare(mail_address(self.directory, organization.get("email", "")))),
            (w["apply"], self._safe(service["how_to_apply"])),
            (w["hours"], self._hours(service["hours"])),
            (w["night"], self._safe(service["night_intake"])),
            (w["serves"], ", ".join(f"<bdi>{self._region_name(r)}</bdi>" for r in self._where(service))),
            (w["languages"], self._languages(service)),
            (w["for"], self._joined(service, "genders", "forms_served", "status_limits")),
            (w["ages"], _ages(service)),
            (w["children"], self._safe(service["accepts_children"])),
            (w["fees"], self._safe(service["fees"])),
            (w["conditions"], self._safe(service["conditions"])),
            (w["police"], self._safe(service["police_report_required"])),
            (w["documents"], self._safe(service["required_documents"])),
            (w["address"], "; ".join(self._place(place) for place in open_locations(self.directory, service))),
            (w["verified"], verified.isoformat() if verified else ""),
            *([] if self.public else self._for_advocates(service)),
        ]  # fmt: skip

    def _hours(self, hours: str) -> str:
        """Return hours with the short names of days, and "always", in the language of the page."""
        said = dict(zip(DAYS, self.words["days"].split(), strict=False)) | {"always": self.words["always"]}
        return SHORT.sub(lambda found: said.get(found[0].lower(), found[0]), self._safe(hours))

    def _languages(self, service: Row) -> str:
        names = core.table(self.directory.settings, "language_names")
        spoken = [str(names.get(code, code)) for code in parts(service["languages"])]
        return ", ".join(f"<bdi>{self._safe(text)}</bdi>" for text in [*spoken, *parts(service["interpretation"])])

    def _joined(self, service: Row, *columns: str) -> str:
        return self._safe(", ".join(part for column in columns for part in parts(service[column])))

    def _for_advocates(self, service: Row) -> list[tuple[str, str]]:
        again = vet_again(self.directory, service)
        return [
            ("Row", self._safe(service["id"])),
            ("Status", self._safe(service["status"])),
            ("Waiting time", self._safe(service["wait_time"])),
            ("Beds", self._safe(service["beds"])),
            ("Role in protocols", self._safe(service["protocol_role"])),
            ("Vetting", self._safe(service["vetting_result"])),
            ("Vet again by", again.isoformat() if again else ""),
        ]

    def _phone(self, phone: Row) -> str:
        """Return a number as text: no link, so that a slip of the finger calls nobody."""
        extra = ", ".join(filter(None, [phone["description"], phone["extension"] and f"ext. {phone['extension']}"]))
        duty = "advocates only" if phone["public"].casefold() != "yes" else ""
        note = self._safe(", ".join(filter(None, [extra, duty])))
        return f'<bdi dir="ltr">{html_text(phone["number"])}</bdi>' + (f" ({note})" if note else "")

    def _place(self, place: Row) -> str:
        lines = [place[c] for c in ("address_1", "address_2", "city", "postal_code", "region")]
        text = self._safe(", ".join(line for line in lines if line))
        access = self._safe(place["accessibility"])
        return f"<bdi>{text}</bdi>" + (f" ({self.words['access']}: {access})" if access else "")


def _anchor(service: Row) -> str:
    return "s" + key("service", service["id"])[:12]


def _ages(service: Row) -> str:
    """Return the ages served: 18+, ≤ 17, or both ends; digits only, so nothing to escape."""
    low, high = number(service["minimum_age"]), number(service["maximum_age"])
    if low is None:
        return "" if high is None else f"≤ {high}"
    return f"{low}+" if high is None else f"{low}\u2013{high}"


def _bare(address: str) -> str:
    """Return an address as text; the public site links to no other site."""
    return f'<bdi dir="ltr">{html_text(address)}</bdi>' if address else ""
