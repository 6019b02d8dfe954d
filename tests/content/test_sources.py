"""Every key in square brackets names a publication the content knows."""

from __future__ import annotations

import re

from conftest import ROOT

from hotline_catalyst.library import load_sources

KEY = re.compile(r"\[([A-Z][A-Z0-9]{1,8}(?:-G5)?)\]")


def test_every_source_key_in_content_is_in_the_list_of_sources():
    known = set(load_sources())
    assert len(known) > 100
    unknown = {
        (path.name, key)
        for folder in ("assessment", "playbooks")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".yaml", ".md") and path.name != "sources.yaml"
        for line in path.read_text("utf-8").splitlines()
        if "source" in line or "assumption" in line
        for key in KEY.findall(line)
        if key not in known and not re.fullmatch(r"[RA]\d\d", key)
    }
    assert unknown == set()
