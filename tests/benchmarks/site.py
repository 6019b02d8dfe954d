"""The playbook site against plain mkdocs: 150 pages, the same Markdown, processor seconds.

python tests/benchmarks/site.py RESULTS [PAGES]      RESULTS is a pickled Results, as the tests keep of each example

Plain is `mkdocs build` of the Markdown we gave it, a whole process. Ours begins with the results in hand, as in a
build: it reads, chooses and fills the pages, builds, folds the search index and writes. The third line only looks
whether anything changed, which is all that a second build does. Limit: twice plain.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path

from hotline_catalyst.deliverables import playbook_site, site_builder
from hotline_catalyst.deliverables.playbooks import Page, Selection, load_pages, select
from hotline_catalyst.library import content_root
from hotline_catalyst.results import Results

LIMIT = 2.0


def many(results: Results, wanted: int) -> Selection:
    """Return an operator's selection of so many pages: the real ones, and copies under other names."""
    chosen = select(load_pages(results.instrument), results, "operator").chosen
    copies: list[Page] = list(chosen[:wanted])
    for page, n in zip(cycle(chosen), count(1), strict=False):
        if len(copies) >= wanted:
            break
        front = page.front.model_copy(update={"id": f"PB-{100 + n}"})
        copies.append(replace(page, front=front, path=page.path.with_stem(f"{front.id}-{n}")))
    return Selection("operator", tuple(copies), ())


def ours(out: Path, results: Path, wanted: int) -> None:
    """Build the site as a build does, in this process; or, without a folder, see whether it would be another one."""
    known: Results = pickle.loads(results.read_bytes())
    begun = time.process_time()
    selection = many(known, wanted)
    if out.name:
        for name, content in playbook_site.files_of(playbook_site.sites_of(selection, known)).items():
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    else:
        [site_builder.fingerprint(site) for site in playbook_site.sites_of(selection, known)]
    print(time.process_time() - begun)


def plain(work: Path, results: Results, wanted: int) -> list[str]:
    """Lay the same Markdown out for mkdocs and return the command that builds it."""
    selection = many(results, wanted)
    docs = playbook_site.markdown_of(selection, results)
    for place, text in docs.items():
        path = work / "docs" / f"{place}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    site = content_root() / "site"
    (work / "docs" / "assets").symlink_to(site / "assets")
    own = (site / "mkdocs.yml").read_text("utf-8").replace("  custom_dir: overrides\n", "")
    own = own.replace("docs_dir: pages", "docs_dir: docs").replace("site_dir: ../build/handbook", "site_dir: site")
    (work / "mkdocs.yml").write_text(own, "utf-8")
    return [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(work / "mkdocs.yml")]


def seconds(command: list[str]) -> float:
    """Return the processor seconds of a command."""
    child = subprocess.Popen(
        command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


def _said(command: list[str]) -> float:
    """Return the seconds that a command prints."""
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(results: Path, wanted: int = 150) -> None:
    """Print one line a way of building."""
    known: Results = pickle.loads(results.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        command = plain(work, known, wanted)
        ours_in = [sys.executable, __file__, "ours"]
        first = [*ours_in, json.dumps([str(work / "ours"), str(results), wanted])]
        again = [*ours_in, json.dumps(["", str(results), wanted])]
        bare = min(seconds(command) for _ in range(2))
        built, looked = (min(_said(own) for _ in range(2)) for own in (first, again))
    print(f"plain mkdocs build       {bare:8.1f} s   {wanted} pages")
    print(f"the playbook site        {built:8.1f} s   {built / bare:.2f} x plain (limit {LIMIT:g})")
    print(f"again, nothing changed   {looked:8.1f} s   {looked / bare:.2f} x plain")


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        out, found, pages = json.loads(sys.argv[2])
        ours(Path(out), Path(found), pages)
    else:
        main(Path(sys.argv[1]), *(int(n) for n in sys.argv[2:]))
