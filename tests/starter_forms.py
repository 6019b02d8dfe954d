"""Forms of the starter for tests: facts with everything signed, and signed definitions."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from starter_tools import TEMPLATE, facts, part

LANGUAGES = {"en": ("English", "ltr"), "fr": ("French", "ltr"), "es": ("Spanish", "ltr"), "ar": ("Arabic", "rtl")}
# The public half of an RSA key of 2048 bits; the secret half was never kept.
PUBLIC_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzlD8OnhQSkbMlwHZDdNAwh9jMNPbfuc5N1iS6CgFd1x0ZWAL31XoZffP"
    "sd+OGe02o3D7J1M9xno4A6V7GE+vJUYU0smRO3vAYkdShiJeOlTp+cycaVWvJ9mtzp3G5o/aJHe318DKhZJ+RVnRBOrHZCzS3+v8"
    "04m3kHD8AxWnpxPKyFiP8r9GlM4g+boVg+s0Fe6650Bx8uYP3X85b0IqeVrDwNaehRpAQbWWUQQV5G6GvJOY7NstKROamcN16Y6B"
    "DVsMAilzkCbtg1YOM63bfVKwMy9D67p3XzOckdaao2hjQ5BssOi19kcaoUFchax7UWHF9Hb5B/Lu5q7aTwxS7wIDAQAB"
)


def form_facts(*languages: str, **more: Any) -> dict[str, Any]:
    """Return facts for forms in these languages, all four if none is named; nothing is open."""
    spoken = {code: LANGUAGES.get(code, (code, "ltr")) for code in languages or LANGUAGES}
    plain = {
        "languages": {code: {"name": name, "direction": direction} for code, (name, direction) in spoken.items()},
        "retention": {"signal_days": 365, "transcript_days": 30, "tip_days": 366},
        "data": {"purpose": "", "consent_approved_by": "", "consent_approved_on": "", "form_public_key": ""},
        "choices": {"external_systems": ["primero", "salesforce", "kobo", "generic"]},
    }
    return facts(**(plain | more))


def decided(given: dict[str, Any]) -> dict[str, Any]:
    """Return facts in which purpose, consent and retention are signed."""
    data = {"purpose": "To help.", "consent_approved_by": "Data lead", "consent_approved_on": "2027-01-01"}
    kept = {"confirmed_by": "Counsel", "confirmed_on": "2027-01-01"}
    return given | {"data": given["data"] | data, "retention": given["retention"] | kept}


def project_of(target: Path) -> Path:
    """Copy what the forms and the data model are made from to a place where a test may change it."""
    for name in ("forms", "data", "directory"):
        shutil.copytree(TEMPLATE / name, target / name)
    return target


def turn_on(project: Path, form: str, name: str, signed: bool = True) -> None:
    """Turn on a question of a form, signed by a role or not."""
    path = project / "forms" / f"{form}.form.toml"
    before, at, after = path.read_text("utf-8").partition(f'id = "{name}"\n')
    after = after.replace("on = false", "on = true", 1)
    if signed:
        filled = 'approved_by = "Director"\napproved_on = "2027-01-01"'
        after = after.replace('approved_by = ""\napproved_on = ""', filled, 1)
    path.write_text(before + at + after, "utf-8")


def sign_forms(project: Path) -> None:
    """Sign every form, as its role does before the first live contact."""
    for path in (project / "forms").glob("*.form.toml"):
        text = re.sub(r'^reviewed_by = ""', 'reviewed_by = "Director"', path.read_text("utf-8"), flags=re.MULTILINE)
        path.write_text(re.sub(r'^reviewed_on = ""', 'reviewed_on = "2026-01-01"', text, flags=re.MULTILINE), "utf-8")


def forms() -> Any:
    """Return the part that makes the forms."""
    return part("forms")
