"""The questionnaire workbook: one per respondent, read back by hidden ids and by nothing else."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..errors import AnswerError
from .instrument import ITEM_ID, QUANTITY_ID, Domain, Instrument, Item, Quantity, in_stage
from .responses import CODE, Answer, Response, Testimony, wrong_value

# Limits for files from outside; a 222 kB workbook can hold two million cells (research, DELIVERABLES 3).
MAX_FILE = 5_000_000
MAX_MEMBERS = 200
MAX_PART = 4_000_000
MAX_TOTAL = 12_000_000
# A full questionnaire has 11 000 tags of 0.2 MB in 17 sheets. Two million tags in a part of 10 MB, one attribute of
# 4 MB, or one part named as 6000 sheets each kept the reader busy for half a minute.
MAX_TAGS, MAX_MARKUP, MAX_SHEETS = 40_000, 600_000, 60
MAX_ROWS, MAX_COLUMNS = 2_000, 26
MAX_TEXT = 4_000

# A code letter or digit leads every label, so that a translated workbook reads the same.
STATES = {"D": "dont_know", "N": "not_applicable", "R": "declined"}
STATE_LABELS = ("D · Don't know", "N · Does not apply (say why in the note)", "R · Rather not say")
SURE = {"S": "sure", "F": "fairly", "U": "unsure"}
TAG, BEFORE_XML = re.compile(rb"<[^>]*"), b" \t\r\n\xef\xbb\xbf\xfe\xff\0"
COLUMNS = ("#id", "#title", "#question", "#levels", "#answer", "#sure", "#note", "#evidence")
COVER = ("#respondent", "#role", "#organisation", "#language", "#date", "#instrument", "#fingerprint")
WIDTHS = (8, 18, 42, 70, 22, 16, 34, 30)
INK, NIGHT, PALE, LINE = "#16242E", "#12355B", "#EAF3F4", "#C9D2D8"


def write_questionnaire(
    instrument: Instrument,
    path: Path,
    *,
    stage: str,
    role: str | None,
    respondent: str,
    organisation: str,
    as_of: date,
    earlier: Testimony | None = None,
) -> int:
    """Write one respondent's workbook and return how many questions it asks.

    ``earlier`` prefills what the same respondent answered before, for a return visit or a new instrument version.
    """
    import xlsxwriter

    from ..archive import normalised_zip, write_bytes

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": instrument.meta.title, "created": datetime(as_of.year, as_of.month, as_of.day)})
    style = _styles(book)
    cover = {
        "#respondent": respondent,
        "#role": role or "operator",
        "#organisation": organisation,
        "#language": "en",
        "#date": as_of.isoformat(),
        "#instrument": f"{instrument.meta.id}@{instrument.meta.version}",
        "#fingerprint": instrument.fingerprint,
    }
    _write_cover(book.add_worksheet("Start here"), instrument, cover, style)
    asked = 0
    given = _given(earlier, respondent)
    for domain in instrument.domains:
        items = [i for i in domain.items if in_stage(i.stage, stage) and (role is None or role in i.asked_of)]
        quantities = [
            q for q in domain.quantities if in_stage(q.stage, stage) and (role is None or role in q.first_hand)
        ]
        if items or quantities:
            _write_domain(book.add_worksheet(domain.title[:31]), domain, items, quantities, given, style)
            asked += len(items) + len(quantities)
    _write_lists(book, instrument)
    book.close()
    write_bytes(path, normalised_zip(stream.getvalue()))
    return asked


def _given(earlier: Testimony | None, respondent: str) -> dict[str, Answer]:
    if earlier is None:
        return {}
    answers: dict[str, Answer] = {}
    for response in sorted(earlier.responses, key=lambda r: (r.given_on, r.file_name)):
        if response.respondent == respondent:
            answers |= {k: a for k, a in response.answers.items() if a.state not in ("blank", "not_asked")}
    return answers


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "Noto Sans", "font_size": 10, "font_color": INK, "text_wrap": True, "valign": "top"}
    return {
        "text": book.add_format(base),
        "bold": book.add_format(base | {"bold": True}),
        "title": book.add_format(base | {"bold": True, "font_size": 16, "font_color": NIGHT, "text_wrap": False}),
        "head": book.add_format(base | {"bold": True, "font_color": "#FFFFFF", "bg_color": NIGHT}),
        "input": book.add_format(
            base | {"bg_color": PALE, "border": 1, "border_color": LINE, "locked": False, "num_format": "@"}
        ),
        "number": book.add_format(
            base | {"bg_color": PALE, "border": 1, "border_color": LINE, "locked": False, "align": "left"}
        ),
    }


def _write_cover(sheet: Any, instrument: Instrument, cover: dict[str, str], style: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 1, None, {"hidden": True})
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 84)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 1, instrument.meta.title, style["title"])
    lines = [
        (
            "What this is",
            "Questions about a national human-trafficking hotline. Your answers help decide what is ready "
            "and what must come first. There are no right answers.",
        ),
        (
            "How to answer",
            "Each question has five descriptions. Choose the one that is true today, not the one planned. "
            "If you do not know, choose “Don't know”: it is a useful answer and better than a guess.",
        ),
        (
            "How sure are you",
            "Say how sure you are. If you have seen a document or a test, name it under Evidence. "
            "Do not attach it and do not copy from it.",
        ),
        (
            "Keep people safe",
            "Never write the name, number, address or story of a survivor or of any caller. "
            "You may stop at any time and you may leave any question empty.",
        ),
        (
            "Who sees this",
            "The consultants who run the assessment. Notes and codes do not go into the report that partners read.",
        ),
    ]
    for row, (head, text) in enumerate(lines, 2):
        sheet.write_string(row, 1, head, style["bold"])
        sheet.write_string(row, 2, text, style["text"])
    labels = {
        "#respondent": "Your code (not your name)",
        "#role": "Your role",
        "#organisation": "Your organisation",
        "#language": "Language",
        "#date": "Date (YYYY-MM-DD)",
        "#instrument": "Questionnaire",
        "#fingerprint": "Version mark",
    }
    for row, key in enumerate(COVER, 8):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, labels[key], style["bold"])
        editable = key in ("#organisation", "#date")
        sheet.write_string(row, 2, cover[key], style["input"] if editable else style["text"])
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _write_domain(
    sheet: Any,
    domain: Domain,
    items: list[Item],
    quantities: list[Quantity],
    given: dict[str, Answer],
    style: dict[str, Any],
) -> None:
    sheet.hide_gridlines(2)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_column(0, 0, 8, None, {"hidden": True})
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.write_row(0, 0, COLUMNS)
    sheet.write_string(1, 1, f"{domain.title}: {domain.purpose}", style["title"])
    heads = ("id", "No.", "Question", "Which of these is true today?", "Your answer", "How sure?", "Note", "Evidence")
    sheet.write_row(2, 0, heads, style["head"])
    row = 3
    for item in items:
        levels = "\n".join(f"{n}  {text}" for n, text in sorted(item.levels.items()))
        _write_row(sheet, row, item.id, item.title, f"{item.ask}\n\nWhy it matters: {item.why}", levels, style)
        _write_answer(sheet, row, given.get(item.id), style)
        sheet.data_validation(row, 4, row, 4, {"validate": "list", "source": "=answer_list"})
        row += 1
    for q in quantities:
        hint = f"A number between {q.minimum:g} and {q.maximum:g}. Unit: {q.unit}.\nWrite D if you do not know."
        _write_row(sheet, row, q.id, q.title, q.ask, hint, style)
        _write_answer(sheet, row, given.get(q.id), style)
        row += 1
    sheet.data_validation(3, 5, max(row - 1, 3), 5, {"validate": "list", "source": "=sure_list"})
    sheet.freeze_panes(3, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.print_area(1, 1, max(row - 1, 3), len(COLUMNS) - 1)
    sheet.set_footer("&L&F&C&A&R&P/&N")


def _write_row(sheet: Any, row: int, ident: str, title: str, question: str, levels: str, style: dict[str, Any]) -> None:
    sheet.write_string(row, 0, ident)
    sheet.write_string(row, 1, f"{ident}\n{title}", style["bold"])
    sheet.write_string(row, 2, question, style["text"])
    sheet.write_string(row, 3, levels, style["text"])


def _write_answer(sheet: Any, row: int, answer: Answer | None, style: dict[str, Any]) -> None:
    for column in (5, 6, 7):
        sheet.write_blank(row, column, None, style["input"])
    sheet.write_blank(row, 4, None, style["number"])
    if answer is None:
        return
    labels = {label[0]: label for label in STATE_LABELS}
    code = next((c for c, state in STATES.items() if state == answer.state), None)
    if code:
        sheet.write_string(row, 4, labels[code], style["number"])
    elif answer.value is not None:
        sheet.write_number(row, 4, answer.value, style["number"])
    sheet.write_string(row, 5, next(k for k, v in SURE.items() if v == answer.sure), style["input"])
    if answer.note:
        sheet.write_string(row, 6, answer.note, style["input"])
    if answer.evidence:
        sheet.write_string(row, 7, answer.evidence, style["input"])


def _write_lists(book: Any, instrument: Instrument) -> None:
    # A list inside a validation is cut at 255 characters by spreadsheets: names on a hidden sheet are not.
    sheet = book.add_worksheet("Lists")
    answers = [f"{level.n} · {level.name}" for level in instrument.meta.levels] + list(STATE_LABELS)
    letters = {word: letter for letter, word in SURE.items()}
    sures = [f"{letters[word]} · {text}" for word, text in instrument.meta.certainty.items()]
    sheet.write_column(0, 0, answers)
    sheet.write_column(0, 1, sures)
    book.define_name("answer_list", f"=Lists!$A$1:$A${len(answers)}")
    book.define_name("sure_list", f"=Lists!$B$1:$B${len(sures)}")
    sheet.hide()


def read_questionnaire(instrument: Instrument, path: Path) -> Response:
    """Read a returned workbook.

    Raises
    ------
    AnswerError
        When the file is not safe to open, or with every cell that cannot be understood; nothing is guessed.
    """
    where = path.name
    content = _checked_bytes(path)
    rows, cover, problems = _scan(content, where)
    asked = {i for i in rows if i in instrument.items or i in instrument.quantities}
    for unknown in sorted(set(rows) - asked):
        sheet, cell, _ = rows[unknown]
        problems.append(f"sheet '{sheet}', cell {cell}: '{unknown}' is not in this version of the instrument")
    answers: dict[str, Answer] = {}
    for question in sorted(asked):
        sheet, cell, fields = rows[question]
        try:
            answer = answers[question] = _answer(fields, is_item=question in instrument.items)
            if answer.value is not None and (wrong := wrong_value(instrument, question, answer.value)):
                raise ValueError(wrong)
        except ValueError as error:
            problems.append(f"sheet '{sheet}', cell {cell}: {question}: {error}")
    said = {key: text for key, (_, text) in cover.items()}
    given_on = _date(said.get("#date", ""))
    problems += _wrong_cover(instrument, cover, given_on)
    if problems or given_on is None:
        raise AnswerError(where, problems)
    return Response(
        instrument=said.get("#instrument", ""),
        fingerprint=said.get("#fingerprint", ""),
        respondent=said["#respondent"],
        role=said["#role"],
        organisation=said["#organisation"],
        language=said.get("#language") or "en",
        given_on=given_on,
        channel="xlsx",
        answers=answers,
    )


def _wrong_cover(instrument: Instrument, cover: Cover, given_on: date | None) -> Iterator[str]:
    for key in ("#respondent", "#role", "#organisation", "#date"):
        place, text = cover.get(key, ("the first sheet", ""))
        if not text:
            yield f"{place}: {key[1:]} is missing; fill it in"
        elif key == "#respondent" and not re.match(CODE, text):
            yield f"{place}: '{text[:30]}' is not a code; use letters and digits, no names"
        elif key == "#role" and text not in instrument.meta.roles:
            yield f"{place}: role '{text[:30]}' is not in the instrument"
        elif key == "#date" and given_on is None:
            yield f"{place}: the date '{text[:20]}' is not clear; write it as 2027-03-14"


def _checked_bytes(path: Path) -> bytes:
    """Return a workbook's bytes once it is known to be small, without macros, links out or entities."""
    where = path.name
    if path.suffix.lower() != ".xlsx":
        raise AnswerError(where, ["only .xlsx workbooks are read; open it and save it as .xlsx"])
    try:
        if path.stat().st_size > MAX_FILE:
            raise AnswerError(where, [f"it is larger than {MAX_FILE // 1_000_000} MB; a questionnaire never is"])
        content = path.read_bytes()
    except OSError as error:
        raise AnswerError(where, [f"the file cannot be read: {error.strerror}"]) from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            problems = list(_unsafe(archive))
    except Exception as error:  # each way of packing a part raises its own kinds; each means the same to the user
        raise AnswerError(where, ["it is damaged or is not a workbook; ask for it again as .xlsx"]) from error
    if problems:
        raise AnswerError(where, problems)
    return content


def _unsafe(archive: zipfile.ZipFile) -> Iterator[str]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        yield f"it has {len(members)} parts; a questionnaire has fewer than {MAX_MEMBERS}"
        return
    if "[Content_Types].xml" not in archive.namelist():
        yield "it is not an .xlsx workbook inside; save it as .xlsx again"
    total = tags = markup = sheets = 0
    for member in members:
        if "vbaproject" in member.filename.lower():
            yield "it holds macros; save it as a workbook without macros (.xlsx)"
        if member.filename.startswith("xl/externalLinks/"):
            yield "it links to other files; remove the links and save it again"
        with archive.open(member) as stream:  # the stated size may lie: count what really comes out
            part = stream.read(MAX_PART + 1)
        total += len(part)
        if part.lstrip(BEFORE_XML).startswith(b"<"):
            if any(mark in part for mark in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
                yield f"part {member.filename} declares entities, which workbooks never need; it was not opened"
                return
            tags += part.count(b"<")
            markup += sum(map(len, TAG.findall(part)))
            sheets += part.count(b"sheetId")
        if len(part) > MAX_PART or total > MAX_TOTAL or tags > MAX_TAGS or markup > MAX_MARKUP or sheets > MAX_SHEETS:
            yield f"part {member.filename} unpacks to more than a questionnaire can hold; it was not opened"
            return


Row = tuple[str, str, dict[str, Any]]
Cover = dict[str, tuple[str, str]]  # field: place, text


def _scan(content: bytes, where: str) -> tuple[dict[str, Row], Cover, list[str]]:
    """Return questions found by their hidden ids, the cover's fields, and what is wrong."""
    import warnings

    import openpyxl

    rows: dict[str, Row] = {}
    cover: Cover = {}
    problems: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            grids = {s.title: list(s.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)) for s in book.worksheets}
    except Exception as error:  # openpyxl raises a dozen kinds on damaged parts; each means the same to the user
        raise AnswerError(where, ["it is damaged inside; ask for it again as .xlsx"]) from error
    for title, grid in grids.items():
        heads: dict[str, int] = {}
        for row in grid:
            texts = {index: _text(cell.value) for index, cell in enumerate(row) if cell.value is not None}
            found = {text: index for index, text in texts.items() if text in COLUMNS}
            if found.keys() >= {"#id", "#answer"}:  # not a note that happens to say "#note"
                heads = found
                continue
            for index, text in texts.items():
                if text in COVER and not heads:
                    following = [i for i in sorted(texts) if i > index]
                    at = following[1] if len(following) > 1 else index + 2
                    place = f"sheet '{title}', cell {row[at].coordinate if at < len(row) else row[index].coordinate}"
                    if cover.setdefault(text, (place, texts.get(at, "")))[1] != texts.get(at, ""):
                        problems.append(f"{place}: {text[1:]} differs from {cover[text][0]}; keep one cover sheet")
                elif heads.get("#id") == index and (ITEM_ID.match(text) or QUANTITY_ID.match(text)):
                    cell = f"{row[index].coordinate}"
                    answer_at = heads.get("#answer", index + 4)
                    place = (
                        row[answer_at].coordinate if answer_at < len(row) and row[answer_at].value is not None else cell
                    )
                    if text in rows:
                        first = rows[text]
                        problems.append(
                            f"sheet '{title}', cell {cell}: {text} is already in sheet '{first[0]}', cell {first[1]}; "
                            "delete one of the two"
                        )
                        continue
                    fields = {name[1:]: row[at].value if at < len(row) else None for name, at in heads.items()}
                    rows[text] = (title, place, fields)
    if not rows:
        problems.append("no question was found in it; is it a questionnaire made by this toolkit?")
    return rows, cover, problems


def _text(value: Any) -> str:
    """Return a cell as clean text: one form of each character, no controls, cut at a sane length."""
    if value is None:
        return ""
    value = getattr(value, "text", value)  # a formula over several cells
    raw = value.isoformat() if isinstance(value, date | datetime) else str(value)
    text = unicodedata.normalize("NFKC", raw[:MAX_TEXT])  # cut first: one long text may stand in every cell
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()[:MAX_TEXT]


def _answer(fields: dict[str, Any], *, is_item: bool) -> Answer:
    raw, note, evidence = fields.get("answer"), _text(fields.get("note")), _text(fields.get("evidence"))
    sure_text = _text(fields.get("sure")).upper()
    if sure_text and sure_text[0] not in SURE:
        raise ValueError(f"'{sure_text[:20]}' is not a certainty; choose from the list")
    sure = SURE[sure_text[0]] if sure_text else "fairly"
    text = _text(raw)
    extra = {"sure": sure, "note": note, "evidence": evidence}
    if not text:
        return Answer.model_validate({"state": "blank", **extra})
    code = text[0].upper()
    if code in STATES and not text[1:2].isalnum():
        if code == "N" and not note:
            raise ValueError("'does not apply' needs its reason in the note")
        return Answer.model_validate({"state": STATES[code], **extra})
    return Answer.model_validate(
        {"state": "answered", "value": _level(text) if is_item else _number(raw, text), **extra}
    )


def _level(text: str) -> int:
    match = re.match(r"^([0-4])(\.0+)?(\s|·|$)", text)
    if not match:
        raise ValueError(f"'{text[:40]}' is not one of the answers; choose from the list")
    return int(match.group(1))


def _number(raw: Any, text: str) -> float:
    if isinstance(raw, bool):
        raise ValueError(f"'{text[:40]}' is not a number")
    if isinstance(raw, int | float):
        return float(raw)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    raise ValueError(f"'{text[:40]}' is not a plain number; write it as digits, like 1500.5")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
