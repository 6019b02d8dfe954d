"""The call flow as Asterisk files: the dialplan, queues, telephones, and what is switched off."""

from __future__ import annotations

from collections.abc import Sequence

from . import core
from .core import dialplan_text
from .telephony_dialplan import SOUNDS, Dialplan, keys_of, queue_of, shown, title
from .telephony_flow import Flow

FOLDER = "telephony/asterisk"
# Addresses, certificates and words to log in with stay on the server, in files that this project never holds.
PRIVATE = "hotline-private"


def desks_of(facts: core.Table, flow: Flow) -> int:
    """Return how many telephones advocates have: as in call-flow.toml, or as many as are on shift at the peak."""
    peak = core.fact(facts, "staffing.peak_on_shift")
    return flow.queue["desks"] or min(200, max(1, peak if isinstance(peak, int) else 1))


def queues(facts: core.Table, flow: Flow) -> str:
    """Return queues.conf."""
    lines = [*title(facts, "Who is rung, and what waiting callers hear."), "[general]", "persistentmembers=yes"]
    lines += ["autofill=yes", "shared_lastcall=yes", "log_membername_as_agent=yes", ""]
    for step in (flow.steps[name] for name in flow.reached()):
        if step.kind != "queue":
            continue
        keys = flow.keys(step)
        said = [f"{SOUNDS}/{one}" for one in step.say] + [f"{SOUNDS}/key_{to}_{key}" for key, to in keys.items()]
        lines += [f"[{queue_of(step)}]", "strategy=rrmemory", f"timeout={flow.queue['ring_s']}", "retry=1"]
        lines += [f"wrapuptime={flow.queue['rest_s']}", "ringinuse=no", "autopause=no", "musicclass=hotline"]
        # Nobody waits where nobody is logged on.
        lines += ["joinempty=strict", "leavewhenempty=strict", "announce-frequency=0", "announce-holdtime=no"]
        lines += ["announce-position=no", "reportholdtime=no", "timeoutrestart=no", "setinterfacevar=no"]
        lines += [f"periodic-announce-frequency={flow.queue['repeat_s']}", f"periodic-announce={','.join(said)}"]
        lines += [f"context={keys_of(step)}"] if keys else []
        # Advocates log on at their desk. The telephones on call always ring.
        on_call = range(1, flow.queue["on_call"] + 1) if step.rings == "on_call" else ()
        lines += [f"member => PJSIP/oncall{number}" for number in on_call]
        lines.append("")
    return "\n".join(lines)


def pjsip(facts: core.Table, flow: Flow) -> str:
    """Return pjsip.conf: a skeleton without addresses, certificates or words to log in with."""
    peak = f"; fact staffing.peak_on_shift = {shown(core.fact(facts, 'staffing.peak_on_shift'))}"
    lines = [
        *title(facts, "Telephones and the carrier."),
        "" if flow.queue["desks"] else peak.rstrip(),
        f"; Put into {PRIVATE}-pjsip.conf on the server, never into this folder: the transport with its certificates,",
        "; the carrier's identify section (its addresses), and one auth section for each telephone below.",
        f"#tryinclude {PRIVATE}-pjsip.conf",
        "", "[global]", "type=global", "user_agent=telephone", "send_contact_status_on_update_registration=no", "",
        "; The carrier may send calls. No call can be sent to it: its endpoint has no address (aor) on purpose.",
        "[carrier]", "type=endpoint", "context=from-carrier", "disallow=all", "allow=alaw,ulaw", "direct_media=no",
        "trust_id_inbound=no", "send_pai=no", "send_rpid=no", "trust_id_outbound=no", "callerid_privacy=prohib",
        "allow_transfer=no", "allow_subscribe=no", "",
    ]  # fmt: skip
    lines += ["[telephone](!)", "type=endpoint", "context=from-desks", "disallow=all", "allow=alaw,ulaw"]
    lines += ["direct_media=no", "media_encryption=sdes"]
    lines += ["callerid_privacy=prohib", "send_pai=no", "send_rpid=no", "allow_transfer=no", "allow_subscribe=no", ""]
    lines += ["[place](!)", "type=aor", "max_contacts=1", "remove_existing=yes", "qualify_frequency=30", ""]
    names = [f"desk{n}" for n in range(1, desks_of(facts, flow) + 1)]
    names += [f"oncall{n}" for n in range(1, flow.queue["on_call"] + 1)]
    for name in names:
        lines += [f"[{name}](telephone)", f"auth={name}", f"aors={name}", "", f"[{name}](place)", ""]
    return "\n".join(lines)


def small_files(facts: core.Table, flow: Flow) -> dict[str, str]:
    """Return the files that switch things off: call records, recording keys, logs with numbers."""
    off = {
        "cdr.conf": ("No records of calls: they would hold numbers.", ["[general]", "enable=no"]),
        "cel.conf": ("No records of events in calls.", ["[general]", "enable=no"]),
        "features.conf": (
            "No keys for recording, parking or transfer.",
            ["[general]", "[featuremap]", "[applicationmap]"],
        ),
        "logger.conf": (
            "Logs hold faults and the counts of the queues, no steps of calls.",
            ["[general]", "queue_log=yes", "dateformat=%F %T", "[logfiles]", "messages=error,warning"],
        ),
        "musiconhold.conf": (
            "What callers hear between announcements: put quiet sound files into the folder named here.",
            ["[general]", "[hotline]", "mode=files", "directory=hotline-moh", "sort=alpha"],
        ),
    }
    files = {name: "\n".join([*title(facts, what), *lines, ""]) for name, (what, lines) in off.items()}
    if any(flow.steps[name].kind == "voicemail" for name in flow.reached()):
        files["voicemail.conf"] = voicemail(facts, flow)
    return files


def voicemail(facts: core.Table, flow: Flow) -> str:
    """Return voicemail.conf: messages stay on the server, nobody is mailed, no number is read out."""
    given = flow.voicemail
    lines = [
        *title(facts, "The message box."),
        f"; Policy: {dialplan_text(given['policy'])}.",
        f"; Approved by {dialplan_text(given['approved_by'])}, {dialplan_text(given['approved_on'])}.",
        f"; Listen every {given['listen_every_min']} minutes in open hours.",
        f"; Delete messages after {given['delete_days']} days: a task of the server.",
        *("[general]", "format=wav", "attach=no", "attachfmt=wav", "maxmsg=100", "minsecs=3", "maxsilence=10"),
        *("skipms=3000", "maxlogins=3", "saycid=no", "envelope=yes", "sendvoicemail=no", "operator=no"),
        *("review=no", "forcename=no", "forcegreetings=no", f"maxsecs={given['longest_s']}", ""),
        f"; Box 100 with its PIN stands in {PRIVATE}-voicemail.conf on the server, never in this folder.",
        *("[hotline]", f"#tryinclude {PRIVATE}-voicemail.conf", ""),
    ]
    return "\n".join(lines)


def files(facts: core.Table, flow: Flow, codes: Sequence[str]) -> dict[str, bytes]:
    """Return the Asterisk files by their path."""
    made = {
        "extensions.conf": Dialplan(facts, flow, codes).write(),
        "queues.conf": queues(facts, flow),
        "pjsip.conf": pjsip(facts, flow),
        **small_files(facts, flow),
    }
    return {f"{FOLDER}/{name}": (text.rstrip("\n") + "\n").encode() for name, text in made.items()}
