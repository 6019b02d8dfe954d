"""A decision tree as an author writes it: steps with short ids, and the words and limits that all trees share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from ..library import Content, content_root, read
from .playbooks import Edition, Reader

Kind = Literal["ask", "do", "decide", "end"]
EndType = Literal["person", "emergency", "safe_close"]
ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
# Which keys a kind of step has beside kind and text: (needed, allowed).
KEYS: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ask": (("answers",), ("say", "within")),
    "do": (("then",), ("say", "within", "alert", "again")),
    "decide": (("options",), ("until",)),
    "end": (("type",), ("who", "say", "within")),
}
SETTABLE = ("say", "within", "alert", "again", "then", "answers", "options", "until", "type", "who")


class Way(Content):
    """One answer or option, and the step it leads to.

    Parameters
    ----------
    danger
        The answer says that somebody is in danger: no safe close may follow before a person was alerted.
    again
        The way leads back to an earlier step, on purpose.
    """

    when: str
    then: str
    danger: bool = False
    again: bool = False


class Step(Content):
    """One box of a tree.

    Parameters
    ----------
    kind
        ask: a question, to yourself or to the person, with ``answers``. do: one action, ``then`` the next step.
        decide: what the operator's signed policy settles, with ``options`` and what holds ``until`` it is signed.
        end: where a path stops, of one ``type``.
    text
        What to ask yourself, do or expect; one or two short sentences.
    say
        Exact words to say to the person.
    within
        A clock: "at once", or a figure with its source in square brackets or the word proposed.
    alert
        Whom this action tells, by the id in trees.yaml's people.
    who
        Who takes over at the end, by the id in trees.yaml's people; a safe close has nobody.
    """

    kind: Kind
    text: str
    say: str | None = None
    within: str | None = None
    alert: str | None = None
    again: bool = False
    then: str | None = None
    answers: list[Way] = []
    options: list[Way] = []
    until: str | None = None
    type: EndType | None = None
    who: str | None = None

    def model_post_init(self, context: Any, /) -> None:
        """Refuse keys of another kind of step, and a step without its own."""
        needed, allowed = KEYS[self.kind]
        wanted = [*needed, *(["who"] if self.type in ("person", "emergency") else [])]
        for key in wanted:
            if not getattr(self, key):
                raise ValueError(f"a step of kind '{self.kind}' needs '{key}'; add it")
        for key in SETTABLE:
            if getattr(self, key) and key not in (*needed, *allowed):
                raise ValueError(f"a step of kind '{self.kind}' has no '{key}'; take it out")
        if self.type == "safe_close" and self.who:
            raise ValueError("a safe close has no 'who'; make it an end of type person")

    @property
    def ways(self) -> list[Way]:
        """Every way on from here; an action's one way has no words."""
        if self.kind == "do" and self.then:
            return [Way(when="", then=self.then, again=self.again)]
        return [*self.answers, *self.options]


class Tree(Content):
    """One decision tree.

    Parameters
    ----------
    id
        The file's name without its ending.
    page
        The playbook page that shows it, such as PB-02.
    audience
        operator: only in the operator's edition.
    readers
        Who uses it, the main reader first.
    language
        The language of its words; English trees stand in playbooks/trees, others in playbooks/<language>/trees.
    start
        The id of the first step.
    notes
        What holds at every step.
    no_emergency
        Why no path ends with an emergency service; a tree with such an end leaves it out.
    steps
        In reading order: a step's place is its number.
    """

    id: str = Field(pattern=ID)
    title: str
    page: str = Field(pattern=r"^PB-\d{2}$")
    audience: Edition
    readers: list[Reader] = Field(min_length=1)
    language: str = "en"
    start: str
    notes: list[str] = []
    no_emergency: str | None = None
    steps: dict[str, Step]

    def number(self, ident: str) -> int:
        """Return a step's number, from 1."""
        return list(self.steps).index(ident) + 1


class Limit(Content):
    """The most of something, and why."""

    most: int
    reason: str


class Limits(Content):
    """How much fits a box, a card and a tired reader. Lengths in characters."""

    title: Limit
    text: Limit
    say: Limit
    until: Limit
    answer: Limit
    within: Limit
    note: Limit
    notes: Limit
    answers: Limit
    steps: Limit


class TreeWords(Content):
    """What the drawing, the list and the card say around a tree's own words, in one language.

    ``{n}`` stands for a step's number, ``{who}`` for a person, ``{clock}`` for a clock, ``{text}`` for a text.
    """

    direction: Literal["ltr", "rtl"]
    ask: str
    do: str
    decide: str
    person: str
    emergency: str
    safe_close: str
    say: str
    until: str
    go_to: str
    back_to: str
    go_to_step: str
    back_to_step: str
    from_steps: str
    alert: str
    hand_to: str
    quote: str
    list_title: str
    described: str
    people: dict[str, str]


class TreeSettings(Content):
    """playbooks/trees.yaml; ``longer_in_translation`` multiplies the limits of length outside English."""

    limits: Limits
    longer_in_translation: float = Field(ge=1)
    danger_words: list[str]
    supervisors: list[str]
    emergency: list[str]
    words: dict[str, TreeWords]

    def of(self, language: str) -> TreeWords:
        """Return a language's words; English where a language has none."""
        return self.words.get(language, self.words["en"])


def load_settings(root: Path | None = None) -> TreeSettings:
    """Return the limits and words that all trees share (playbooks/trees.yaml)."""
    return read((root or content_root()) / "playbooks" / "trees.yaml", TreeSettings)


@cache
def _settings() -> TreeSettings:
    return load_settings()


def words_of(tree: Tree) -> TreeWords:
    """Return the words around a tree's own, in its language."""
    return _settings().of(tree.language)


def kind_words(step: Step, words: TreeWords) -> str:
    """Return what kind of step it is, in words."""
    return str(getattr(words, step.type or step.kind))


def onward(tree: Tree, way: Way) -> str:
    """Return where a way leads, as short as a box needs: the number of its step."""
    words = words_of(tree)
    return (words.back_to if way.again else words.go_to).format(n=tree.number(way.then))


def onward_step(tree: Tree, way: Way) -> str:
    """Return where a way leads, in full."""
    words = words_of(tree)
    return (words.back_to_step if way.again else words.go_to_step).format(n=tree.number(way.then))


def details(step: Step, words: TreeWords) -> list[tuple[str, str]]:
    """Return what stands below a step's text, each with its kind: say, alert, clock or until."""
    found = [("say", f"{words.say}: {words.quote.format(text=step.say)}")] if step.say else []
    if step.alert:
        found.append(("alert", words.alert.format(who=words.people[step.alert])))
    if step.who:
        found.append(("alert", words.hand_to.format(who=words.people[step.who])))
    if step.within:
        found.append(("clock", step.within))
    if step.until:
        found.append(("until", words.until.format(text=step.until)))
    return found
