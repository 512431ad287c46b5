"""Progress where there is no terminal: silence, and after a while one plain line."""

import threading

from foundation import progress as module
from foundation.progress import progress


def test_short_work_says_nothing(capsys):
    with progress("unpacking", 100, "picture") as advance:
        for _ in range(100):
            advance(1)
    assert capsys.readouterr() == ("", "")


def test_long_work_says_how_far_it_is_and_how_long_it_takes(capsys, monkeypatch):
    clock = iter([0.0, 10.0, 40.0, 41.0, 80.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with progress("unpacking", 12_000, "picture") as advance:
        for _ in range(4):
            advance(2000)
    out, error = capsys.readouterr()
    assert out == "" and error.splitlines() == [
        "unpacking: 4,000 of 12,000, 100 picture/s, 1 min left",
        "unpacking: 8,000 of 12,000, 100 picture/s, 1 min left",
    ]


def test_threads_may_tell_at_once(capsys, monkeypatch):
    monkeypatch.setattr(module, "LINE_EVERY", -1.0)
    with progress("unpacking", 400, "picture") as advance:
        threads = [threading.Thread(target=lambda: [advance(1) for _ in range(100)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert "400 of 400" in capsys.readouterr().err.splitlines()[-1]
