"""A small reader of Asterisk dialplans, written from Asterisk's manual and not from our generator, to call through.

It knows the applications a hotline may use and refuses every other one, so a dialplan that dials out fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUIET = ("NoOp", "Answer", "Wait", "AddQueueMember", "RemoveQueueMember")


def lines_of(text: str) -> list[str]:
    """Return the lines that Asterisk reads: a semicolon begins a comment."""
    return [line for raw in text.splitlines() if (line := re.split(r"(?<!\\);", raw)[0].strip())]


def sections(text: str) -> dict[str, dict[str, str]]:
    """Return the settings of queues.conf and its like by section."""
    found: dict[str, dict[str, str]] = {}
    name = ""
    for line in lines_of(text):
        if line.startswith("["):
            name = line[1 : line.index("]")]
            found.setdefault(name, {})
        elif "=" in line:
            key, _, value = line.partition("=")
            found[name][key.strip()] = value.lstrip(">").strip()
    return found


@dataclass
class Caller:
    """Who calls, and how it goes.

    Parameters
    ----------
    keys
        What is pressed at each place where a key may be; None is nothing.
    answers
        What happens in each queue: "answered", "nobody", or a key.
    """

    at: datetime
    keys: Iterator[str | None]
    answers: Iterator[str]
    heard: list[tuple[str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    end: str = ""


class Dialplan:
    """Calls through extensions.conf, with the keys of queues.conf."""

    def __init__(self, extensions: str, queues: str) -> None:
        self.queues = sections(queues)
        self.contexts: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
        context = exten = ""
        for line in lines_of(extensions):
            if line.startswith("["):
                context, exten = line[1:-1], ""
                assert context not in self.contexts, f"{context} is there twice"
                self.contexts[context] = {}
            elif line.startswith("exten => "):
                exten, priority, action = line[9:].split(",", 2)
                assert priority == "1"
                assert exten not in self.contexts[context], f"{exten} is there twice in {context}"
                self.contexts[context][exten] = [self._action("", action)]
            elif line.startswith("same => "):
                found = re.fullmatch(r"n(?:\((\w+)\))?,(.*)", line[8:])
                assert found, line
                self.contexts[context][exten].append(self._action(found[1] or "", found[2]))
            else:
                assert context in ("general", "globals"), line

    @staticmethod
    def _action(label: str, action: str) -> tuple[str, str, str]:
        found = re.fullmatch(r"(\w+)\((.*)\)", action)
        assert found, action
        return label, found[1], found[2]

    def call(self, context: str, caller: Caller, exten: str = "s") -> Caller:
        """Let a call through until it ends; more than 400 actions are a circle."""
        place = (context, exten, 0)
        for _ in range(400):
            if place[2] == 0 and place[1] == "s":
                caller.places.append(place[0])
            actions = self.contexts[place[0]][place[1]]
            if place[2] >= len(actions):
                caller.end = "fell off"
                return caller
            _, name, given = actions[place[2]]
            jump = self._do(name, given, place, caller)
            if caller.end:
                return caller
            place = jump or (place[0], place[1], place[2] + 1)
        caller.end = "circle"
        return caller

    def _do(self, name: str, given: str, place: tuple[str, str, int], caller: Caller) -> tuple[str, str, int] | None:
        if name in QUIET:
            return None
        if name == "Set":
            key, _, value = given.partition("=")
            caller.variables[key] = str(eval(self._expand(value, caller)[2:-1])) if value.startswith("$[") else value
            return None
        if name in ("Playback", "BackGround"):
            files, _, language = (given + ",,").split(",")[:3]
            spoken = language or caller.variables.get("CHANNEL(language)", "")
            caller.heard += [(file, spoken) for file in files.split("&")]
            return None
        if name == "Goto":
            return self._place(given, place)
        if name == "GotoIf":
            test, _, where = given.partition("?")
            yes, _, no = where.partition(":")
            holds = self._holds(self._expand(test, caller))
            return self._place(yes, place) if holds else (self._place(no, place) if no else None)
        if name == "GotoIfTime":
            when, _, where = given.partition("?")
            return self._place(where, place) if self._is_time(when, caller) else None
        if name == "WaitExten":
            key = next(caller.keys)
            here = self.contexts[place[0]]
            return (place[0], "t" if key is None else key if key in here else "i", 0)
        if name == "Queue":
            return self._queue(given, caller)
        ends = {"Hangup": "hangup", "VoiceMail": "voicemail"}
        assert name in ends, f"{name} is no application of a hotline"
        caller.end = ends[name]
        return None

    def _queue(self, given: str, caller: Caller) -> tuple[str, str, int] | None:
        queue = given.split(",")[0]
        assert queue in self.queues, queue
        caller.queues.append(queue)
        answer = next(caller.answers)
        if answer == "answered":
            caller.end = "person"
        keys = self.contexts.get(self.queues[queue].get("context", ""), {})
        return (self.queues[queue]["context"], answer, 0) if answer in keys else None

    def _expand(self, text: str, caller: Caller) -> str:
        def clock(found: re.Match[str]) -> str:
            zone = ZoneInfo(found[1]) if found[1] else ZoneInfo("UTC")
            return caller.at.astimezone(zone).strftime(found[2])

        text = re.sub(r"\$\{STRFTIME\(\$\{EPOCH\},([^,]*),([^)]*)\)\}", clock, text)
        text = re.sub(r"\$\{(\w+)\}", lambda found: caller.variables[found[1]], text)
        assert "${" not in text, text
        return text

    @staticmethod
    def _holds(test: str) -> bool:
        found = re.fullmatch(r"\$\[(\S+) ([<=]) (\S+)\]", test)
        assert found, test
        return int(found[1]) < int(found[3]) if found[2] == "<" else found[1] == found[3]

    @staticmethod
    def _is_time(when: str, caller: Caller) -> bool:
        times, day, mday, month, zone = [*when.split(","), ""][:5]
        assert (mday, month) == ("*", "*")
        now = caller.at.astimezone(ZoneInfo(zone or "UTC"))
        if day not in ("*", DAYS[now.weekday()]):
            return False
        if times == "*":
            return True
        start, end = times.split("-")
        assert start <= end
        return start <= f"{now:%H:%M}" <= end

    def _place(self, target: str, here: tuple[str, str, int]) -> tuple[str, str, int]:
        words = target.split(",")
        context = words[-3] if len(words) == 3 else here[0]
        exten = words[-2] if len(words) > 1 else here[1]
        actions = self.contexts[context][exten]
        number = words[-1]
        return (
            context,
            exten,
            int(number) - 1 if number.isdecimal() else [label for label, _, _ in actions].index(number),
        )
