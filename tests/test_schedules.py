"""The schedules in docs/running.md are what cron and systemd take, and name commands that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from portal.cli import main

RUNNING = (Path(__file__).parents[1] / "docs" / "running.md").read_text(encoding="utf-8")
CRON_LINE = re.compile(r"(\d+|\*) (\d+|\*) \* \* \*  (.+)")


def blocks(kind: str) -> list[str]:
    """The code blocks of a kind."""
    found: list[str] = re.findall(rf"```{kind}\n(.*?)```", RUNNING, re.DOTALL)
    return found


def test_every_line_for_cron_is_one(tmp_path: Path) -> None:
    (text,) = blocks("cron")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in lines:
        found = CRON_LINE.fullmatch(line)
        assert found, line
        assert not re.search(r"(?<!\\)%", found[3]), "cron takes a bare % for the end of the line"
        script = tmp_path / "line.sh"
        script.write_text(found[3].replace("\\%", "%"))
        assert subprocess.run(["/bin/sh", "-n", script], check=False).returncode == 0
        assert set(re.findall(r"portal (\w+)", found[3])) <= main.commands.keys()
    assert len(lines) == 3


def test_every_unit_for_systemd_is_one(tmp_path: Path) -> None:
    service, timer = blocks("ini")
    for text in (service, timer):
        ConfigParser(strict=False).read_string(text)
    assert set(re.findall(r"bin/portal (\w+)", service)) == {"collect", "build"}
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze here to read the units")
    (tmp_path / "portal-daily.service").write_text(re.sub(r"=/srv/portal/.venv/bin/portal", "=/bin/true", service))
    (tmp_path / "portal-daily.timer").write_text(timer)
    when = re.search(r"OnCalendar=(.*)", timer)
    assert when
    for command in (["verify", *map(str, sorted(tmp_path.iterdir()))], ["calendar", when[1]]):
        read = subprocess.run([program, *command], capture_output=True, text=True, timeout=60, check=False)
        assert read.returncode == 0, read.stderr
