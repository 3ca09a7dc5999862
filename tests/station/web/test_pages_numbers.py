"""Numbers in addresses that no row has: every page answers that it is not there."""

from __future__ import annotations

import re

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from helpers.station_served import Served
from screener.station.web.app import PAGES

NUMBERS = ("0", "-1", str(2**31), "9" * 20, "9" * 5000, "1e9", "%00")


def _addresses() -> list[str]:
    """Every page that is read and has a number in its address."""
    routes: list[BaseRoute] = [route for one in PAGES for route in one.router.routes]
    return sorted(
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in route.methods and re.search(r"\{\w+_id\}", route.path)
    )


def test_a_number_that_no_row_has_is_not_there(station: Served) -> None:
    browser = station.signed_in("owner")
    addresses = _addresses()
    assert len(addresses) >= 6
    for number in NUMBERS:
        for address in addresses:
            found = browser.get(re.sub(r"\{\w+_id\}", number, address) + f"?before={number}&now={number}")
            assert found.status_code in (400, 404), (address, number)
        for address in (f"/log?before={number}", f"/people?at={number}"):
            assert browser.get(address).status_code in (200, 400, 404), (address, number)
