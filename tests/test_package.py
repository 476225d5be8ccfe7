"""The portal away from its checkout: a package has all that it needs, and works on an owner's folder from there."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "portal"


def files_of_the_package() -> set[Path]:
    """Those behind the link to ``static/`` too."""
    walked = os.walk(PACKAGE, followlinks=True)
    files = {Path(folder, name) for folder, _folders, names in walked for name in names}
    return {path for path in files if "__pycache__" not in path.parts and path.suffix != ".pyc"}


def test_every_file_belongs_to_the_package() -> None:
    """What a page is made from must not stay behind in the checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["portal"]
    taken = {path for pattern in patterns for path in PACKAGE.glob(pattern if "**" not in pattern else f"{pattern}/*")}
    modules = {path for path in files_of_the_package() if path.suffix == ".py"}
    assert {path for path in files_of_the_package() if path not in taken | modules} == set()
    assert {path.parent for path in modules if not (path.parent / "__init__.py").is_file()} == set()


@pytest.mark.skipif(find_spec("setuptools") is None, reason="setuptools is not installed: the package cannot be made")
def test_it_builds_an_owners_pages_from_there(tmp_path: Path) -> None:
    """Made as ``pip install`` makes it, in a place where nothing of the checkout is at hand."""
    made, business = tmp_path / "made", tmp_path / "my business"
    asked = ("egg_info", "--egg-base", tmp_path, "build", "--build-base", tmp_path / "work", "--build-lib", made)
    run(ROOT, "from setuptools import setup; setup()", *map(str, asked), at=None)
    assert {path.relative_to(ROOT) for path in files_of_the_package()} == {
        path.relative_to(made) for path in made.rglob("*") if path.is_file()
    }
    portal = "from portal.cli import main; main(prog_name='portal')"
    run(tmp_path, portal, "init", str(business), "--name", "Sample", at=made)
    (business / "content" / "invoices" / "_example.md").rename(business / "content" / "invoices" / "1001.md")
    told = run(business, portal, "build", at=made)
    assert "1 read: 1 open" in told
    assert (business / "build" / "terms" / "index.html").is_file()


def run(folder: Path, program: str, *words: str, at: Path | None) -> str:
    """Run a program with these words in a folder; ``at`` is where the portal is imported from."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "PYTHONPATH"))}
    where = {"PYTHONPATH": str(at)} if at else {}
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *words],
        cwd=folder, env=clean | where, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
