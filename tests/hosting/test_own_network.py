from __future__ import annotations

import pytest

from portal.hosting.own_network import is_nearby


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
        "http://192.168.1.20:8000",
        "http://10.0.0.7",
        "http://[fd00::1]:8000",
        "http://nas:8000",
        "http://portal.localhost:8000",
        "http://office.local",
    ],
)
def test_addresses_of_this_machine_and_its_network(address: str) -> None:
    assert is_nearby(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://pay.example.com",
        "http://pay.example.com:8000",
        "http://8.8.8.8",
        "https://[2606:4700::1]",
        "https://localhost.example.com",
        "https://127.0.0.1.example.com",
    ],
)
def test_addresses_that_customers_can_open(address: str) -> None:
    assert not is_nearby(address)
