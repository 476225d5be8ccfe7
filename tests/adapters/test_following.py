"""Pages in an object store: what changed is copied, what went is removed, and a store that fails is caught up with."""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from s3_server import Bucket, serving

from portal.adapters.following import headers_of
from portal.building.freeze import PageFreezer
from portal.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result
    from world import World


@pytest.fixture
def bucket(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket that the pages of a world are copied to, into a folder of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = Bucket()
    with serving(made) as address:
        settings = (world.folders.content / "portal.toml").read_text(encoding="utf-8")
        world.write("portal.toml", f'{settings}\n[publish]\nto = "s3://pages/bills"\nendpoint = "{address}"\n')
        yield made


@pytest.fixture
def run(world: World) -> Callable[..., Result]:
    folders = world.folders

    def invoke(*arguments: str) -> Result:
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        every = [*arguments, *map(str, where), "--as-of", world.day.isoformat()]
        return CliRunner(env={"PORTAL_STRIPE_KEY": None}).invoke(main, every, catch_exceptions=False)

    return invoke


def published(run: Callable[..., Result], *options: str) -> Any:  # noqa: ANN401  JSON
    result = run("publish", "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def there(world: World) -> dict[str, bytes]:
    """What the bucket ought to hold."""
    files = (path for path in world.folders.output.rglob("*") if path.is_file() and path.name[0] not in "._")
    return {f"bills/{path.relative_to(world.folders.output)}": path.read_bytes() for path in files}


def bodies(bucket: Bucket) -> dict[str, bytes]:
    return {key: body for key, (body, _headers) in bucket.objects.items()}


def test_a_build_copies_what_changed_and_removes_what_went(
    world: World, bucket: Bucket, run: Callable[..., Result]
) -> None:
    bucket.objects["bills/foreign.html"] = (b"not the portal's", {})
    world.invoice("1043")
    assert run("build").exit_code == 0
    del bucket.objects["bills/foreign.html"]
    assert bodies(bucket) == there(world)
    page = f"bills/{world.open().path_of('1043').strip('/')}/index.html"
    assert bucket.objects[page][1] == {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "private, no-store"}
    bucket.calls.clear()
    world.invoice("1043", total="99.00")
    run("build")
    puts = [key for method, key in bucket.calls if method == "PUT"]
    assert page in puts
    assert len(puts) < len(bucket.objects) / 2
    assert bodies(bucket) == there(world)


def test_a_page_that_goes_from_the_folder_goes_from_the_bucket_and_is_tried_again(
    world: World, bucket: Bucket, run: Callable[..., Result]
) -> None:
    settings = (world.folders.content / "portal.toml").read_text(encoding="utf-8")
    world.write("portal.toml", settings.replace("[portal]", '[portal]\nlanguages = ["en", "de"]'))
    run("build")
    assert bodies(bucket) == there(world)
    before = set(bucket.objects)
    world.write("portal.toml", settings)
    bucket.refuse = lambda method, _key: method == "DELETE"
    told = run("build")
    assert "Access Denied" in told.stderr
    assert "rights that docs/hosting.md names" in " ".join(told.stderr.split())
    bucket.refuse = lambda _method, _key: False
    assert published(run)["removed"] > 0
    assert bodies(bucket) == there(world)
    assert before - set(bucket.objects)


def test_a_payment_reaches_the_bucket_before_its_page_counts_as_done(
    world: World, bucket: Bucket, run: Callable[..., Result]
) -> None:
    run("build")
    page = f"bills/{world.open().path_of('1042').strip('/')}/index.html"
    with world.open().ledger.transaction() as tx:
        tx.enqueue_freeze("1042")
    bucket.refuse = lambda method, _key: method == "PUT"
    told = run("record", "1042", "840.00", "--on", "2026-11-20", "--by", "cash", "--reference", "till")
    assert "did not do what was asked" in told.stderr
    assert world.open().token_of("1042") not in told.stderr, "the address of a page is its key"
    assert world.open().ledger.stale_invoices() == ("1042",)
    bucket.refuse = lambda _method, _key: False
    PageFreezer(world.open()).freeze_stale()
    assert world.open().ledger.stale_invoices() == ()
    assert b"Paid in full" in bucket.objects[page][0]


def test_a_run_that_was_cut_short_goes_on(world: World, bucket: Bucket, run: Callable[..., Result]) -> None:
    refused = f"bills/{world.open().path_of('1042').strip('/')}/index.html"
    bucket.refuse = lambda method, key: (method, key) == ("PUT", refused)
    shown = run("publish")
    assert shown.exit_code == 1
    assert "AccessDenied" in shown.stderr or "403" in shown.stderr
    bucket.refuse = lambda _method, _key: False
    bucket.calls.clear()
    assert published(run, "--dry-run") | {"to": ""} == {
        "to": "", "dry_run": True, "changed": 0, "removed": 0, "new": 1
    }  # fmt: skip
    assert published(run)["new"] == 1
    assert [key for method, key in bucket.calls if method == "PUT"] == [refused]
    assert bodies(bucket) == there(world)


def test_what_the_bucket_has_lost_is_copied_again(world: World, bucket: Bucket, run: Callable[..., Result]) -> None:
    published(run)
    lost, cut = sorted(key for key in bucket.objects if key.endswith(".html"))[:2]
    del bucket.objects[lost]
    bucket.objects[cut] = (b"half", {})
    found = published(run)
    assert (found["new"], found["changed"]) == (1, 1)
    assert bodies(bucket) == there(world)
    assert published(run, "--all")["changed"] == len(bucket.objects)


def test_without_a_store_or_its_extra_it_is_said(
    world: World, bucket: Bucket, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *others: Any) -> Any:  # noqa: ANN401  as Python has it
        if name.startswith("obstore"):
            raise ImportError(name)
        return real(name, *others)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert "extra `s3` is not installed" in run("publish").stderr
    monkeypatch.undo()
    assert bucket.objects == {}
    world.write("portal.toml", '[business]\nname = "Sample Business"\n')
    assert "No object store is set up" in run("publish").stderr


def test_headers() -> None:
    assert headers_of("i/x/invoice.pdf")["Content-Type"] == "application/pdf"
    assert headers_of("logo.svg")["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert headers_of("odd")["Content-Type"] == "application/octet-stream"
