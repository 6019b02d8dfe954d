"""Decision trees: read, checked, and written as numbered steps, as a card, and as the block a page shows.

A tree is one YAML file in playbooks/trees; the drawing and the list are the same steps under the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path

from ..errors import ContentError
from ..library import content_root, line_of, load_sources, read_document, shown, validate
from .playbooks import Edition
from .tree_checks import Problem, problems
from .tree_drawing import drawing
from .tree_model import (
    Step,
    Tree,
    TreeSettings,
    TreeWords,
    Way,
    details,
    kind_words,
    load_settings,
    onward,
    onward_step,
    words_of,
)

__all__ = ["card", "drawing", "for_edition", "load_settings", "load_trees", "read_tree", "steps_markdown", "tree_block"]


def load_trees(root: Path | None = None, language: str = "en") -> dict[str, Tree]:
    """Return every tree by id, in a language where it is translated and in English where not.

    Raises
    ------
    ContentError
        Naming every problem of the first file that has any.
    """
    folder, settings = (root or content_root()) / "playbooks", load_settings(root)
    trees = {path.stem: read_tree(path, settings) for path in sorted((folder / "trees").glob("*.yaml"))}
    if language != "en":
        for path in sorted((folder / language / "trees").glob("*.yaml")):
            trees[path.stem] = _translated(path, settings, trees, language)
    return trees


def read_tree(path: Path, settings: TreeSettings) -> Tree:
    """Read and check one tree, whatever is wrong named at once with its line."""
    data, node = read_document(path)
    tree = validate(data, Tree, path, node)
    found: list[Problem] = list(problems(tree, settings, _sources()))
    if tree.id != path.stem:
        found.insert(0, (("id",), f"the file is named '{path.stem}'; make id and file name the same"))
    if found:
        raise ContentError(shown(path), _said(found, node))
    return tree


@cache
def _sources() -> frozenset[str]:
    return frozenset(load_sources())


def _said(found: list[Problem], node: object) -> list[str]:
    placed = sorted((line_of(node, loc), ".".join(map(str, loc)), text) for loc, text in found)  # type: ignore[arg-type]
    return [f"line {line}: {place}: {text}" for line, place, text in placed]


def _translated(path: Path, settings: TreeSettings, trees: Mapping[str, Tree], language: str) -> Tree:
    tree = read_tree(path, settings)
    if tree.language != language:
        raise ContentError(shown(path), [f"its language is '{tree.language}'; write `language: {language}`"])
    if tree.id not in trees:
        raise ContentError(shown(path), [f"there is no English tree '{tree.id}'; a translation needs one"])
    if wrong := _differences(tree, trees[tree.id]):
        raise ContentError(shown(path), [*wrong, "until it is mended, take the file away: English is shown then"])
    return tree


def _differences(tree: Tree, english: Tree) -> list[str]:
    """Say where a translation leads elsewhere than the English tree: its words may differ, its ways may not."""
    if list(tree.steps) != list(english.steps):
        return [
            f"its steps are {', '.join(tree.steps)}; the English tree has {', '.join(english.steps)}, in this order"
        ]

    def shape(step: Step) -> object:
        ways = [(w.then, w.danger, w.again) for w in step.ways]
        return step.kind, step.type, step.who, step.alert, bool(step.say), ways

    wrong = [
        f"step '{i}' differs from the English tree in kind, end, people or ways; translate words only"
        for i, step in tree.steps.items()
        if shape(step) != shape(english.steps[i])
    ]
    if (tree.page, tree.audience) != (english.page, english.audience):
        wrong.append("its page or audience differs from the English tree's")
    return wrong


def for_edition(trees: Mapping[str, Tree], edition: Edition) -> dict[str, Tree]:
    """Return the trees an edition may hold: the partner's holds none of the operator's."""
    return {i: t for i, t in trees.items() if edition == "operator" or t.audience == "partner"}


def steps_markdown(tree: Tree) -> str:
    """Return the tree as a numbered Markdown list: all that the drawing says, for who cannot see it."""
    lines = [f"- {_plain(note)}" for note in tree.notes]
    lines += [""] if lines else []
    words = words_of(tree)
    for number, step in enumerate(tree.steps.values(), 1):
        lines.append(f"{number}. **{_plain(kind_words(step, words))}.** {_plain(step.text)}")
        lines += [f"    - {_plain(text)}" for _, text in details(step, words)]
        for way in step.ways:
            leads = onward_step(tree, way)
            lines.append(
                f"    - **{_plain(way.when)}:** {leads}." if way.when else f"    - {leads[0].upper()}{leads[1:]}."
            )
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return an author's text so that Markdown shows it: placeholders in brackets are no links, nothing is HTML."""
    for sign in "\\`*_[]<>":
        text = text.replace(sign, f"&#{ord(sign)};")
    return text


def card(tree: Tree, *, notice: str = "") -> str:
    """Return the tree as an HTML fragment for one A5 page; site/assets/trees.css styles it.

    ``notice`` stands at its top, such as the words of a draft.
    """
    words = words_of(tree)
    mark = f'<p class="tree-notice">{escape(notice)}</p>' if notice else ""
    notes = "".join(f"<p>{escape(note)}</p>" for note in tree.notes)
    items = "".join(_card_step(tree, step, words) for step in tree.steps.values())
    return (
        f'<section class="tree-card" id="card-{tree.id}" lang="{escape(tree.language)}" dir="{words.direction}">'
        f'<header><h2>{escape(tree.title)}</h2><span class="tree-page">{tree.page}</span></header>{mark}'
        f'<div class="tree-notes">{notes}</div><ol>{items}</ol></section>'
    )


def _card_step(tree: Tree, step: Step, words: TreeWords) -> str:
    head = kind_words(step, words) + (f" ({words.people[step.who]})" if step.who and step.type == "person" else "")
    texts = [f'<b class="tree-kind">{escape(head)}.</b>', escape(_stopped(step.text))]
    texts += [f'<span class="tree-{k}">{escape(_stopped(text))}</span>' for k, text in _card_details(step, words)]
    ways = [f'<span class="tree-answer">{_card_way(tree, way)}</span>' for way in _card_ways(tree, step)]
    onwards = f'<span class="tree-ways"> {" ".join(ways)}</span>' if ways else ""
    return f'<li class="tree-step tree-{step.type or step.kind}">{" ".join(texts)}{onwards}</li>'


def _card_details(step: Step, words: TreeWords) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in details(step, words) if kind != "alert" or step.alert]


def _card_ways(tree: Tree, step: Step) -> list[Way]:
    """Return the ways a card writes out: an action that goes on to the next number needs no word."""
    here = next(i for i, s in tree.steps.items() if s is step)
    return [w for w in step.ways if w.when or tree.number(w.then) != tree.number(here) + 1]


def _card_way(tree: Tree, way: Way) -> str:
    answer = f"<b>{escape(way.when)}:</b> " if way.when else ""
    return answer + escape(onward(tree, way)).replace(" ", "&nbsp;") + "."


def _stopped(text: str) -> str:
    """Return a text that ends like a sentence, so that the next one can follow on its line."""
    return text if text.rstrip("”»\u00a0 ")[-1:] in ".?:؟" else f"{text}."


def tree_block(tree: Tree, link: Callable[[str], str] = str) -> str:
    """Return what a page shows above its steps, as Markdown: the drawing (wide and for a phone) and the list, folded.

    ``link`` turns page ids in the list into links; the drawing names pages by id only.
    """
    wide, narrow = (drawing(tree, width=width).strip() for width in (720, 340))
    figures = (
        f'<figure class="tree wide" data-search-exclude>\n{wide}\n</figure>\n'
        f'<div class="tree-narrow"><figure class="tree phone" data-search-exclude>\n{narrow}\n</figure></div>'
    )
    listed = "\n".join(f"    {line}" if line else "" for line in link(steps_markdown(tree)).splitlines())
    return f'{figures}\n\n??? note "{words_of(tree).list_title}"\n\n{listed}\n'
