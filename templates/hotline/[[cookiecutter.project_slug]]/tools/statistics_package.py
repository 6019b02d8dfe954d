"""A period as open data: one CSV a table and a Frictionless data package that states what each column may hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from . import core

WITHHELD = "withheld"
TOTAL = "total"
PLUS = " + "


def package(release: core.Table, facts: core.Table) -> dict[str, bytes]:
    """Return datapackage.json and its CSV files by their names."""
    resources = [_list(release, one) for one in release["lists"]] + [_table(release, one) for one in release["tables"]]
    files = {f"{name}.csv": _csv(header, rows) for name, header, rows, _ in resources}
    described = {
        "profile": "tabular-data-package",
        "name": f"hotline-statistics-{release['period'].lower()}",
        "title": core.clean(f"{core.table(facts, 'hotline').get('name', '')} {release['period']}"),
        "description": (
            f"Signals that reached the hotline, not cases and not persons. No number under {release['k']} is shown; "
            "more cells are withheld so that none can be worked out. Not a measure of how much trafficking there is."
        ),
        "resources": [_resource(release, name, fields) for name, _, _, fields in resources],
    }
    return files | {"datapackage.json": core.json_bytes(described)} if resources else {}


def group_name(group: core.Table) -> str:
    """Return the cell for a group: its level, or its levels joined."""
    return str(core.csv_cell(PLUS.join(group["levels"])))


def percent(count: int, release: core.Table) -> int:
    """Return the share of all substantive signals as a whole number.

    >>> percent(1, {"substantive": 3})
    33
    """
    total = int(release["substantive"])
    return (200 * count + total) // (2 * total)


Resource = tuple[str, list[str], list[list[object]], list[core.Table]]


def _list(release: core.Table, one: core.Table) -> Resource:
    name = one["dimension"]
    shares = name != "not_substantive"
    rows = [
        [release["period"], group_name(g), g["count"], *([percent(g["count"], release)] if shares else [])]
        for g in one["groups"]
    ]
    fields = [_period(release), _coded(name, [group_name(g) for g in one["groups"]]), _count(release, required=True)]
    if shares:
        limits = {"minimum": 0, "maximum": 100, "required": True}
        fields.append({"name": "percent_of_substantive", "type": "integer", "constraints": limits})
    return f"by-{name.replace('_', '-')}", [field["name"] for field in fields], rows, fields


def _table(release: core.Table, one: core.Table) -> Resource:
    groups = {entry["dimension"]: entry["groups"] for entry in release["lists"]}
    rows, columns = groups[one["rows"]], groups[one["columns"]]
    lines: list[list[object]] = [
        [release["period"], group_name(row), group_name(column), WITHHELD if count is None else count]
        for row, counts in zip(rows, one["cells"], strict=True)
        for column, count in zip(columns, counts, strict=True)
    ]
    fields = [
        _period(release),
        _coded(one["rows"], [group_name(g) for g in rows]),
        _coded(one["columns"], [group_name(g) for g in columns]),
        _count(release, required=False),
    ]
    name = f"{one['rows']}-by-{one['columns']}".replace("_", "-")
    return name, [field["name"] for field in fields], lines, fields


def _period(release: core.Table) -> core.Table:
    return {"name": "period", "type": "string", "constraints": {"required": True, "enum": [release["period"]]}}


def _coded(name: str, values: list[str]) -> core.Table:
    return {"name": name, "type": "string", "constraints": {"required": True, "enum": values}}


def _count(release: core.Table, required: bool) -> core.Table:
    return {"name": "signals", "type": "integer", "constraints": {"minimum": release["k"], "required": required}}


def _resource(release: core.Table, name: str, fields: list[core.Table]) -> core.Table:
    key = [field["name"] for field in fields if field["type"] == "string"]
    schema = {"fields": fields, "missingValues": ["", WITHHELD], "primaryKey": key}
    if not fields[-1]["constraints"]["required"]:
        schema["description"] = f"'{WITHHELD}': under {release['k']}, or hidden so that such a number stays hidden."
    shape = {"name": name, "path": f"{name}.csv", "profile": "tabular-data-resource", "format": "csv"}
    return shape | {"mediatype": "text/csv", "encoding": "utf-8", "schema": schema}


def _csv(header: list[str], rows: Iterable[list[object]]) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return lines.getvalue().encode()
