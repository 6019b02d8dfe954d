"""The statistics as a page: what is counted first, then a question, an answer and a table for each list."""

from __future__ import annotations

from . import core
from .core import html_text
from .plain_page import Public, shell
from .statistics_data import Sources
from .statistics_package import percent

Words = dict[str, str]


def words_of(sources: Sources, code: str) -> Words:
    """Return the words of a language; English where one is missing."""
    known = core.table(sources.settings, "words")
    own = known.get(code) or known.get(code.split("-")[0]) or {}
    return {name: str(own.get(name, text)) for name, text in core.table(known, "en").items()}


def label(names: object, code: str, otherwise: str) -> str:
    """Return a text in a language, in English, or what it is called in the data."""
    texts = names if isinstance(names, dict) else {}
    return str(texts.get(code) or texts.get(code.split("-")[0]) or texts.get("en") or otherwise)


class Page:
    """Lays out releases in one language."""

    def __init__(self, sources: Sources, language: str) -> None:
        self.sources, self.language = sources, language
        self.words = words_of(sources, language)

    def text(self, name: str, **values: object) -> str:
        """Return a word of the page with its values, ready for HTML."""
        said = self.words[name]
        for key, value in values.items():
            said = said.replace("{" + key + "}", str(value))
        return html_text(said)

    def group(self, dimension: str, group: core.Table) -> str:
        """Return what a group is called: its levels, joined by a plus."""
        known = self.sources.levels.get(dimension, {})
        return " + ".join(html_text(label(known.get(one), self.language, one)) for one in group["levels"])

    def question(self, dimension: str) -> str:
        """Return the question that a list answers."""
        about = core.table(core.table(self.sources.settings, "dimensions"), dimension)
        return html_text(label(about.get("title"), self.language, dimension))

    def release(self, release: core.Table, notes: core.Table, folder: str) -> str:
        """Return the section of one period."""
        name = html_text(release["period"])
        body = f'<section aria-labelledby="p{name}">\n<h2 id="p{name}"><bdi>{name}</bdi></h2>\n'
        if core.said(notes, "correction"):
            body += f'<p class="caution">{self.text("correction")}: {html_text(notes["correction"])}</p>\n'
        if release["substantive"] is None:
            return body + f"<p>{self.text('few')}</p>\n</section>\n"
        body += f"<p><strong>{self.text('total', substantive=release['substantive'])}</strong></p>\n"
        body += f"<p>{self.text('all', all=release['all'])}</p>\n" if release["all"] is not None else ""
        body += "".join(self.list(release, one) for one in release["lists"])
        body += "".join(self.table(release, one) for one in release["tables"])
        if folder and release["lists"]:
            link = f'<a href="{html_text(folder)}/datapackage.json">datapackage.json</a>'
            body += f"<p>{self.text('data')}: {link}</p>\n"
        return body + "</section>\n"

    def list(self, release: core.Table, one: core.Table) -> str:
        """Return one list: its question, the answer in a sentence, a table with bars."""
        shares = one["dimension"] != "not_substantive"
        groups = one["groups"] if one["dimension"] == "month" else sorted(one["groups"], key=lambda g: -g["count"])
        most = max(groups, key=lambda g: g["count"])
        head = f'<th scope="col" class="number">{self.text("count")}</th>'
        head += f'<th scope="col" class="number">{self.text("percent")}</th>' if shares else ""
        rows = "".join(self._row(release, one, group, shares, most["count"]) for group in groups)
        name = f"<bdi>{self.group(one['dimension'], most)}</bdi>"
        sentence = self.text("most", count=most["count"]).replace("{name}", name)
        return (
            f"<h3>{self.question(one['dimension'])}</h3>\n<p>{sentence}</p>\n"
            f'<table><thead><tr><th scope="col">{self.text("group")}</th>{head}<td></td></tr></thead>\n'
            f"<tbody>\n{rows}</tbody></table>\n"
        )

    def _row(self, release: core.Table, one: core.Table, group: core.Table, shares: bool, most: int) -> str:
        count = group["count"]
        share = f'<td class="number"><bdi>{percent(count, release)} %</bdi></td>' if shares else ""
        long = f'<rect width="{100 * count // most}" height="10"/>'
        bar = f'<svg class="bar" viewBox="0 0 100 10" aria-hidden="true">{long}</svg>'
        whole = ' class="whole"' if one["dimension"] == "month" else ""
        name = f'<th scope="row"{whole}><bdi>{self.group(one["dimension"], group)}</bdi></th>'
        return f'<tr>{name}<td class="number">{count}</td>{share}<td>{bar}</td></tr>\n'

    def table(self, release: core.Table, one: core.Table) -> str:
        """Return a table of groups by groups with its totals; withheld cells say so."""
        groups = {entry["dimension"]: entry["groups"] for entry in release["lists"]}
        rows, columns = groups[one["rows"]], groups[one["columns"]]
        title = f"{self.question(one['rows'])} · {self.question(one['columns'])}"
        head = "".join(f'<th scope="col" class="number">{self.group(one["columns"], g)}</th>' for g in columns)
        total = self.text("total_word")
        body = ""
        for group, counts in zip(rows, one["cells"], strict=True):
            cells = "".join(f'<td class="number">{self.text("withheld") if n is None else n}</td>' for n in counts)
            cells += f'<td class="number">{group["count"]}</td>'
            body += f'<tr><th scope="row">{self.group(one["rows"], group)}</th>{cells}</tr>\n'
        last = "".join(f'<td class="number">{g["count"]}</td>' for g in columns)
        return (
            f'<div class="wide" tabindex="0" role="region" aria-label="{title}"><table><caption>{title}</caption>\n'
            f'<thead><tr><td></td>{head}<th scope="col" class="number">{total}</th></tr></thead>\n<tbody>\n{body}'
            f'<tr><th scope="row">{total}</th>{last}<td class="number">{release["substantive"]}</td></tr>\n'
            "</tbody></table></div>\n"
        )

    def page(self, place: Public, direction: str, body: str, k: int) -> str:
        """Return the whole public page around the sections of the periods."""
        lead = f"<p>{self.text('limits')}</p>\n<p>{self.text('unit')}</p>\n"
        lead += f'<p class="note">{self.text("why", k=k)}</p>\n'
        return shell(self.words["title"], self.language, direction, lead + body, "statistics.css", place=place)
