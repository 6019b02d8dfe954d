"""The search index that a page on a disk reads: words without accents and without Arabic particles are found too."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

LETTERS = str.maketrans("أإآىة", "ااايه")
# Arabic writes "and", "in", "for", "like" and the article onto the word; the longest fitting beginning is taken off.
PARTICLES = ("وبال", "وال", "فال", "بال", "كال", "ولل", "لل", "ال", "و", "ب", "ل")
ARTICLE = "ال"
SHORTEST = 3


def fold_search(folder: Path) -> None:
    """Write ``search_index.js`` from mkdocs's ``search_index.json`` in a site's folder ``search``."""
    index = json.loads((folder / "search_index.json").read_text("utf-8"))
    for entry in index["docs"]:
        # The box names other subjects: a search for them would lead here instead of to their own page.
        entry["text"] = re.sub(r"Why this page is here\s*<ul>.*?</ul>", "", entry["text"], flags=re.DOTALL)
        words = set(re.findall(r"[^\W\d_]{3,}", re.sub(r"<[^>]+>", " ", f"{entry['text']} {entry['title']}")))
        extra = {form for word in words for form in forms(word)} - words
        if extra:
            entry["text"] += f"<p hidden>{' '.join(sorted(extra))}</p>"
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    # As a script, since a page on a disk may not fetch: a line separator inside a text would end a line there.
    text = text.replace("\u2028", " ").replace("\u2029", " ")
    (folder / "search_index.js").write_text(f"var __index = {text}", "utf-8")


def forms(word: str) -> Iterator[str]:
    """Yield other ways in which a reader may type a word.

    >>> list(forms("derivación"))
    ['derivacion']
    """
    yield folded(word)
    if not "\u0600" <= word[0] <= "\u06ff":
        return
    bare = _bare(word)
    for form in (bare, f"{ARTICLE}{bare}"):
        yield form
        yield folded(form)


def _bare(word: str) -> str:
    for particle in PARTICLES:
        rest = word.removeprefix(particle)
        if rest != word and len(rest) >= SHORTEST:
            return rest
    return word


def folded(word: str) -> str:
    """Return a word without accents and vowel signs, its Arabic letters in their plainest shape."""
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).translate(LETTERS)
