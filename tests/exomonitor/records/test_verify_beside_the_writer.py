"""Verification on threads of its own, several at once, while the writer writes: it finds what is, and harms nothing."""

from __future__ import annotations

import threading

from exomonitor.records import verify
from exomonitor.records.findings import Finding
from exomonitor.records.verify import verify_database
from tests.exomonitor.records.record_samples import fill, make_database, recording


def test_several_verifications_at_once_beside_the_writer_agree(tmp_path, clock):
    path = tmp_path / "data" / "clinic.sqlite3"
    verify._expected_schema.cache_clear()  # the first ones make the schema afresh, all at once
    found: list[list[Finding] | Exception] = []

    def look() -> None:
        try:
            found.append(verify_database(path))
        except Exception as cause:  # noqa: BLE001 - the test's own edge
            found.append(cause)

    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 2)
        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        written = 0
        while any(thread.is_alive() for thread in threads):
            fill(recorder, clock, 1, f"s-{written + 2}")
            written += 1
        for thread in threads:
            thread.join()
    assert found == [[]] * 4
    assert written > 0
    assert verify_database(path) == []
