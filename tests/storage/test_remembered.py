"""Results that are computed once for a taxonomy."""

from __future__ import annotations

from storage.model.remembered import remembered


def test_a_result_is_made_once_for_the_same_categories_and_again_for_equal_ones() -> None:
    asked: list[dict[str, int]] = []

    @remembered
    def slugs(categories: dict[str, int]) -> list[str]:
        asked.append(categories)
        return [*categories]

    one, equal, other = {"motor": 1}, {"motor": 1}, {"style": 2}
    assert slugs(one) is slugs(one)
    assert slugs(equal) == ["motor"]
    assert slugs(other) == ["style"]
    assert slugs(one) == ["motor"]
    assert [*map(id, asked)] == [*map(id, (one, equal, other, one))]
