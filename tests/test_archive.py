"""A crash leaves the old file or the new one; the same content gives the same bytes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from hotline_catalyst import archive
from hotline_catalyst.errors import CatalystError


def test_a_file_is_written_whole_with_its_folders(tmp_path):
    path = archive.write_text(tmp_path / "a" / "b" / "note.txt", "line\nخط\n")
    assert path.read_bytes() == "line\nخط\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["note.txt"]


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = archive.write_text(tmp_path / "plan.txt", "old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(CatalystError, match=r"plan.txt cannot be written: disk full. Choose another place"):
        archive.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "dir.xlsx").mkdir()
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "dir.xlsx", tmp_path / "file" / "a.txt"):
        with pytest.raises(CatalystError, match="cannot be written"):
            archive.write_text(path, "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dir.xlsx", "file"]


@pytest.mark.skipif(os.name == "nt", reason="needs a umask")
@pytest.mark.parametrize(("mask", "open_to"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_file_is_as_open_as_the_umask_says_and_answers_are_their_owners_alone(tmp_path, mask, open_to):
    before = os.umask(mask)
    try:
        plan = archive.write_text(tmp_path / "plan.txt", "plan")
        answers = archive.write_text(tmp_path / "responses" / "NGO-1.json", "{}")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert plan.stat().st_mode & 0o777 == open_to
    assert answers.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_writer_leaves_one_whole_version(tmp_path):
    path = tmp_path / "plan.bin"
    loop = (
        "import sys, pathlib, itertools\nfrom hotline_catalyst.archive import write_bytes\n"
        "for c in itertools.cycle((b'a', b'b')): write_bytes(pathlib.Path(sys.argv[1]), c * 2_000_000)\n"
    )
    for pause in (0.005, 0.011, 0.023):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen([sys.executable, "-c", loop, str(path)])
        try:
            while not path.exists():
                time.sleep(0.001)
            time.sleep(pause)
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        content = path.read_bytes()
        assert content in (b"a" * 2_000_000, b"b" * 2_000_000)
    archive.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_sweep_takes_only_what_a_killed_process_left(tmp_path):
    keep = [tmp_path / ".writing-notes.txt", tmp_path / "answers.tmp", tmp_path / "sub" / "x.json"]
    left = [tmp_path / ".writing-abc.tmp", tmp_path / "sub" / ".writing-def.tmp"]
    (tmp_path / "sub").mkdir()
    for path in [*keep, *left]:
        path.write_text("x")
    archive.sweep(tmp_path)
    assert [p.exists() for p in keep] == [True] * 3
    assert [p.exists() for p in left] == [False] * 2


def zipped(day: int, mode: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        for name in ("[Content_Types].xml", "b.xml", "a.xml"):
            entry = zipfile.ZipInfo(name, (2027, 3, day, 12, 0, 0))
            entry.external_attr = mode << 16
            book.writestr(entry, f"content of {name}" * 50)
    return stream.getvalue()


def test_the_same_content_gives_the_same_zip_whenever_it_was_made():
    first, second = (archive.normalised_zip(zipped(*made)) for made in ((1, 0o600), (9, 0o777)))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert book.namelist() == ["[Content_Types].xml", "b.xml", "a.xml"]
        assert book.read("a.xml") == b"content of a.xml" * 50


def test_a_digest_is_that_of_the_standard(tmp_path):
    path = archive.write_bytes(tmp_path / "abc", b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, example B.1
    assert archive.digest(b"abc") == archive.file_digest(path) == known
