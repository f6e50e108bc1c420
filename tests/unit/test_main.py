"""The copies of the packaged notebooks: made once, and then the user's."""

from pathlib import Path

import pytest

from burr_chat_widget.__main__ import copy_missing


def test_what_a_user_changed_is_kept_and_what_is_missing_is_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "packaged", tmp_path / "copies"
    for name in ("a.ipynb", "b.ipynb", "data/c.txt", ".ipynb_checkpoints/a-checkpoint.ipynb"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"packaged {name}")

    copy_missing(source, target)
    (target / "a.ipynb").write_text("mine")
    (target / "data/c.txt").unlink()
    capsys.readouterr()
    copy_missing(source, target)

    assert (target / "a.ipynb").read_text() == "mine"
    assert (target / "data/c.txt").read_text() == "packaged data/c.txt"
    said = capsys.readouterr().out.splitlines()[1:]
    assert [line.split(" (")[0] for line in said] == [
        "  a.ipynb: yours, kept",
        "  b.ipynb: there already",
        "  data/c.txt: copied",
    ]
    assert not (target / ".ipynb_checkpoints").exists()
