"""``portal sync`` and ``portal reconcile`` as commands, with the sandbox in Stripe's place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from portal.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from world import World


def run(world: World, *words: str) -> Result:
    folders = [
        str(part) for name in ("content", "output", "state") for part in (f"--{name}", getattr(world.folders, name))
    ]
    return CliRunner().invoke(main, [*words, *folders, "--as-of", world.day.isoformat()])


def test_a_sync_heals_and_reconcile_then_agrees(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True
    world.at_checkout(world.pay().headers["Location"])
    differing = run(world, "reconcile", "--json")
    assert differing.exit_code == 1
    assert json.loads(differing.stdout)["invoices"] == [
        {"invoice": "1042", "currency": "GBP", "here": "0.00", "there": "840.00"}
    ]
    synced = run(world, "sync", "--json")
    assert (synced.exit_code, json.loads(synced.stdout)["entries"]) == (0, 1)
    assert "Paid in full" in world.page()
    again = run(world, "sync", "--since", "2026-01-01")
    assert "since 2026-01-01: the ledger knew them all" in again.stdout
    agreed = run(world, "reconcile")
    assert (agreed.exit_code, "agree to the cent" in agreed.stdout) == (0, True)


def test_without_a_key_and_without_a_sandbox_it_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text('[business]\nname = "Sample"\n', encoding="utf-8")
    words = ["sync", "--content", str(tmp_path), "--output", str(tmp_path / "o"), "--state", str(tmp_path / "s")]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 1
    assert "PORTAL_STRIPE_KEY" in answer.stderr
