"""The numbers of a session as columns: the same as reading for reading, also over a cuff, a gap and a restart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from exomonitor.records.queries import SqlArchive
from tests.exomonitor.records.record_samples import SESSION, make_database, reading, recording
from tests.exomonitor.slow_series import slow_series

NAMES = ("hr", "spo2", "nibp_sys", "rr")


def test_the_columns_are_what_the_readings_are(tmp_path, clock):
    path, began = tmp_path / "clinic.sqlite3", clock.now()
    with recording(make_database(path, clock)) as recorder:
        for number in range(30):
            now = clock.advance(1.25)
            rows = [reading(now, "hr", 70.0 + number), reading(now, "spo2", None if number % 5 else 97.0)]
            rows.append(reading(now, "temp", 36.6))
            rows.append(reading(now, "hr", 1.0, session="another"))
            if number % 7 == 0:
                rows.append(replace(reading(now, "nibp_sys", 120.0 + number), measured_at=now.plus(-3.0)))
            if number > 20:
                rows = [replace(row, at=replace(row.at, boot_id="restarted", mono_ns=5)) for row in rows]
            recorder.submit([], rows).result()
    archive = SqlArchive(path)
    found, slow = archive.series(SESSION, began, NAMES), slow_series(archive.readings(SESSION), began, NAMES)
    assert found.keys() == slow.keys() == set(NAMES)
    for name in NAMES:
        for columns, expected in zip(found[name], slow[name], strict=True):
            assert columns.dtype == np.float64
            assert np.allclose(columns, expected, rtol=0, atol=1e-9)
    assert [found[name][0].size for name in NAMES] == [30, 6, 5, 0]
    assert found["hr"][0][0] == 1.25 / 60
