"""Protocol cards: the first 60 seconds of each contact protocol, and each decision tree, on an A5 page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..results import Results
from .decision_trees import card, for_edition, load_trees
from .playbooks import Page, Selection
from .print_parts import first_minute, state_of, words
from .tree_model import Tree

# Letters of a card that would need a second page become smaller, step by step; the style sheet holds the sizes. What
# then still needs one goes on overleaf, in letters that can be read.
SIZES = ("large", "medium", "small", "smaller")
OVERLEAF = "small"
Starts = Callable[[str], tuple[dict[str, int], int]]


@dataclass(frozen=True)
class Card:
    """One card.

    Parameters
    ----------
    id
        Its anchor in the file.
    title, kicker
        Its name (a tree's card brings its own), and above it the playbook page it belongs to.
    language, direction, state
        As of its page: a draft is a draft on a card too.
    html
        Its text.
    fill
        Lines to complete by hand.
    size
        How large its letters may be.
    """

    id: str
    title: str
    kicker: str
    language: str
    direction: str
    state: str
    html: str
    fill: tuple[str, ...] = ()
    size: str = SIZES[0]


def cards_of(results: Results, selection: Selection) -> list[Card]:
    """Return an edition's cards in the order of its pages: the first minute of a page, then its trees."""
    languages = {page.language for page in selection.chosen}
    trees = {name: for_edition(load_trees(language=name), selection.edition) for name in sorted(languages)}
    return [
        found
        for page in selection.chosen
        for found in _cards_of(page, results, selection, trees[page.language].values())
    ]


def _cards_of(page: Page, results: Results, selection: Selection, trees: Iterable[Tree]) -> Iterator[Card]:
    say, ident, title = words(page.language), page.front.id, page.front.title
    around = (page.language, say["direction"], state_of(page))
    if html := first_minute(page, results, selection):
        kicker = say["card_minute"].format(page=ident)
        yield Card(f"card-{ident}", title, kicker, *around, html, tuple(say["card_fill"]))
    for tree in trees:
        if tree.page == ident:
            yield Card(f"card-{ident}-{tree.id}", "", say["card_tree"].format(page=ident), *around, _tree(tree))


def _tree(tree: Tree) -> str:
    """Return a tree's card; its title is the card's."""
    return card(tree).replace("<h2>", "<h1>").replace("</h2>", "</h1>")


def fitting(cards: Sequence[Card], html_of: Callable[[Sequence[Card]], str], starts: Starts) -> str:
    """Return the cards' HTML with letters as large as an A5 page each allows.

    A card too long for that goes on overleaf: nothing is cut off.
    """
    sized, tried = {card.id: card for card in cards}, list(cards)
    for size in (*SIZES[1:], OVERLEAF):
        long = _too_long(tried, *starts(html_of(tried)))
        if not long:
            break
        tried = [replace(card, size=size) for card in tried if card.id in long]
        sized |= {card.id: card for card in tried}
    return html_of(list(sized.values()))


def _too_long(cards: Sequence[Card], starts: Mapping[str, int], total: int) -> set[str]:
    """Return the cards that fill more than one page."""
    begins = [*(starts[card.id] for card in cards), total + 1]
    return {card.id for card, (a, b) in zip(cards, pairwise(begins), strict=True) if b - a > 1}
