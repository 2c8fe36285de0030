"""What is in the wheel and in the source archive, by what builds them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def held(builder: type[SdistBuilder | WheelBuilder]) -> set[str]:
    return {file.distribution_path for file in builder(str(ROOT)).recurse_included_files()}


@pytest.mark.parametrize("builder", [SdistBuilder, WheelBuilder])
def test_a_release_has_all_of_the_program_and_no_text_of_others_that_only_tests_read(
    builder: type[SdistBuilder | WheelBuilder],
) -> None:
    files = held(builder)
    assert {
        "bot/__init__.py",
        "handlers/typed/cities.tsv.gz",
        "news/text/language_model.gz",
        "templates/locales/it.po",
    } <= files
    left_out = {"tests", "train", "bench", "docs", "playground"}
    assert not {path for path in files if path.split("/")[0] in left_out}


def test_both_carry_the_licence_and_the_notice() -> None:
    assert {"LICENSE", "NOTICE"} <= {*WheelBuilder(str(ROOT)).metadata.core.license_files}
