"""What a killed process left in the system's temporary folder is swept, and nothing else."""

import os
import subprocess
import sys

from nktrade.files.temporary import lend_folder, make_folder, sweep_folders


def test_only_old_folders_of_processes_that_are_no_more_are_swept(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {
        f"nktrade-{ended.pid}-abc": True,
        f"nktrade-{os.getpid()}-abc": False,  # alive
        f"nktrade-{ended.pid}-new": False,  # of this hour
        "nktrade-report": False,
        "mine": False,
    }
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text("x")
        if not name.endswith("new"):
            os.utime(tmp_path / name, (1e9, 1e9))
    (tmp_path / f"nktrade-{ended.pid}-link").symlink_to(tmp_path / "mine")
    swept = [path.name for path in sweep_folders(tmp_path)]
    assert swept == [name for name, old in names.items() if old]
    assert (tmp_path / "mine" / "a.csv").exists()
    assert {path.name for path in tmp_path.iterdir()} >= {n for n, old in names.items() if not old}


def test_a_folder_bears_its_process():
    folder = make_folder()
    assert folder.name.startswith(f"nktrade-{os.getpid()}-")
    folder.rmdir()


def test_a_folder_that_is_lent_goes_with_what_is_in_it(tmp_path):
    with lend_folder(str(tmp_path)) as folder:
        (folder / "socket").write_text("x")
        assert folder.name.startswith(f"nktrade-{os.getpid()}-")
    assert list(tmp_path.iterdir()) == []
