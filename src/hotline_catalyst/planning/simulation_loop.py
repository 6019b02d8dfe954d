"""The hotline's floor, event by event; one source that runs as it stands and compiled, with the same results.

Plain lists go in without numba, arrays with it: every record here is read by position only. Nothing is drawn
here: the callers are settled before (simulation_draws.py), so two plans meet the same ones.

An event is a step of the roster, the end of a contact, of a debrief or of a break, or a contact that comes in;
at the same moment they happen in this order. Hanging up is no event: whoever did is passed over at their turn, and
their next call stands in the list from the start and counts only if nobody answered this one.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

INF = float("inf")
WEEK_S = 7 * 24 * 3600.0
NOBODY = -1
OFF, ON, AWAY = 0, 1, 2
BEGINS, BREAK, ENDS = 0, 1, 2
NOT_OFFERED, MISSED, ANSWERED, INTERPRETED = 0, 1, 2, 3
IN_HAND, OVER = -2, -3


class Contacts(NamedTuple):
    """The contacts of several weeks, each week's in order of time and closed by one of kind -1 at its end."""

    first: Any  # where each week begins; one more at the end
    at: Any  # seconds from Monday 00:00
    leave: Any  # when the person hangs up
    work: Any  # handle time alone, seconds
    kind: Any
    before: Any  # the call that must have been given up for this one to come, or NOBODY


class Roster(NamedTuple):
    """Who begins, goes on break and ends when; the same every week but for those who do not come."""

    at: Any  # seconds; the last is INF
    what: Any
    who: Any
    length: Any  # of the break, seconds
    group: Any  # each advocate's set of languages
    absent: Any  # by week and advocate: 1 does not come


class Rules(NamedTuple):
    """Who may take what, in which order."""

    groups: int
    languages: int
    deep: int  # most contacts at once
    interpreters: bool
    factor: float
    connect: float
    parallel: Any  # by kind
    slowdown: Any
    debrief: Any
    language: Any
    queue: Any
    queue_rank: Any  # by queue, the first served first: its priority
    queue_language: Any
    queue_parallel: Any
    speaks: Any  # by group and language
    row_first: Any  # by kind, then again by kind with an interpreter: whom to ask, in order
    row_pool: Any
    row_level: Any
    row_last: Any  # 1 where the next asked are a worse choice, not an equal one


class Log(NamedTuple):
    """What became of each contact; ``following`` is the next in its queue. ``busy`` is by week."""

    state: Any
    start: Any
    finish: Any
    by: Any
    following: Any
    busy: Any  # seconds with a contact in hand, from the first contact taken within the seven days on


def run(contacts: Contacts, roster: Roster, rules: Rules, log: Log) -> None:
    """Play every week and write into ``log`` what became of each contact.

    One long function on purpose: cut into small ones, plain Python loses a fifth of its speed and the compiled code,
    which counts references at each call, more than nine tenths.
    """
    first, at, leave, work, kind, before = contacts
    steps, what, who, length, group, absent = roster
    state, start, finish, by, following, busy = log
    groups, languages, deep, interpreters, factor, connect = rules[:6]
    parallel, slowdown, debrief, language, queue, queue_rank, queue_language, queue_parallel = rules[6:14]
    speaks, row_first, row_pool, row_level, row_last = rules[14:]
    size, kinds, queues = len(group), len(parallel), len(queue_rank)
    for week in range(len(first) - 1):
        # level: contacts in hand of who could take one more, else NOBODY. Pools hold them by group and level, with
        # stale entries; the guards at their bottom are higher than any advocate and never stale.
        level = [NOBODY] * size + list(range(deep))
        pools = [[size + i % deep] for i in range(groups * deep)]
        agenda = [(INF, NOBODY)]
        held, limit, hand = [0] * size, [deep] * size, [0] * (size * deep)
        status, resting, owed, began = [OFF] * size, [0] * size, [0.0] * size, [0.0] * size
        head, tail, speakers = [NOBODY] * queues, [NOBODY] * queues, [0] * languages
        waiting, event, coming = 0, 0, first[week]
        while True:
            # What happens next, and who looks for work then: a caller an advocate, or advocates a to last a caller.
            caller, change, now = NOBODY, 0, at[coming]
            due, step = agenda[0][0], steps[event]
            if step <= due and step <= now:
                now, a, happens, away = step, who[event], what[event], length[event]
                event += 1
                if absent[week * size + a]:
                    continue
                was = status[a]
                if happens == BEGINS:
                    status[a], change = ON, 1
                else:
                    if happens == BREAK:
                        owed[a] += away
                        status[a] = AWAY
                    else:
                        status[a] = OFF
                    if was != ON:
                        continue
                    change = -1
            elif due <= now:
                now, code = heappop(agenda)
                if code >= 0:
                    # The end of a contact, unless its end was moved since it was noted.
                    if following[code] != IN_HAND or finish[code] != now:
                        continue
                    following[code] = OVER
                    a = by[code]
                    many = held[a] - 1
                    held[a], limit[a] = many, deep
                    if many > 0:
                        place = a * deep
                        while hand[place] != code:
                            place += 1
                        hand[place] = hand[a * deep + many]
                        for i in range(a * deep, a * deep + many):
                            c = hand[i]
                            slow = slowdown[kind[c]]
                            limit[a] = min(limit[a], parallel[kind[c]])
                            ends = now + (finish[c] - now) / (1 + slow * many) * (1 + slow * (many - 1))
                            if slow > 0 and ends != finish[c]:
                                finish[c] = ends
                                heappush(agenda, (ends, c))
                    elif 0 <= began[a] < WEEK_S:
                        busy[week] += now - began[a]
                    pause = debrief[kind[code]]
                    if pause > 0:
                        resting[a] += 1
                        heappush(agenda, (now + pause, -3 - 2 * a))
                else:
                    a = (-2 - code) // 2
                    if code % 2:
                        resting[a] -= 1
                    elif status[a] == AWAY and owed[a] == 0:
                        status[a], change = ON, 1
            else:
                if kind[coming] < 0:
                    break
                coming += 1
                if before[coming - 1] >= 0 and state[before[coming - 1]] != MISSED:
                    continue
                caller = coming - 1
                state[caller] = MISSED
                a = NOBODY
            last = a
            if change != 0:
                for i in range(languages):
                    if speaks[group[a] * languages + i]:
                        speakers[i] += change
                        if speakers[i] == 0 and interpreters and waiting > 0:
                            # Those who wait for this language may now have an interpreter: everybody free looks.
                            last = size - 1
            if status[a] == AWAY and caller < 0 and held[a] == 0 and not resting[a]:
                heappush(agenda, (now + owed[a], -2 - 2 * a))
                owed[a] = 0.0
            if last > a:
                level[a] = NOBODY
                a = 0
            # Who takes what.
            while True:
                found = NOBODY
                if caller >= 0:
                    row = kind[caller]
                    a = size
                    while True:
                        pool = NOBODY
                        for i in range(row_first[row], row_first[row + 1]):
                            heap = pools[row_pool[i]]
                            while level[heap[0]] != row_level[i]:
                                heappop(heap)
                            if heap[0] < a:
                                a, pool = heap[0], row_pool[i]
                            if row_last[i] and a < size:
                                break
                        if a < size:
                            heappop(pools[pool])
                            found = caller
                            break
                        if row >= kinds or not interpreters or speakers[language[row]] > 0:
                            break
                        row += kinds
                    if a == size:
                        q = queue[kind[caller]]
                        if head[q] < 0:
                            head[q] = caller
                        else:
                            following[tail[q]] = caller
                        tail[q] = caller
                        waiting += 1
                        break
                    last = a
                elif waiting > 0 and status[a] == ON and not resting[a] and held[a] < limit[a]:
                    since, best = INF, NOBODY
                    for q in range(queues):
                        if head[q] < 0 or held[a] >= queue_parallel[q]:
                            continue
                        if best >= 0 and queue_rank[q] > queue_rank[best]:
                            break
                        if not speaks[group[a] * languages + queue_language[q]] and (
                            not interpreters or speakers[queue_language[q]] > 0
                        ):
                            continue
                        c = head[q]
                        while c >= 0 and leave[c] <= now:
                            c = following[c]
                            waiting -= 1
                        head[q] = c
                        if c >= 0 and at[c] < since:
                            since, best = at[c], q
                    if best >= 0:
                        found = head[best]
                        head[best] = following[found]
                        waiting -= 1
                if found < 0:
                    # Nothing to take: stand by for the next contact, if there may be one more.
                    many = held[a]
                    if status[a] == ON and not resting[a] and many < limit[a]:
                        if level[a] != many:
                            level[a] = many
                            heappush(pools[group[a] * deep + many], a)
                    else:
                        level[a] = NOBODY
                    a += 1
                    if a > last:
                        break
                    continue
                caller = NOBODY
                k = kind[found]
                takes = work[found]
                state[found] = ANSWERED
                if not speaks[group[a] * languages + language[k]]:
                    takes = takes * factor + connect
                    state[found] = INTERPRETED
                start[found], by[found], following[found] = now, a, IN_HAND
                many = held[a]
                if many > 0:
                    for i in range(a * deep, a * deep + many):
                        c = hand[i]
                        slow = slowdown[kind[c]]
                        ends = now + (finish[c] - now) / (1 + slow * (many - 1)) * (1 + slow * many)
                        if slow > 0 and ends != finish[c]:
                            finish[c] = ends
                            heappush(agenda, (ends, c))
                    takes = takes * (1 + slowdown[k] * many)
                else:
                    began[a] = now
                hand[a * deep + many] = found
                held[a] = many + 1
                limit[a] = min(limit[a], parallel[k])
                finish[found] = now + takes
                heappush(agenda, (now + takes, found))
                level[a] = NOBODY
