"""The starter's statistics: what was withheld cannot be worked out, what is published is made once and is valid."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import lil_matrix
from starter_tools import facts, folder_of, part, write_rows

K = 11
MANY = 60 if os.environ.get("SOAK") else 6
CATEGORIES = ("crisis", "tip", "technical_assistance", "referral", "general_information", "at_risk", "unrelated")
CHANNELS = ("call", "text", "messaging_app", "chat", "online_tip", "email", "walk_in_or_letter")
CONTACTORS = ("victim_or_survivor", "friend_or_family", "service_provider", "law_enforcement", "media", "student")
REGIONS = ("North", "South", "Coast", "Islands", "Hills")
SIGNED = {"data_lead": "Data lead", "second_reader": "Supervisor", "survivor_adviser": "Survivor adviser"}
Signals = list[dict[str, object]]


def signals(seed: int, months: tuple[str, ...], size: int) -> Signals:
    """Invented signals in which some values are common and most combinations are rare."""
    luck = random.Random(seed)
    lists = {
        "category": CATEGORIES,
        "channel": CHANNELS,
        "contactor": CONTACTORS,
        "region": REGIONS,
        "language": ("en", "ar", "other", ""),
    }
    weights = {name: [luck.random() ** 4 + 0.002 for _ in values] for name, values in lists.items()}
    rows: Signals = []
    for _ in range(size):
        row: dict[str, object] = {name: luck.choices(values, weights[name])[0] for name, values in lists.items()}
        rows.append(row | {"month": luck.choice(months)})
    for kind in ("silent", "hang_up", "prank"):
        rows += [{"month": months[0], "not_substantive": kind, "count": luck.randint(0, 60)}]
    return rows


def quarter(number: int, year: int = 2026) -> tuple[str, ...]:
    return tuple(f"{year}-{month:02}" for month in range(number * 3 - 2, number * 3 + 1))


def project(tmp_path: Path, rows: Signals, *periods: str, **more: str) -> Path:
    there = tmp_path / "statistics"
    folder = tmp_path if there.is_dir() else folder_of(tmp_path, "statistics", "directory")
    settings = folder / "directory" / "directory.toml"
    named = json.dumps(list(REGIONS))
    settings.write_text(settings.read_text("utf-8").replace("regions = []", f"regions = {named}"), "utf-8")
    write_rows(folder / "statistics" / "signals.csv", rows)
    entries = [{"period": period, "signed_on": "2027-02-01"} | SIGNED | more for period in periods]
    lines = [f"[[release]]\n{''.join(f'{k} = {json.dumps(v)}{chr(10)}' for k, v in one.items())}" for one in entries]
    (folder / "statistics" / "releases.toml").write_text("\n".join(lines), "utf-8")
    return folder


def put(made: dict[str, bytes], folder: Path) -> Path:
    for path, content in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def tables(made: dict[str, bytes], period: str) -> dict[str, list[dict[str, str]]]:
    """Read the published CSV files of a period, as anybody may."""
    start = f"site/public/statistics/{period}/"
    return {
        path.removeprefix(start).removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode())))
        for path, content in made.items()
        if path.startswith(start) and path.endswith(".csv")
    }


# --- the attack -----------------------------------------------------------------------------------------------------


def groups_of(published: dict[str, list[dict[str, str]]], side: str) -> list[tuple[tuple[str, ...], int]]:
    rows = published.get(f"by-{side}", [])
    return [(tuple(row[side].split(" + ")), int(row["signals"])) for row in rows]


class Attack:
    """Everything a reader knows of one or more periods, as equations over counts of the finest kind.

    A variable is one combination of levels (category, side). The sides of one period are tied together by the category
    counts of each level, which the reader does not know either when levels were joined.
    """

    def __init__(self, releases: list[dict[str, list[dict[str, str]]]], sides: tuple[str, ...]) -> None:
        self.names: dict[tuple[object, ...], int] = {}
        self.rows: list[tuple[list[tuple[int, float]], float]] = []
        self.targets: list[list[int]] = []
        # What nobody came under is left out, so the reader knows that every level named counts at least 1.
        self.not_zero: list[list[int]] = []
        for number, published in enumerate(releases):
            for side in sides:
                self.add(number, published, side)

    def at(self, *name: object) -> int:
        return self.names.setdefault(name, len(self.names))

    def add(self, number: int, published: dict[str, list[dict[str, str]]], side: str) -> None:
        centre, other = groups_of(published, "category"), groups_of(published, side)
        if not centre or not other:
            return
        levels = [level for group, _ in centre for level in group]
        values = [level for group, _ in other for level in group]
        for level in levels:
            cells = [(self.at(number, side, level, value), 1.0) for value in values]
            self.rows.append(([*cells, (self.at(number, level), -1.0)], 0.0))
        for group, count in centre:
            self.rows.append(([(self.at(number, level), 1.0) for level in group], count))
        for group, count in other:
            cells = [(self.at(number, side, level, value), 1.0) for level in levels for value in group]
            self.rows.append((cells, count))
        self.targets += [[self.at(number, level)] for group, _ in centre if len(group) > 1 for level in group]
        self.not_zero += [[self.at(number, level)] for level in levels]
        self.not_zero += [[self.at(number, side, level, value) for level in levels] for value in values]
        for group, _ in other:
            if len(group) > 1:
                self.targets += [[self.at(number, side, level, value) for level in levels] for value in group]
        for row in published.get(f"category-by-{side}", []):
            first, second = row["category"].split(" + "), row[side].split(" + ")
            cell = [self.at(number, side, level, value) for level in first for value in second]
            if row["signals"] == "withheld":
                self.targets.append(cell)
            else:
                self.rows.append(([(one, 1.0) for one in cell], float(row["signals"])))

    def narrowest(self) -> tuple[float, int]:
        """Return the smallest range of anything withheld, and how many withheld numbers were tried."""
        matrix = lil_matrix((len(self.rows), len(self.names)))
        for at, (cells, _) in enumerate(self.rows):
            for column, value in cells:
                matrix[at, column] += value
        known = np.array([value for _, value in self.rows])
        equations = matrix.tocsr()
        least = lil_matrix((len(self.not_zero), len(self.names)))
        for at, columns in enumerate(self.not_zero):
            least[at, columns] = -1
        more = {"A_eq": equations, "b_eq": known, "A_ub": least.tocsr(), "b_ub": -np.ones(len(self.not_zero))}
        ranges = []
        for target in self.targets:
            aim = np.zeros(len(self.names))
            aim[target] = 1
            low = linprog(aim, **more, method="highs")
            high = linprog(-aim, **more, method="highs")
            assert low.status == high.status == 0
            ranges.append(-high.fun - low.fun)
        return min(ranges, default=float("inf")), len(ranges)


@pytest.mark.parametrize("seed", range(MANY))
def test_no_withheld_number_can_be_narrowed_below_k_over_two_releases(tmp_path, seed):
    size = (60, 300, 1_500)[seed % 3]
    rows = signals(seed, quarter(1), size) + signals(seed + 1000, quarter(2), size + 7)
    folder = project(tmp_path, rows, "2026-Q1")
    put(part("statistics").build(facts(), folder), folder)
    made = part("statistics").build(facts(), project(tmp_path, rows, "2026-Q1", "2026-Q2"))
    releases = [tables(made, "2026-Q1"), tables(made, "2026-Q2")]
    attack = Attack(releases, ("month", "channel", "region", "contactor", "language"))
    narrowest, tried = attack.narrowest()
    print(f"{size} signals: {tried} withheld numbers attacked, narrowest range {narrowest:.0f}")
    assert tried > 10
    assert narrowest >= K - 1e-6


@pytest.mark.parametrize("broken", ["only small cells withheld", "nothing joined"])
def test_the_attack_breaks_what_is_not_protected(tmp_path, monkeypatch, broken):
    release = part("statistics_release")
    if broken == "nothing joined":
        monkeypatch.setattr(release, "groups", lambda counts, _: [(level,) for level in counts if counts[level]])
    monkeypatch.setattr(
        release, "protect", lambda table, k: {(i, j) for i, row in enumerate(table) for j, n in enumerate(row) if n < k}
    )
    folder = project(tmp_path, signals(2, quarter(1), 1_500), "2026-Q1")
    published = tables(part("statistics").build(facts(), folder), "2026-Q1")
    assert Attack([published], ("month", "channel", "region")).narrowest()[0] < K


@st.composite
def small_tables(draw: st.DrawFn) -> list[list[int]]:
    rows, columns = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    cell = st.sampled_from([0, 0, 1, 2, 5, 10, 11, 12, 20, 21, 60, 300])
    return [[draw(cell) for _ in range(columns)] for _ in range(rows)]


@given(small_tables(), st.integers(5, 15))
def test_every_withheld_cell_of_any_table_keeps_a_range_of_k(table, k):
    safe = part("suppression")
    rows, columns = safe.totals(table)
    if min(rows + columns) < k:
        return
    hidden = sorted(safe.protect(table, k))
    assert {(i, j) for i, row in enumerate(table) for j, n in enumerate(row) if n < k} <= set(hidden)
    lines = [[float(c[0] == i) for c in hidden] for i in range(len(rows))]
    lines += [[float(c[1] == j) for c in hidden] for j in range(len(columns))]
    sums = [sum(table[i][j] for i, j in hidden if i == one) for one in range(len(rows))]
    sums += [sum(table[i][j] for i, j in hidden if j == one) for one in range(len(columns))]
    for at in range(len(hidden)):
        aim = np.zeros(len(hidden))
        aim[at] = 1
        low, high = (linprog(s * aim, A_eq=lines, b_eq=sums).fun * s for s in (1, -1))
        assert high - low >= k - 1e-6
        assert safe.width(table, set(hidden), hidden[at], 10_000) == round(high - low)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40)), st.integers(5, 20))
def test_groups_hold_every_level_once_and_at_least_k(counts, k):
    found = part("suppression").groups(counts, k)
    if found:
        assert sorted(level for group in found for level in group) == sorted(level for level in counts if counts[level])
        assert all(sum(counts[level] for level in group) >= k for group in found)
        assert all(sum(counts[level] for level in g) >= k + len(g) for g in found if len(g) > 1)
        assert len(found) > 1


# --- what is published ----------------------------------------------------------------------------------------------


def test_no_published_number_is_under_k_and_percentages_are_of_substantive_signals(tmp_path):
    folder = project(tmp_path, signals(4, quarter(1), 800), "2026-Q1")
    published = tables(part("statistics").build(facts(), folder), "2026-Q1")
    assert {"by-category", "by-channel", "category-by-channel", "by-month", "category-by-region"} <= set(published)
    for name, rows in published.items():
        assert all(row["signals"] == "withheld" or int(row["signals"]) >= K for row in rows), name
    assert sum(int(row["signals"]) for row in published["by-category"]) == 800
    for row in published["by-channel"]:
        assert abs(int(row["percent_of_substantive"]) - 100 * int(row["signals"]) / 800) <= 0.5
    assert "percent_of_substantive" not in published.get("by-not-substantive", [{}])[0]


@pytest.mark.parametrize(
    ("k", "used"), [(11, 11), (20, 20), (5, 5), (1, 5), (0, 5), (-3, 5), (True, 11), ("", 11), (None, 11)]
)
def test_k_is_never_under_5(tmp_path, k, used):
    folder = project(tmp_path, signals(4, quarter(1), 800), "2026-Q1")
    changed = facts(statistics={"k": k, "period": "quarter"})
    release = json.loads(part("statistics").build(changed, folder)["statistics/releases/2026-Q1.json"])
    assert release["k"] == used


@pytest.mark.parametrize("size", [0, 1, 10])
def test_with_too_few_signals_nothing_is_said(tmp_path, size):
    made = part("statistics").build(facts(), project(tmp_path, signals(4, quarter(1), size), "2026-Q1"))
    assert tables(made, "2026-Q1") == {}
    release = json.loads(made["statistics/releases/2026-Q1.json"])
    assert (release["substantive"], release["all"], release["lists"]) == (None, None, [])
    assert "Too few signals" in made["site/public/statistics/index.html"].decode()


@pytest.mark.parametrize(("aside", "shown"), [(0, None), (10, None), (11, 311)])
def test_all_signals_are_told_only_when_the_rest_is_not_small(tmp_path, aside, shown):
    rows: Signals = [{"month": "2026-01", "count": 300, "category": "tip"}]
    rows += [{"month": "2026-02", "count": aside, "not_substantive": "silent"}]
    made = part("statistics").build(facts(), project(tmp_path, rows, "2026-Q1"))
    assert json.loads(made["statistics/releases/2026-Q1.json"])["all"] == shown


@pytest.mark.parametrize(
    "change",
    [
        {"data_lead": ""},
        {"second_reader": "data LEAD"},
        {"survivor_adviser": " "},
        {"signed_on": ""},
        {"signed_on": "2026-03-31"},
        {"signed_on": "2027-03-02"},
        {"withdrawn": "a group could be recognised"},
    ],
)
def test_nothing_is_published_without_three_signatures_after_the_period(tmp_path, change):
    made = part("statistics").build(facts(), project(tmp_path, signals(4, quarter(1), 300), "2026-Q1", **change))
    assert not [path for path in made if "2026-Q1" in path]
    assert "No statistics are published yet." in made["site/public/statistics/index.html"].decode()
    assert "substantive signals reached" in made["statistics/draft.html"].decode()


def test_a_published_period_stays_as_it_was_when_signals_come_in_late(tmp_path):
    rows = signals(4, quarter(1), 300)
    folder = project(tmp_path, rows, "2026-Q1")
    first = part("statistics").build(facts(), folder)
    put(first, folder)
    late = [*rows, {"month": "2026-03", "category": "crisis", "channel": "call", "region": "Islands"}]
    second = part("statistics").build(facts(), project(tmp_path, late, "2026-Q1"))
    assert {p: c for p, c in second.items() if "2026-Q1" in p} == {p: c for p, c in first.items() if "2026-Q1" in p}
    gone = part("statistics").build(facts(statistics={"k": 30}), project(tmp_path, [], "2026-Q1"))
    assert gone["statistics/releases/2026-Q1.json"] == first["statistics/releases/2026-Q1.json"]
    assert part("statistics").check(facts(), folder) == []


@pytest.mark.parametrize("period", ["2026", "2026-H1"])
def test_a_period_that_overlaps_a_published_one_is_refused(tmp_path, period):
    folder = project(tmp_path, signals(4, quarter(1), 300), "2026-Q1")
    put(part("statistics").build(facts(), folder), folder)
    folder = project(tmp_path, signals(4, quarter(1), 300), period)
    made = part("statistics").build(facts(), folder)
    assert f"statistics/releases/{period}.json" not in made
    assert any("overlaps a period that was published" in line for line in part("statistics").check(facts(), folder))
    folder = project(tmp_path, [], "2026-Q1", period)
    assert any("overlaps another entry" in line for line in part("statistics").check(facts(), folder))


def test_turning_statistics_off_forgets_nothing_that_was_published(tmp_path):
    folder = project(tmp_path, signals(4, quarter(1), 300), "2026-Q1")
    put(part("statistics").build(facts(), folder), folder)
    off = part("statistics").build(facts(choices={"website": True, "statistics": False}), folder)
    assert list(off) == ["statistics/releases/2026-Q1.json"]


def test_a_withdrawn_period_leaves_the_page_but_is_never_made_anew(tmp_path):
    rows = signals(4, quarter(1), 300)
    folder = project(tmp_path, rows, "2026-Q1")
    first = part("statistics").build(facts(), folder)
    put(first, folder)
    second = part("statistics").build(facts(), project(tmp_path, rows[5:], "2026-Q1", withdrawn="error"))
    assert second["statistics/releases/2026-Q1.json"] == first["statistics/releases/2026-Q1.json"]
    assert tables(second, "2026-Q1") == {}


def test_a_changed_release_is_noticed(tmp_path):
    folder = project(tmp_path, signals(4, quarter(1), 300), "2026-Q1")
    put(part("statistics").build(facts(), folder), folder)
    path = folder / "statistics/releases/2026-Q1.json"
    path.write_text(path.read_text("utf-8").replace('"substantive": 300', '"substantive": 301'), "utf-8")
    assert any("not what was published" in line for line in part("statistics").check(facts(), folder))
    again = part("statistics").build(facts(), folder)
    assert again["statistics/releases/2026-Q1.json"] == path.read_bytes()
    assert tables(again, "2026-Q1") == {}


def test_the_template_itself_is_in_order_and_publishes_nothing(tmp_path):
    folder = folder_of(tmp_path, "statistics", "directory")
    assert part("statistics").check(facts(), folder) == []
    made = part("statistics").build(facts(), folder)
    assert not [path for path in made if path.endswith((".csv", ".json"))]
    assert part("statistics").build(facts(choices={"statistics": False}), folder) == {}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"month": "March"}, "is not a month"),
        ({"month": "2026-13"}, "is not a month"),
        ({"month": "2026-03", "count": "many"}, "is not a number"),
        ({"month": "2026-03", "channel": "pigeon"}, "channel 'pigeon' is not in the list"),
        ({"month": "2026-03", "not_substantive": "boring"}, "not in indicators.toml"),
    ],
)
def test_the_check_names_the_row(tmp_path, row, says):
    folder = project(tmp_path, [row])
    said = part("statistics").check(facts(), folder)
    assert len(said) == 1
    assert said[0].startswith("statistics/signals.csv row 2: ")
    assert says in said[0]


def test_a_column_that_could_name_somebody_is_refused(tmp_path):
    folder = project(tmp_path, [])
    path = folder / "statistics" / "signals.csv"
    path.write_text(path.read_text("utf-8").strip() + ",name\n", "utf-8")
    assert "column 'name' does not belong here" in part("statistics").check(facts(), folder)[0]
    assert not [p for p in part("statistics").build(facts(), folder) if p.endswith(".csv")]


def test_the_real_signals_may_stay_in_the_local_folder(tmp_path):
    folder = project(tmp_path, signals(4, quarter(1), 300), "2026-Q1")
    before = part("statistics").build(facts(), folder)
    (folder / "local").mkdir()
    shutil.move(folder / "statistics" / "signals.csv", folder / "local" / "signals.csv")
    assert part("statistics").build(facts(), folder) == before


def hostile(tmp_path: Path) -> Path:
    folder = project(tmp_path, [])
    names = ["=1+1", "<script>alert(1)</script>", "+A1", 'a"b,c', "x\u202ey", "{count}", "]]>"]
    settings = folder / "directory" / "directory.toml"
    text = settings.read_text("utf-8").replace(json.dumps(list(REGIONS)), json.dumps(names))
    settings.write_text(text, "utf-8")
    rows = [
        {"month": "2026-01", "count": 20 + n, "region": part("core").clean(name), "category": CATEGORIES[n % 3]}
        for n, name in enumerate(names)
    ]
    write_rows(folder / "statistics" / "signals.csv", rows)
    return folder


def test_hostile_region_names_are_inert(tmp_path):
    folder = hostile(tmp_path)
    text = "".join(
        f"{k} = {json.dumps(v)}\n" for k, v in (SIGNED | {"period": "2026-Q1", "signed_on": "2027-01-01"}).items()
    )
    (folder / "statistics" / "releases.toml").write_text(f"[[release]]\n{text}", "utf-8")
    made = part("statistics").build(facts(), folder)
    page = made["site/public/statistics/index.html"].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    for rows in tables(made, "2026-Q1").values():
        assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]
    assert len(tables(made, "2026-Q1")["by-region"]) == 7


def test_the_package_is_valid_frictionless_and_a_small_number_would_not_be(tmp_path):
    frictionless = pytest.importorskip("frictionless")
    folder = project(tmp_path, signals(4, quarter(1), 800), "2026-Q1")
    assert part("statistics").full(facts(), folder) == []
    put(part("statistics").build(facts(), folder), tmp_path / "out")
    home = tmp_path / "out/site/public/statistics/2026-Q1"
    package = json.loads((home / "datapackage.json").read_text("utf-8"))
    assert len(package["resources"]) >= 8
    path = home / "by-category.csv"
    first = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([first[0], first[1].replace(first[1].split(",")[2], "7"), *first[2:]]), "utf-8")
    report = frictionless.Package(str(home / "datapackage.json")).validate()
    assert "constraint-error" in [row[0] for row in report.flatten(["type"])]


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["site/public/statistics/index.html", "site/public/statistics/ar.html", "statistics/draft.html"]
)
def test_the_pages_are_accessible_and_fit_a_small_phone(tmp_path, chromium, name):
    from axe_playwright_python.sync_playwright import Axe

    rows = signals(4, quarter(1), 1_500) + signals(5, quarter(2), 1_500)
    folder = project(tmp_path, rows, "2026-Q1")
    put(part("statistics").build(facts(), folder), folder)
    page = chromium.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True).new_page()
    page.goto((folder / name).as_uri())
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()
