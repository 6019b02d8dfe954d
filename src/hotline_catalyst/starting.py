"""A folder to start from: a new engagement with everything to fill in, or a copy of an example."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from . import archive
from .assessment.instrument import STAGES, load_instrument
from .errors import CatalystError
from .library import content_root, did_you_mean
from .planning.calendar import DAYS


def new_engagement(folder: Path, country: str, stage: str, language: str, today: date) -> list[Path]:
    """Make an engagement's folder with everything to fill in, and return what was written.

    Raises
    ------
    CatalystError
        When the folder already holds an engagement, or the stage is not one of the three.
    """
    if folder.exists() and not folder.is_dir():
        raise CatalystError(f"{folder} is a file; choose another name for the folder.")
    if stage not in STAGES:
        raise CatalystError(f"'{stage}' is not a stage; choose {', '.join(STAGES)}.")
    if (folder / "engagement.yaml").exists():
        raise CatalystError(f"{folder} already holds an engagement; choose another folder.")
    from babel import Locale

    known = (content_root() / "assessment" / "countries" / f"{country.lower()}.yaml").exists()
    draft = "" if known else draft_country(country, today)
    meta = load_instrument().meta
    values = {
        "country": country,
        "name": str(Locale("en").territories.get(country, country)),
        "stage": stage,
        "language": language,
        "as_of": today.isoformat(),
        "start": (today + timedelta(days=-today.weekday() + 28)).isoformat(),
        "instrument": f"{meta.id}@{meta.version}",
    }
    written = []
    for template in sorted((content_root() / "templates" / "engagement").glob("*.yaml")):
        text = template.read_text("utf-8")
        for key, value in values.items():
            text = text.replace(f"[[{key}]]", value)
        written.append(archive.write_text(folder / template.name, text))
    if draft:
        written.append(archive.write_text(folder / "country.yaml", draft))
    (folder / "responses").mkdir(exist_ok=True)
    return written


# Codes that libraries name and that are no country.
NO_COUNTRIES = {"ZZ", "EU", "UN", "EZ", "XA", "XB", "QO"}


def draft_country(code: str, today: date) -> str:
    """Return a country file to complete, from what libraries know; figures nobody can look up are left empty.

    Raises
    ------
    CatalystError
        When ``code`` is no country's code.
    """
    import holidays
    from babel import Locale
    from babel.core import get_global
    from babel.languages import get_official_languages
    from babel.numbers import get_territory_currencies

    name = Locale("en").territories.get(code)
    if name is None or len(code) != 2 or code in NO_COUNTRIES:
        raise CatalystError(f"'{code}' is not a country code of two letters such as MX.")
    currencies = get_territory_currencies(code) or ["???"]
    languages = get_official_languages(code, de_facto=True) or ("en",)
    calendar = holidays.list_supported_countries()
    weekend = holidays.country_holidays(code).weekend if code in calendar else {5, 6}
    days = ", ".join(DAYS[d] for d in sorted(weekend))
    zones = sorted(zone for zone, territory in get_global("zone_territories").items() if territory == code)
    zone = zones[0] if len(zones) == 1 else f"  # the line's own: {', '.join(zones)}"
    library = f"{{library: {code}}}" if code in calendar else "{}"
    return f"""# {name}: drafted from libraries on {today}.
# Complete every empty value and confirm the rest with a local partner.
code: {code}
name: {name}
currency: {{code: {currencies[-1]}, per_usd: {{value: , year: {today.year}, source: }}}}
population: {{value: , year: , source: }}
income_per_head_usd: {{value: , year: , source: }}
working_languages: [{", ".join(languages)}]   # confirm: which languages must be answered
weekend: [{days}]   # confirm: libraries are sometimes wrong
half_days: {{}}
# rest_day: {{day: sunday, source: }}          # the weekly rest day, where the law names one
# ramadan: {{hours_a_day_less: 2, source: }}   # where days of work are shorter then
timezone: {zone}
night: {{from: "22:00", to: "06:00", assumption: "Not looked up; ask counsel for the night window in law."}}
working_time: base   # add assessment/working_time/{code.lower()}.yaml when the law is known
holidays: {library}
notes: []
"""


def copy_example(name: str, folder: Path) -> Path:
    """Copy an example engagement to ``folder`` and return it.

    Raises
    ------
    CatalystError
        When there is no such example, or the folder holds something else.
    """
    examples = content_root() / "assessment" / "examples"
    known = sorted(p.name for p in examples.iterdir() if p.is_dir())
    if name not in known:
        raise CatalystError(f"'{name}' is not an example{did_you_mean(name, known)}; there are {', '.join(known)}.")
    mine, theirs = folder / "engagement.yaml", examples / name / "engagement.yaml"
    again = mine.exists() and mine.read_bytes() == theirs.read_bytes()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not again:
        raise CatalystError(f"{folder} is not empty; choose another folder with --out.")
    shutil.copytree(examples / name, folder, dirs_exist_ok=True)
    return folder
