"""A call flow as a drawing: one box a step, from top to bottom; jumps run in lanes beside the boxes."""

from __future__ import annotations

from dataclasses import dataclass, field

from .core import html_text
from .telephony_flow import Flow
from .telephony_words import Words

BOX, LEFT, LINE, PAD, GAP, LANE = 560, 12, 22, 10, 24, 16
CHARACTERS = 68
MARKS = {"queue": "●", "voicemail": "■", "end": "▲"}


@dataclass
class Box:
    """One step as it is drawn."""

    number: int
    name: str
    kind: str
    head: str
    lines: list[str]
    nexts: list[int] = field(default_factory=list)
    top: int = 0

    @property
    def height(self) -> int:
        """Room for the head and each line."""
        return 2 * PAD + LINE * (1 + len(self.lines))


def order(flow: Flow) -> list[str]:
    """Return the steps as they are drawn: the way without keys first, ends last."""
    found: list[str] = []
    waiting = [flow.target(flow.start)]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        step = flow.steps[name]
        waiting += reversed([*flow.leads(step).values(), *flow.keys(step).values()])
    return sorted(found, key=lambda name: flow.steps[name].kind == "end")


def exits(flow: Flow, words: Words, code: str, name: str, numbers: dict[str, int]) -> list[tuple[str, int]]:
    """Return where a step leads: what for, and the number of the next step; `name` ways to one step are one."""
    step = flow.steps[name]
    found: dict[int, list[str]] = {}
    reasons = {"next": "", "otherwise": "no_answer" if step.kind == "queue" else "no_key"}
    if step.kind != "voicemail":
        for reason, target in flow.leads(step).items():
            shown = reasons.get(reason, reason)
            found.setdefault(numbers[target], []).append(words.label(code, f"lead_{shown}") if shown else "")
    for key, target in flow.keys(step).items():
        found.setdefault(numbers[target], []).append(f"{words.label(code, 'key')} {key}")
    return [(", ".join(filter(None, why)), number) for number, why in found.items()]


def boxes(flow: Flow, words: Words, code: str, texts: dict[str, str]) -> list[Box]:
    """Return the boxes with their places; `texts` are the words of the prompts in this language."""
    names = order(flow)
    numbers = {name: number for number, name in enumerate(names, 1)}
    found, top = [], PAD
    for name in names:
        step = flow.steps[name]
        head = f"{numbers[name]}. {words.label(code, f'kind_{step.kind}')}"
        spoken = " ".join(filter(None, (texts.get(prompt, "") for prompt in step.say)))
        lines = wrapped(spoken, CHARACTERS, 2) if spoken else []
        ways = exits(flow, words, code, name, numbers)
        lines += [f"{why}: {number}" if why else f"{words.label(code, 'lead_next')}: {number}" for why, number in ways]
        box = Box(numbers[name], name, step.kind, head, lines, [number for _, number in ways], top)
        found.append(box)
        top += box.height + GAP
    return found


def wrapped(text: str, width: int, most: int) -> list[str]:
    """Return a text in at most so many lines; dots where it goes on."""
    lines, line = [], ""
    for word in text.split():
        word = word[:width]
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    return [*lines[: most - 1], (last if len(last) <= width - 2 else last[: width - 2].rpartition(" ")[0]) + " …"]


def lanes(drawn: list[Box]) -> dict[int, int]:
    """Return a lane for each step that a jump leads to; lanes that overlap are apart."""
    spans = {}
    for box in drawn:
        sources = [other.number for other in drawn if box.number in other.nexts and other.number != box.number - 1]
        if sources:
            spans[box.number] = (min([*sources, box.number]), max([*sources, box.number]))
    taken: list[list[tuple[int, int]]] = []
    found = {}
    for number, span in sorted(spans.items(), key=lambda pair: (pair[1][1] - pair[1][0], pair[0])):
        lane = next((n for n, used in enumerate(taken) if all(span[0] > e or span[1] < s for s, e in used)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append(span)
        found[number] = lane
    return found


class Drawing:
    """Writes the boxes as SVG; right to left when the language is."""

    def __init__(self, drawn: list[Box], is_rtl: bool, label: str) -> None:
        self.drawn, self.is_rtl, self.label = drawn, is_rtl, label
        self.lanes = lanes(drawn)
        self.width = 2 * LEFT + BOX + LANE * (2 + max(self.lanes.values(), default=-1))
        self.height = drawn[-1].top + drawn[-1].height + PAD

    def x(self, value: float) -> float:
        """Mirror a place for a language that reads from the right."""
        return self.width - value if self.is_rtl else value

    def write(self) -> str:
        """Return the drawing."""
        parts = [self.box(box) for box in self.drawn]
        parts += [self.step_down(box) for box in self.drawn if box.number + 1 in box.nexts]
        parts += [self.lane(target) for target in self.lanes]
        direction = ' direction="rtl"' if self.is_rtl else ""
        return (
            f'<svg class="flow" viewBox="0 0 {self.width} {self.height}" role="img"{direction} '
            f'aria-label="{html_text(self.label)}">\n{"".join(parts)}</svg>\n'
        )

    def box(self, box: Box) -> str:
        """Return one step."""
        left = self.x(LEFT + BOX) if self.is_rtl else LEFT
        x, y = self.x(LEFT + PAD), box.top + PAD + 15
        mark = MARKS.get(box.kind, "")
        shape = f'<rect class="{box.kind}" x="{left}" y="{box.top}" width="{BOX}" height="{box.height}" rx="4"/>'
        texts = f'<text class="head" x="{x}" y="{y}">{html_text(f"{mark} {box.head}".strip())}</text>'
        name = (
            f'<text class="name" x="{self.x(LEFT + BOX - PAD)}" y="{y}" text-anchor="end">{html_text(box.name)}</text>'
        )
        for row, line in enumerate(box.lines, 1):
            texts += f'<text x="{x}" y="{y + row * LINE}">{html_text(line)}</text>'
        return f"<g>{shape}{texts}{name}</g>\n"

    def step_down(self, box: Box) -> str:
        """Return the arrow to the next box."""
        x, top = self.x(LEFT + BOX / 2), box.top + box.height
        tip = f'<path class="tip" d="M{x - 6} {top + GAP - 8}h12l-6 8z"/>'
        return f'<path class="way" d="M{x} {top}V{top + GAP - 6}"/>{tip}\n'

    def lane(self, target: int) -> str:
        """Return the lane of jumps to a step, with a dot at each step that it comes from."""
        edge, lane = LEFT + BOX, LEFT + BOX + LANE * (1 + self.lanes[target])
        goal = self.drawn[target - 1]
        into = goal.top + PAD + 6 + 3 * self.lanes[target] % 12
        ways, heights = "", [into]
        for box in self.drawn:
            if target in box.nexts and box.number != target - 1:
                row = next(n for n, number in enumerate(box.nexts) if number == target)
                y = box.top + PAD + LINE * (1 + len(box.lines) - len(box.nexts) + row) + 10
                heights.append(y)
                ways += f'<path class="way" d="M{self.x(edge)} {y}H{self.x(lane)}"/>'
                ways += f'<circle class="tip" cx="{self.x(lane)}" cy="{y}" r="3"/>'
        x = self.x(lane)
        ways += f'<path class="way" d="M{x} {min(heights)}V{max(heights)}M{x} {into}H{self.x(edge + 6)}"/>'
        tip = 8 if not self.is_rtl else -8
        return f'{ways}<path class="tip" d="M{self.x(edge)} {into}l{tip} -5v10z"/>\n'
