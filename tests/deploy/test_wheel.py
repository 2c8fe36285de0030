"""The contents of the wheel and of the source archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def held(builder: type[SdistBuilder | WheelBuilder]) -> set[str]:
    return {file.distribution_path for file in builder(str(ROOT)).recurse_included_files()}


@pytest.mark.parametrize("builder", [SdistBuilder, WheelBuilder])
def test_a_release_has_the_whole_program_and_no_test_data(
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


def test_wheel_and_source_archive_carry_licence_and_notice() -> None:
    assert {"LICENSE", "NOTICE"} <= {*WheelBuilder(str(ROOT)).metadata.core.license_files}
