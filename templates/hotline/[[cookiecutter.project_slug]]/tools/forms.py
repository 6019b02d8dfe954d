"""The forms: one definition (forms/*.form.toml) becomes a workbook for ODK and KoboToolbox, and pages to print.

Other parts ask `load` for the forms: the website builds its tip page from the form named tip.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from . import core
from .forms_check import problems
from .forms_html import page
from .forms_read import FormsError, load
from .forms_xlsx import workbook

XLSFORM = "forms/xlsform"
PRINT = "forms/print"


def build(facts: core.Table, project: Path) -> dict[str, bytes]:
    """Return the workbooks and the pages of every form by their path; nothing when a source cannot be read."""
    try:
        forms = load(facts, project)
    except FormsError:
        return {}
    made: dict[str, bytes] = {}
    for form in forms.forms:
        name = name_of(form.id)
        made[f"{XLSFORM}/{name}.xlsx"] = workbook(forms, form)
        for code, record in core.languages(facts):
            made[f"{PRINT}/{name}.{name_of(code)}.html"] = page(forms, form, code, record).encode()
    return made


def name_of(text: str) -> str:
    """Return a text as a file name that is safe everywhere."""
    return re.sub(r"[^A-Za-z0-9-]", "", text) or "unnamed"


def check(facts: core.Table, project: Path) -> list[str]:
    """Return what is wrong in the definitions, and what keeps them from live contacts once a channel is open."""
    try:
        return problems(load(facts, project))
    except FormsError as reason:
        return [str(reason)]


def full(facts: core.Table, project: Path) -> list[str]:
    """Turn every workbook into an XForm with pyxform and let ODK Validate fill it; needs Java beside the package."""
    from pyxform.errors import PyXFormError
    from pyxform.validators.odk_validate import ODKValidateError
    from pyxform.xls2xform import convert

    java = shutil.which("java") is not None
    found = [] if java else ["forms: ODK Validate could not run without Java; install Java 17 and run it again."]
    for path, content in build(facts, project).items():
        if not path.endswith(".xlsx"):
            continue
        warnings: list[str] = []
        with tempfile.TemporaryDirectory() as private:
            file = Path(private) / Path(path).name
            file.write_bytes(content)
            try:
                convert(str(file), warnings=warnings, validate=java)
            except (PyXFormError, ODKValidateError) as reason:
                found.append(f"{path}: ODK does not take it ({core.clean(reason)}); correct the form's definition.")
        found += [f"{path}: ODK warns ({core.clean(one)}); correct the form's definition." for one in warnings]
    return found
