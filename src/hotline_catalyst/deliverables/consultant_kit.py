"""The consultant's kit: every paper from the first invitation to the last lesson, with this engagement's own questions.

Each paper is a web page that prints on A4; those that a consultant edits are Word files too, made from the same text
(templates/kit). Interview guides print as forms with boxes, whose answers are typed back by question id.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import archive
from ..results import Results
from . import kit_rows, kit_word, look
from .kit_papers import Filler, Kit, Paper, Part, folder, load_kit
from .report import css_string

COLOURS = {"ink": look.INK, "night": look.NIGHT, "link": look.LINK, "quiet": look.QUIET, "line": look.LINE}
COLOURS |= {"caution": look.CAUTION, "pale": look.PALE, "met": look.MET}


def write(results: Results, folder: Path, texts: tuple[Kit, dict[str, Paper]] | None = None) -> list[Path]:
    """Write consultant/kit/: index.html, each paper as .html, those to edit as .docx, and a guide for each role.

    ``texts`` are those of templates/kit unless given.
    """
    kit, papers = texts or load_kit()
    bench = _Bench(results, kit)
    target = folder / "consultant" / "kit"
    written: list[Path] = []
    for step in kit.steps:
        for ident in step.papers:
            written += bench.paper(papers[ident], target)
    for role in bench.context["roles"]:
        paper = papers[kit.guide_for.get(role["role"], kit.guide_for["any"])]
        written.append(archive.write_text(target / role["guide"], bench.guide(paper, role)))
    return [archive.write_text(target / "index.html", bench.index(papers)), *written]


class _Bench:
    """What every paper of one engagement shares: facts, words, page templates."""

    def __init__(self, results: Results, kit: Kit):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        self.results, self.kit = results, kit
        self.filler = Filler(kit, results.facts.stage)
        self.context = kit_rows.context(results, kit)
        self.right_to_left = _right_to_left(kit.language)
        self.pages = Environment(loader=FileSystemLoader(folder()), autoescape=True, undefined=StrictUndefined)
        self.style = ":root{" + "".join(f"--{k}:{v};" for k, v in COLOURS.items()) + "}\n"
        self.style += (folder() / "kit.css").read_text("utf-8")

    def paper(self, paper: Paper, target: Path) -> Iterator[Path]:
        """Write one paper as a page and, where it is edited, for Word."""
        parts = list(self.filler.lay(paper.blocks, self.context, paper.id))
        title, who = self._line(paper.title, paper), self._line(paper.who, paper)
        yield archive.write_text(target / f"{paper.id}.html", self._page(title, who, paper.team_only, parts))
        if paper.word:
            words, mirrored = self.kit.words, self.right_to_left
            content = kit_word.document(self.results, title, who, parts, words, right_to_left=mirrored)
            yield archive.write_bytes(target / f"{paper.id}.docx", content)

    def guide(self, paper: Paper, role: dict[str, Any]) -> str:
        """Return a role's interview guide: what to say, then each question it is asked as a form."""
        context = {**self.context, **role}
        parts = list(self.filler.lay(paper.blocks, context, paper.id))
        sections = self.results.instrument.asked(role["role"], self.results.facts.stage)
        title, who = (self.filler.text(t, context, paper.id) for t in (paper.title, paper.who))
        return self._page(title, who, paper.team_only, parts, sections)

    def index(self, papers: dict[str, Paper]) -> str:
        """Return the page that says what each paper is for, in the order of the work."""
        steps = []
        for step in self.kit.steps:
            held = [papers[ident] for ident in step.papers]
            rows = [{"paper": p, "title": self._line(p.title, p), "use": self._line(p.use, p)} for p in held]
            steps.append({"title": step.title, "say": self._line(step.say), "rows": rows, "guides": step.guides})
        intro = [self._line(text) for text in self.kit.intro]
        title = self.kit.title
        return self._render("index.html.j2", title=title, steps=steps, intro=intro, roles=self.context["roles"])

    def _line(self, text: str, paper: Paper | None = None) -> str:
        return self.filler.text(text, self.context, paper.id if paper else "kit.yaml")

    def _page(self, title: str, who: str, team_only: bool, parts: list[Part], sections: Any = ()) -> str:
        around: dict[str, Any] = {"title": title, "who": who, "team_only": team_only, "parts": parts}
        return self._render("paper.html.j2", sections=sections, meta=self.results.instrument.meta, **around)

    def _render(self, template: str, **values: Any) -> str:
        facts, words = self.results.facts, self.kit.words
        return self.pages.get_template(template).render(
            **values,
            words=words,
            name=facts.name,
            notice=facts.notice,
            facts_line=f"{facts.country.name}. {words['as_of']} {look.day(facts.as_of)}. {facts.instrument}.",
            language=self.kit.language,
            direction="rtl" if self.right_to_left else "ltr",
            style=self.style + _page_rule(facts.notice, f"{facts.name} · {values['title']}"),
        )


def _right_to_left(language: str) -> bool:
    from babel import Locale

    return bool(Locale.parse(language, sep="-").character_order == "right-to-left")


def _page_rule(notice: str, foot: str) -> str:
    """Return the rule that puts the notice, the paper's name and the page number on every printed page."""
    small = 'direction: ltr; font: 8pt "Noto Sans", sans-serif'
    return (
        f"\n@page{{size:A4;margin:18mm 16mm 16mm;"
        f"@top-left{{content:{css_string(notice)};{small};font-weight:700;color:{look.CAUTION};width:90%}}"
        f"@bottom-left{{content:{css_string(foot)};{small};color:{look.QUIET};width:80%}}"
        f'@bottom-right{{content:counter(page) " / " counter(pages);{small};color:{look.QUIET}}}}}\n'
    )
