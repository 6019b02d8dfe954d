"""The call flow as an Asterisk dialplan: calls come in, people are rung, nothing dials out, nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from . import core
from .core import dialplan_text
from .telephony_flow import Flow, Step
from .telephony_prompts import NOT_OPEN
from .telephony_words import clock

SOUNDS = "hotline"
DIAL_ON, DIAL_OFF, DIAL_TEST, DIAL_MESSAGES = "*11", "*12", "*70", "*80"


class Dialplan:
    """Writes extensions.conf step by step."""

    def __init__(self, facts: core.Table, flow: Flow, codes: Sequence[str]) -> None:
        self.facts, self.flow, self.codes = facts, flow, list(codes)
        zone = core.clean(core.said(core.table(facts, "project"), "timezone"), 60)
        self.zone = zone if zone and all(ch.isalnum() or ch in "/_+-" for ch in zone) else ""

    def write(self) -> str:
        """Return the whole file."""
        steps = [self.step(self.flow.steps[name]) for name in self.flow.reached()]
        return "\n".join([self.head(), self.entrance(), self.desks(), *steps])

    def head(self) -> str:
        """Return the general section, with the facts that this file repeats."""
        names = [f"hours.{day}" for day in core.DAYS] + ["project.timezone"]
        told = {name: shown(core.fact(self.facts, name)) for name in names}
        lines = [f"; fact {name} = {value}" for name, value in told.items() if value]
        general = ["[general]", "static=yes", "writeprotect=yes", "clearglobalvars=no", "", "[globals]", ""]
        return "\n".join([*title(self.facts, "The way of a call."), *lines, "", *general])

    def entrance(self) -> str:
        """Return where calls of the carrier come in; closed until the telephone channel is open."""
        begin = [f"Set(CHANNEL(language)={_code(self.codes[0])})", self._go(self.flow.target(self.flow.start))]
        is_open = core.is_open(self.facts, "phone")
        plays = []
        for code in self.codes:
            plays += [f"Set(CHANNEL(language)={_code(code)})", f"Playback({SOUNDS}/{NOT_OPEN})"]
        inside = [
            # The number of the person who calls is thrown away before anything can show or keep it.
            "Set(CALLERID(all)=)", "Set(CALLERID(ANI-all)=)", "Set(CALLERID(num-pres)=prohib)",
            "Answer()", "Wait(1)",
        ]  # fmt: skip
        note = "open" if is_open else "not open yet: calls hear the emergency guidance and end"
        return "\n".join(
            [
                f"; The telephone channel is {note}.",
                "[from-carrier]",
                *(f"exten => {pattern},1,Goto(hotline,s,1)" for pattern in ("s", "_X.", "_+X.")),
                "",
                "[hotline]",
                *_exten("s", [*inside, *begin] if is_open else [*inside, *plays, "Hangup()"]),
                "",
                "; The same way for a test from a desk, also while the channel is not open.",
                "[hotline-test]",
                *_exten("s", [*inside, *begin]),
                "",
            ]
        )

    def desks(self) -> str:
        """Return what the telephones of the hotline can do: log on and off, test; none can call out."""
        queues = [queue_of(s) for s in map(self.flow.steps.__getitem__, self.flow.reached()) if s.rings == "desks"]
        on = [f"AddQueueMember({queue},PJSIP/${{CHANNEL(endpoint)}})" for queue in queues]
        off = [f"RemoveQueueMember({queue},PJSIP/${{CHANNEL(endpoint)}})" for queue in queues]
        lines = ["; Telephones of the hotline. There is no way out to other numbers on purpose.", "[from-desks]"]
        lines += _exten(DIAL_ON, [*on, "Playback(beep)", "Hangup()"])
        lines += _exten(DIAL_OFF, [*off, "Playback(beep&beep)", "Hangup()"])
        lines += _exten(DIAL_TEST, ["Goto(hotline-test,s,1)"])
        lines += _exten(DIAL_MESSAGES, ["VoiceMailMain(100@hotline)", "Hangup()"]) if self._takes_messages() else []
        return "\n".join([*lines, ""])

    def _takes_messages(self) -> bool:
        return any(self.flow.steps[name].kind == "voicemail" for name in self.flow.reached())

    def step(self, step: Step) -> str:
        """Return the context of one step."""
        lines = getattr(self, f"_{step.kind}")(step)
        return "\n".join([f"[{_context(step.name)}]", *lines, ""])

    def _go(self, name: str) -> str:
        return f"Goto({_context(name)},s,1)"

    def _next(self, step: Step, reason: str) -> str:
        return self._go(self.flow.leads(step)[reason])

    def _language(self, step: Step) -> list[str]:
        onward = self._next(step, "next")
        if len(self.codes) < 2:
            return _exten("s", [*self._chosen(self.codes[0]), onward])
        offers = [f"BackGround({SOUNDS}/key_language_{n},,{_code(code)})" for n, code in enumerate(self.codes, 1)]
        lines = _asked(step, offers)
        for number, code in enumerate(self.codes, 1):
            lines += _exten(str(number), [*self._chosen(code), onward])
        return [*lines, *_again(step, "Goto(1,1)")]

    def _chosen(self, code: str) -> list[str]:
        # The desk's telephone shows the language where it would show a number.
        return [f"Set(CHANNEL(language)={_code(code)})", f"Set(CALLERID(name)={_code(code)})"]

    def _hours(self, step: Step) -> list[str]:
        to_open = f"{_context(self.flow.leads(step).get('open', ''))},s,1"
        lines, days = ["NoOp(hours)"], []
        for number, holiday in enumerate(self.flow.holidays, 1):
            shape = "%Y-%m-%d" if len(holiday.day) == 10 else "%m-%d"
            now = f'"${{STRFTIME(${{EPOCH}},{self.zone},{shape})}}"'
            lines.append(f'GotoIf($[{now} = "{holiday.day}"]?day{number},1)')
            hours = [self._span(span, "*", to_open) for span in holiday.spans]
            days += [f"; holiday: {dialplan_text(holiday.name)}"] if dialplan_text(holiday.name) else []
            onward = self.flow.leads(step)
            days += _exten(f"day{number}", [*hours, self._go(onward.get("holiday") or onward["open"])])
        for day in core.DAYS:
            lines += [self._span(span, day[:3], to_open) for span in core.spans(self.facts, day)]
        # Where people answer day and night nothing is ever closed.
        leads = self.flow.leads(step)
        return [*_exten("s", [*lines, self._go(leads.get("closed") or next(iter(leads.values())))]), *days]

    def _span(self, span: tuple[int, int], day: str, target: str) -> str:
        # Asterisk counts the last minute in: 08:00-17:59 ends at 18:00.
        times = "*" if span == (0, 1440) else f"{clock(span[0])}-{clock(span[1] - 1)}"
        zone = f",{self.zone}" if self.zone else ""
        return f"GotoIfTime({times},{day},*,*{zone}?{target})"

    def _say(self, step: Step) -> list[str]:
        return _exten("s", [*_played(step), self._next(step, "next")])

    def _end(self, step: Step) -> list[str]:
        return _exten("s", [*_played(step), "Hangup()"])

    def _menu(self, step: Step) -> list[str]:
        keys = self.flow.keys(step)
        offers = [f"BackGround({SOUNDS}/{prompt})" for prompt in step.say]
        offers += [f"BackGround({SOUNDS}/key_{target}_{key})" for key, target in keys.items()]
        if not keys:
            return _exten("s", [*_played(step), self._next(step, "otherwise")])
        lines = _asked(step, offers)
        for key, target in keys.items():
            lines += _exten(key, [self._go(target)])
        return [*lines, *_again(step, self._next(step, "otherwise"))]

    def _queue(self, step: Step) -> list[str]:
        lines = _exten("s", [f"Queue({queue_of(step)},,,,{step.wait_s})", self._next(step, "otherwise")])
        keys = self.flow.keys(step)
        if not keys:
            return lines
        lines += ["", f"[{keys_of(step)}]"]
        for key, target in keys.items():
            lines += _exten(key, [self._go(target)])
        return lines

    def _voicemail(self, step: Step) -> list[str]:
        return _exten("s", [*_played(step), "VoiceMail(100@hotline,s)", "Hangup()"])


def title(facts: core.Table, what: str) -> list[str]:
    """Return the first lines of each file."""
    name = dialplan_text(core.said(core.table(facts, "hotline"), "name"))
    return [
        f"; {what} {name}".rstrip(),
        "; Made by `python3 tasks.py build` from telephony/call-flow.toml and hotline.toml. Do not edit this file.",
        "; A linter read it, no Asterisk ever loaded it: do the load test of telephony/carrier-checklist.md first.",
    ]


def shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return core.clean(text)


def _context(name: str) -> str:
    return f"step-{name}"


def queue_of(step: Step) -> str:
    return f"hotline-{step.name}"


def keys_of(step: Step) -> str:
    return f"keys-{step.name}"


def _code(code: str) -> str:
    return "".join(ch for ch in code if ch.isascii() and (ch.isalnum() or ch in "_-"))


def _exten(name: str, actions: Sequence[str]) -> list[str]:
    return [f"exten => {name},1,{actions[0]}", *(f" same => n,{action}" for action in actions[1:])]


def _played(step: Step) -> list[str]:
    return [f"Playback({SOUNDS}/{prompt})" for prompt in step.say]


def _asked(step: Step, offers: list[str]) -> list[str]:
    lines = _exten("s", ["Set(TRIES=0)", "Set(TRIES=$[${TRIES} + 1])", *offers, f"WaitExten({step.wait_s})"])
    lines[1] = lines[1].replace("same => n,", "same => n(again),")
    return lines


def _again(step: Step, otherwise: str) -> list[str]:
    """No key, or a key that leads nowhere: the same once more, then on without a key."""
    wrong = _exten("i", ["Goto(t,1)"])
    return [*_exten("t", [f"GotoIf($[${{TRIES}} < {step.tries}]?s,again)", otherwise]), *wrong]
