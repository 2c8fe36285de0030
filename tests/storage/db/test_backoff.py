from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.db.backoff import Backoff


def test_each_pause_is_longer_by_the_factor_up_to_the_limit() -> None:
    backoff = Backoff(first=1.0, longest=60.0)
    assert [backoff.pause(retries) for retries in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert Backoff(first=1.0, longest=3600.0, factor=8.0).pause(4) == 3600.0


@given(retries=st.integers())
def test_a_pause_is_never_shorter_than_the_first_nor_longer_than_the_longest(retries: int) -> None:
    assert 0.5 <= Backoff(first=0.5, longest=30.0).pause(retries) <= 30.0
