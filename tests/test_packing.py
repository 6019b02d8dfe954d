"""An engagement travels in one encrypted file: all of it arrives or nothing, and no readable copy is left."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_catalyst.custody import packing
from hotline_catalyst.custody.locks import new_key, weakness
from hotline_catalyst.custody.packing import MANIFEST, pack, unpack
from hotline_catalyst.errors import CatalystError

WORDS = "lamp river seven coat moss"
SECRET, PUBLIC = new_key()


def engagement(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    for name, content in {"engagement.yaml": b"name: X\n", **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def tree(folder: Path) -> dict[str, bytes | None]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def opened(file: Path) -> zipfile.ZipFile:
    """Open a pack with the age library alone."""
    return zipfile.ZipFile(io.BytesIO(pyrage.decrypt(file.read_bytes(), [pyrage.x25519.Identity.from_str(SECRET)])))


def hostile(
    tmp_path: Path, members: dict[str, bytes], manifest: object, change: Callable[[zipfile.ZipInfo], None]
) -> Path:
    """Make a pack that our own `pack` would never make."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            change(entry)
            target.writestr(entry, content)
        target.writestr(MANIFEST, json.dumps(manifest))
    path = tmp_path / "hostile.age"
    path.write_bytes(pyrage.encrypt(stream.getvalue(), [pyrage.x25519.Recipient.from_str(PUBLIC)]))
    return path


def test_what_was_packed_with_a_passphrase_comes_back_on_a_second_machine(tmp_path: Path):
    folder = engagement(tmp_path / "a", {"responses/N-1.json": b"{}", "ملاحظات/año.txt": "ñ".encode()})
    (folder / "empty").mkdir()
    report = pack(folder, tmp_path / "a.age", WORDS)
    assert b"N-1" not in report.file.read_bytes()
    code = "import sys; from pathlib import Path; from hotline_catalyst.custody.packing import unpack; "
    code += f"print(unpack(Path('a.age'), Path('b'), '{WORDS}'))"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert tree(tmp_path / "b") == tree(folder)
    assert report.files == 3
    assert report.digest == packing.archive.file_digest(tmp_path / "a.age")


letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='/\\:*?"<>|. ')
part = st.text(letters, min_size=1, max_size=20).filter(lambda s: not packing._wrong_name(s) and s != "build")
names = st.lists(part, min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(names, st.binary(max_size=300), max_size=8))
def test_pack_and_unpack_are_each_others_inverse(files: dict[str, bytes]):
    place = Path(tempfile.mkdtemp())
    try:
        folder = engagement(place / "a")
        for name, content in files.items():
            target = folder / name
            if any(p.is_file() for p in target.parents) or target.is_dir():
                continue  # one name cannot be a file and a folder
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        report = pack(folder, place / "x.age", recipients=[PUBLIC])
        unpack(place / "x.age", place / "b", identities=[f"# my key\n{SECRET}\n"])
        assert tree(place / "b") == {k: v for k, v in tree(folder).items() if k not in report.left_out}
        assert all((folder / name).read_bytes().startswith(b"age-encryption.org/") for name in report.left_out)
        assert sorted(p.name for p in place.iterdir()) == ["a", "b", "x.age"]
    finally:
        shutil.rmtree(place)


def test_the_zip_inside_repeats_and_lists_every_digest(tmp_path: Path):
    folder = engagement(tmp_path / "a", {"b.txt": b"2", "a.txt": b"1"})
    pack(folder, tmp_path / "1.age", recipients=[PUBLIC])
    os.utime(folder / "a.txt", (1, 1))
    pack(folder, tmp_path / "2.age", recipients=[PUBLIC])
    first, second = opened(tmp_path / "1.age"), opened(tmp_path / "2.age")
    assert first.fp.getvalue() == second.fp.getvalue()  # type: ignore[union-attr]
    assert first.namelist() == ["files/a.txt", "files/b.txt", "files/engagement.yaml", "manifest.json"]
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"  # sha256sum of "1"
    assert json.loads(first.read(MANIFEST))["files"]["a.txt"] == digest


def test_build_is_left_out_unless_asked_for_and_packs_and_git_always(tmp_path: Path):
    folder = engagement(tmp_path / "a", {"build/x.html": b"x", ".git/HEAD": b"ref", "deep/build/y": b"y"})
    pack(folder, folder / "old.age", recipients=[PUBLIC])
    report = pack(folder, folder / "new.age", recipients=[PUBLIC])
    assert report.left_out == (".git", "build", "old.age")
    unpack(folder / "new.age", tmp_path / "b", identities=[SECRET])
    assert sorted(p for p, c in tree(tmp_path / "b").items() if c is not None) == ["deep/build/y", "engagement.yaml"]
    pack(folder, tmp_path / "all.age", recipients=[PUBLIC], with_build=True)
    assert "build/x.html" in unpack(tmp_path / "all.age", tmp_path / "c", identities=[SECRET])


def test_a_wrong_passphrase_a_cut_file_and_a_flipped_byte_are_refused_and_leave_nothing(tmp_path: Path):
    pack(engagement(tmp_path / "a", {"x": b"x" * 5000}), tmp_path / "a.age", recipients=[PUBLIC])
    whole = (tmp_path / "a.age").read_bytes()
    step = max(1, len(whole) // 60)
    changed = [whole[:n] for n in range(0, len(whole), step)]
    changed += [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(0, len(whole), step)]
    for content in [*changed, b"", b"PK\3\4", whole + b"x"]:
        (tmp_path / "bad.age").write_bytes(content)
        with pytest.raises(CatalystError, match=r"cannot be opened|is not a pack"):
            unpack(tmp_path / "bad.age", tmp_path / "b", identities=[SECRET])
    with pytest.raises(CatalystError, match="another one"):
        unpack(tmp_path / "a.age", tmp_path / "b", identities=[new_key()[0]])
    with pytest.raises(CatalystError, match="another one"):
        unpack(tmp_path / "a.age", tmp_path / "b", WORDS)
    with pytest.raises(CatalystError, match="AGE-SECRET-KEY"):
        unpack(tmp_path / "a.age", tmp_path / "b", identities=["hello"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "a.age", "bad.age"]


def test_a_passphrase_typed_on_another_keyboard_opens_it(tmp_path: Path):
    pack(engagement(tmp_path / "a"), tmp_path / "a.age", "cinco años después")  # ñ in one character
    assert unpack(tmp_path / "a.age", tmp_path / "b", "cinco an\u0303os despue\u0301s ") == ["engagement.yaml"]


def test_weak_passphrases_are_refused_with_how_to_choose_one(tmp_path: Path):
    for weak in ("summer2027", "aaaaaaaaaaaaaaaa", "121212121212", "a b c d", "           x"):
        assert weakness(weak)
        with pytest.raises(CatalystError, match="five or six words"):
            pack(engagement(tmp_path / "a"), tmp_path / "a.age", weak)
    assert not (tmp_path / "a.age").exists()
    assert weakness(WORDS) is None


def test_nothing_is_ever_overwritten(tmp_path: Path):
    folder = engagement(tmp_path / "a")
    pack(folder, tmp_path / "a.age", recipients=[PUBLIC])
    before = (tmp_path / "a.age").read_bytes()
    with pytest.raises(CatalystError, match="choose another name"):
        pack(folder, tmp_path / "a.age", recipients=[PUBLIC])
    with pytest.raises(CatalystError, match="choose a new folder"):
        unpack(tmp_path / "a.age", folder, identities=[SECRET])
    assert (tmp_path / "a.age").read_bytes() == before
    (tmp_path / "empty").mkdir()
    assert unpack(tmp_path / "a.age", tmp_path / "empty", identities=[SECRET]) == ["engagement.yaml"]


def test_what_could_not_be_restored_elsewhere_is_named_all_at_once(tmp_path: Path):
    folder = engagement(tmp_path / "a", {"con.txt": b"", "a:b": b"", "back\\slash": b"", "dot.": b""})
    (folder / "link").symlink_to("/etc/hosts")
    with pytest.raises(CatalystError, match=r"^5 problems") as refused:
        pack(folder, tmp_path / "a.age", recipients=[PUBLIC])
    assert all(name in str(refused.value) for name in ("con.txt", "a:b", "slash", "dot.", "link: it leads"))
    with pytest.raises(CatalystError, match="not a public key"):
        pack(engagement(tmp_path / "b"), tmp_path / "a.age", recipients=["age1zz"])
    with pytest.raises(CatalystError, match="one of the two"):
        pack(tmp_path / "b", tmp_path / "a.age")
    assert not (tmp_path / "a.age").exists()


SHA_X = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # sha256sum of "x"


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../../x", "C:\\x", "a\\..\\x", "..", "a//b", "\ud800", "nul", "x\0y"]
)
def test_a_pack_whose_names_lead_out_of_the_folder_is_refused(tmp_path: Path, name: str):
    inside = {"files/ok": b"x"}
    bad = hostile(
        tmp_path, inside, {"schema": "pack/1", "files": {"ok": SHA_X, name: SHA_X}, "folders": []}, lambda e: None
    )
    with pytest.raises(CatalystError, match="problem"):
        unpack(bad, tmp_path / "b", identities=[SECRET])
    bad = hostile(tmp_path, inside, {"schema": "pack/1", "files": {"ok": SHA_X}, "folders": [name]}, lambda e: None)
    with pytest.raises(CatalystError, match="problem"):
        unpack(bad, tmp_path / "b", identities=[SECRET])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hostile.age"]


def link(entry: zipfile.ZipInfo) -> None:
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16


GOOD = {"schema": "pack/1", "files": {"a": SHA_X}, "folders": []}
CASES = {
    "a link": ({"files/a": b"x"}, GOOD, link),
    "another content": ({"files/a": b"y"}, GOOD, None),
    "a file too many": ({"files/a": b"x", "files/b": b"x"}, GOOD, None),
    "a file too few": ({}, GOOD, None),
    "a file beside": ({"files/a": b"x", "a": b"x"}, GOOD, None),
    "no manifest": ({"files/a": b"x"}, [], None),
    "a later kind": ({"files/a": b"x"}, GOOD | {"schema": "pack/9"}, None),
    "a deep manifest": ({"files/a": b"x"}, GOOD | {"files": 7}, None),
    "a file as a folder": (
        {"files/a": b"x", "files/a/b": b"x"},
        GOOD | {"files": {"a": SHA_X, "a/b": SHA_X}},
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_pack_that_is_not_as_its_manifest_says_is_refused(tmp_path: Path, case: str):
    members, manifest, change = CASES[case]
    bad = hostile(tmp_path, members, manifest, change or (lambda e: None))
    with pytest.raises(CatalystError):
        unpack(bad, tmp_path / "b", identities=[SECRET])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hostile.age"]


def test_a_bomb_is_stopped_before_it_fills_the_memory(tmp_path: Path):
    zeros = bytes(packing.MAX_TOTAL + 1)
    digest = packing.archive.digest(zeros)
    bad = hostile(
        tmp_path, {"files/a": zeros}, {"schema": "pack/1", "files": {"a": digest}, "folders": []}, lambda e: None
    )
    assert bad.stat().st_size < 1_000_000
    with pytest.raises(CatalystError, match="more than a pack may hold"):
        unpack(bad, tmp_path / "b", identities=[SECRET])
    assert not (tmp_path / "b").exists()


def test_an_engagement_too_large_for_memory_is_refused_in_words(tmp_path: Path):
    folder = engagement(tmp_path / "a")
    with (folder / "video").open("wb") as stream:
        stream.truncate(packing.MAX_TOTAL + 1)
    with pytest.raises(CatalystError, match="a pack holds 20000 files and 200 MB"):
        pack(folder, tmp_path / "a.age", recipients=[PUBLIC])


def test_packing_writes_nothing_readable_anywhere(tmp_path: Path):
    folder = engagement(tmp_path / "a", {"note.txt": b"kittiwake-7" * 40})
    script = f"""
import sys
opened = []
def seen(event, args):
    if event == "open" and isinstance(args[0], str) and ("w" in str(args[1]) or (args[2] or 0) & 3):
        opened.append(args[0])
sys.addaudithook(seen)
from pathlib import Path
from hotline_catalyst.custody.packing import pack
pack(Path("a"), Path("out/a.age"), {WORDS!r})
print([x for x in opened if "__pycache__" not in x and not x.split("out/")[-1].startswith(".writing-")])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["a.age"]
    assert b"kittiwake" not in (tmp_path / "out" / "a.age").read_bytes()
    assert folder.exists()


def test_a_place_where_no_folder_can_be_made_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "engagement.yaml").write_text("name: x\n")
    pack(tmp_path / "e", tmp_path / "a.age", recipients=[PUBLIC])
    (tmp_path / "file").write_text("x")
    with pytest.raises(CatalystError, match="cannot be made: "):
        unpack(tmp_path / "a.age", tmp_path / "file" / "b", identities=[SECRET])
