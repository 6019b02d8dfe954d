"""The staffing model as cell formulas: 2007 functions only, so that any spreadsheet program works them out.

References
----------
Zeltyn & Mandelbaum (2005), Call centers with impatient customers: M/M/n+G.
"""

from __future__ import annotations

# Below this the incomplete gamma loses its digits; the series then needs few terms, as x is far below s.
LEAST_GAMMA = "1E-290"
SERIES_TERMS = 12


def confluent(s: str, x: str) -> str:
    """Return 1F1(1; s+1; x) as a formula: s · e^x · x^-s · Γ(s) · P(s, x), and its series where P vanishes."""
    gamma = f"GAMMADIST({x},{s},1,TRUE)"
    series = "1"
    for k in range(SERIES_TERMS, 0, -1):
        series = f"1+{x}/({s}+{k})*({series})"
    return f"IF({gamma}>{LEAST_GAMMA},{s}*EXP({x}-{s}*LN({x})+GAMMALN({s}))*{gamma},{series})"


def erlang_a(n: str, s: str, load: str, x: str, later: str) -> str:
    """Return the share answered in time when callers have patience.

    Parameters
    ----------
    n, load
        Cells of the advocates and of the offered load in erlangs.
    s
        Cell of the advocates times patience over handle time.
    x, later
        Cells of the signals in one patience, and of the same less those who left before the promise.
    """
    more = f"({s}+1)"
    idle = f"POISSON({n}-1,{load},FALSE)"
    free = f"POISSON({n}-1,{load},TRUE)/{idle}"
    forever = f"{x}/{s}*{confluent(s, x)}"
    missed = f"EXP({x}-{later}-{more}*service_voice_within_s/demand_patience_s)*{confluent(more, later)}"
    served = f"{x}/{more}*({confluent(more, x)}-{missed})"
    return f"=IF({x}=0,1,IF({idle}=0,1,MIN(1,MAX(0,({free}+{served})/({free}+{forever})))))"


def erlang_c(n: str, load: str) -> str:
    """Return the share answered in time when nobody hangs up; 0 when the queue grows."""
    full, below = f"POISSON({n},{load},FALSE)", f"POISSON({n}-1,{load},TRUE)"
    wait = f"{full}/({full}+(1-{load}/{n})*{below})"
    level = f"1-{wait}*EXP(-({n}-{load})*service_voice_within_s/handle_time_s)"
    return f'=IF(ISTEXT({n}),"",IF({load}=0,1,IF({load}<{n},{level},0)))'


def by_load(rate: str, levels: str, most: int) -> str:
    """Return the fewest advocates that keep the promise: the level rises with them, so the misses are counted."""
    misses = f"SUMPRODUCT(--(ROUND({levels},12)<service_voice_share))"
    return f'=IF({rate}=0,0,IF({misses}={most},"more than {most}",{misses}+1))'


def bound_by(need: str, part: str, alone: str, language: str, added: str) -> str:
    """Return the rule that set the number; where two agree, the floor is named before what lies on it.

    ``need``, ``alone``, ``language`` and ``added`` are the quarter-hour's cells, ``part`` its part of the week.
    """
    most, rule = f"{need}-{added}", '"language"'
    rules = (
        ("occupancy", f"INDEX(bands_by_occupancy,{part})"),
        ("text and chat", f"INDEX(bands_by_text,{part})"),
        ("load", f"INDEX(bands_by_load,{part})"),
        ("supervisor", alone),
        ("minimum cover", "ROUND(service_minimum_cover,0)"),
    )
    for name, asked in rules:
        rule = f'IF({asked}={most},"{name}",{rule})'
    return f'=IF({need}=0,"closed",IF(ISTEXT({need}),"load",IF({added}>0,"simulated week",{rule})))'


def supervisors(need: str, quarter: int) -> str:
    """Return the supervisors on shift in a quarter-hour of the day; 0 while one is on call, or nobody is counted."""
    here = f"AND({quarter / 4}>=staffing_supervisor_from,{quarter / 4}<staffing_supervisor_to,ISNUMBER({need}))"
    return f"=IF({here},{rounded_up(f'{need}/staffing_supervisor_span')},0)"


def is_open(quarter: str, opens: str, closes: str, opened: str, closed: str) -> str:
    """Return whether a quarter-hour is open: in the day's own span, or in one that began the day before.

    ``opens`` and ``closes`` are the day's cells, ``opened`` and ``closed`` those of the day before; -1 is a closed day.
    """
    own = f"AND({opens}>=0,IF({closes}>{opens},AND({quarter}>={opens},{quarter}<{closes}),{quarter}>={opens}))"
    spilled = f"AND({opened}>=0,{closed}<={opened},{quarter}<{closed})"
    return f"OR({own},{spilled})"


def cover(quarter: str, today: str, yesterday: str) -> str:
    """Return the advocates on shift in a quarter-hour, from the counts of the day's shifts and the day before's."""
    own = f"SUMPRODUCT((shift_first<={quarter})*(shift_first+shift_quarters>{quarter})*{today})"
    return f"={own}+SUMPRODUCT((shift_first+shift_quarters>{quarter}+96)*{yesterday})"


def is_night(quarter: str) -> str:
    """Return 1 where the law's night holds, which may run over midnight."""
    start, end, now = "ROUND(night_from*1440,0)", "ROUND(night_to*1440,0)", f"{quarter}*15"
    over = f"OR({now}>={start},{now}<{end})"
    return f"=IF(IF({start}>{end},{over},AND({now}>={start},{now}<{end})),1,0)"


def rounded_up(value: str) -> str:
    """Return whole people: rounded first, as 21 / 0.7 is a hair above 30 in binary."""
    return f"ROUNDUP(ROUND({value},9),0)"


def alone(quarter: str) -> str:
    """Return the fewest advocates while no supervisor is on shift; 0 while one is."""
    now = f"{quarter}/4"
    on_shift = f"AND({now}>=staffing_supervisor_from,{now}<staffing_supervisor_to)"
    return f"=IF({on_shift},0,ROUND(service_minimum_without_supervisor,0))"


def lines_for(load: str) -> str:
    """Return the fewest telephone lines that turn away at most the planned share (Erlang B), up to 300."""
    lines = "(ROW($1:$300)-1)"
    busy = f"POISSON({lines},{load},FALSE)/POISSON({lines},{load},TRUE)"
    return f"IF({load}=0,0,SUMPRODUCT(--(ROUND({busy},12)>service_blocking)))"
