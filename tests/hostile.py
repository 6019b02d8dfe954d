"""Texts that try to be more than text: formulas, markup, templates, escapes, controls, floods; the same by one seed."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

from hotline_catalyst.assessment.responses import clean_text

# What a program behind one of our files might work out, load, run, cut at, or choke on.
KINDS: dict[str, tuple[str, ...]] = {
    "formula": (
        "=1+1", "+1+1", "-1+1", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://example.org/?x="&A1,"open")', "=WEBSERVICE(\"http://example.org\")", "\u200b=1+1",
        "＝1+1", "＋1", "－1", "＠SUM(1)", "﹢1", "﹣1", "﹦1", "'=1+1", "''=1", "\"=1+1\"", ";=1+1", "a;=1+1",
        "x\n-1", "+A1;@b", "{=1+1}", "=DDE(\"cmd\";\"/C calc\";\"x\")", "-2+3+cmd|' /C calc'!A0", "⁼1+1", "⁺1",
        "⁻1", "%0A=1", "|=1", ",=1,=2", '";=1+1;"',
    ),
    "markup": (
        "<script>document.title='taken'</script>", "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)",
        "\" autofocus onfocus=\"alert(1)", "</style><b>", "</title><b>", "</textarea><i>", "<!--", "-->",
        "<![CDATA[", "]]>", "&lt;script&gt;", "&#60;b&#62;", "&amp;lt;", "&", "<", ">",
        "＜script＞alert(1)＜／script＞", "﹤b﹥", "<a href=\"javascript:alert(1)\">x</a>",
        "<base href=//example.org>", "<?xml version='1.0'?>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;", "</td></tr></table>",
        "<iframe src=//example.org>", "<meta http-equiv=refresh>",
    ),
    "office": (
        "<r><t>x</t></r>", "<r></si>", "<r>", "<r>&</r>", "</t></si><si>", "_x000D_", "_x005F_x000D_",
        "_x0041__x0000_", "_x005F_x005F_x0041_", "_x0041_x0042_", "_xFFFE_", "<w:p/>",
        "<w:fldSimple w:instr=\"DDE\"/>", "{ HYPERLINK \"http://example.org\" }", "&L&8&D",
        "&\"Wingdings\"&72x", "http://example.org/x", "mailto:a@example.org", "internal:Sheet1!A1",
        "external:c:\\x.xlsx",
    ),
    "template": (
        "{{ 7*7 }}", "{% raise %}", "{% raw %}", "{# x", "{{ ''.__class__ }}", "${7*7}", "#{7*7}", "<%= 7 %>",
        "{0}", "{name}", "%s %n", "$HOME", "`id`", "$(id)", "[[name]]", "{% include '/etc/passwd' %}", "{{",
        "}}", "{%", "%(x)s",
    ),
    "markdown": (
        "# head", "* *x* _y_ **z**", "[x](javascript:alert(1))", "![x](http://example.org/x.png)", "```",
        "    code", "| a | b |", "---", "<http://example.org>", "!!! draft \"x\"", "??? why", "[^1]: x",
        "- [ ] x", "1. x", "x\n===", "{ .summary onclick=alert(1) }", "PB-01 REC-IM-1", ":smile:", "\\", "\\n",
    ),
    "lines": (
        "a\nb", "a\r\nb", "a\rb", "\n\n\n", "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb\x0cc",
        "END:VEVENT\r\nBEGIN:VEVENT", "\r\nATTACH:http://example.org", "x\n EE-01 4", "EE-01 4 sure",
        "note: x evidence: y", "evidence: z", "set everything", "# comment", "key: value", "- item",
        "!!python/object:x {}", "&a *a", "---\n...", "? x", "yes", "No", "null", "~", "20:00", "007", "1e5",
        "1-2", "0x1F", "NaN", "#REF!", "#NAME?", "TRUE", "a,b;c\td", '"', '""', '"a', "'", "a\"b,c\"", "','",
        "\\u0000", "\\\"", "D", "N", "R", "sure", "../../etc/passwd", "C:\\con\\nul", "\\\\host\\share",
        "file:///etc/passwd", "%2e%2e%2f", "//example.org", "~/.x",
    ),
    "controls": (
        "a\x00b", "\x00", "\x01\x02\x1f", "\x1b[31mred\x1b[0m", "\x7f", "\x9b31m", "\ufffe", "\uffff",
        "\U0001ffff", "\ud800", "\udfff", "a\ud83d", "\ude00b", "\ufeff", "\ufff9x\ufffa",
        "\U000e0041\U000e0042", "\ue000", "\x08\x08", "\x04", "\x1a",
    ),
    "direction": (
        "\u202egpj.exe\u202c", "\u202dabc", "\u2066x\u2069", "\u2067\u2068", "\u200e\u200f", "\u061c",
        "لا نعرف", "אבג 1+1", "\u202e<b>", "می\u200cخواهم", "क्\u200dष", "مركز\u202e",
    ),
    "glyphs": (
        "👩🏽\u200d⚕️", "🏳️\u200d🌈", "e\u0301", "\u0301", "Z" + "\u0351\u0323" * 40, "ﷺ" * 20, "ﬃ①㎏", "가\u11a8",
        "\U0001f600" * 30, "𝒽𝒾", "İıſß", "a\u00ad\u200b\u2060b", "\u3000", "\u00a0", "\ud7b0",
        "\u115f\u1160\u3164", "ǅ", "𠮷", "\u034f", "e\u200b\u0301", "\u200d", "\u200c\u200c",
    ),
    "floods": (
        "(" * 400, "((a+)+)+$" * 40, "9 " * 600, "+49 170 " * 300, "a@" * 600, "a.b@" * 400, "=" * 900,
        "-" * 900, "'" * 700, '"' * 700, ";=" * 500, "\n" * 500, "[" * 600, "*" * 600, "_" * 900, "<" * 700,
        "{{" * 400, "&" * 700, "\\" * 700, "x" * 3_999, "x" * 4_001, "w" * 40_000, "a " * 2_100, "ﷺ" * 4_000,
        "\u0301" * 4_000, "1" * 4_000, "_x0041" * 300 + "_", "2027-03-" * 200, "Mrs " * 400,
        "aged 14 from " * 200, "`" * 900, "|" * 700, "Ab " * 900,
    ),
}  # fmt: skip


@cache
def _any() -> tuple[str, ...]:
    """Return every assigned character but surrogates."""
    points = map(chr, range(1, sys.maxunicode + 1))
    return tuple(c for c in points if unicodedata.category(c) not in ("Cn", "Co", "Cs"))


def _stream(luck: random.Random) -> Iterator[str]:
    pieces = [text for texts in KINDS.values() for text in texts]
    short = [text for text in pieces if len(text) < 120]
    yield from pieces
    while True:
        shape = luck.random()
        if shape < 0.3:
            yield "".join(luck.choices(short, k=luck.randint(2, 4)))
        elif shape < 0.5:
            yield luck.choice(short) + f" {luck.randint(0, 9999)}"
        elif shape < 0.65:
            yield f"word {luck.randint(0, 9999)} " + luck.choice(short)
        elif shape < 0.8:
            yield "".join(luck.choices(_any(), k=luck.randint(1, 40)))
        elif shape < 0.98:
            yield luck.choice(short) + "".join(luck.choices(_any(), k=8)) + luck.choice(short)
        else:
            yield luck.choice(KINDS["floods"])[: luck.randint(300, 4_200)] + str(luck.randint(0, 9999))


def hostile_texts(count: int, seed: int = 20270301) -> list[str]:
    """Return ``count`` texts as people may send them, of which the store keeps ``count`` different ones, none empty."""
    found: dict[str, str] = {}
    for text in _stream(random.Random(seed)):
        kept = clean_text(text)
        if kept and kept not in found:
            found[kept] = text
            if len(found) == count:
                break
    return list(found.values())
