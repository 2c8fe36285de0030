"""The bill of materials of a release."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

from deploy.bill import run_with
from tests.deploy.installed import listed

ROOT = Path(__file__).parents[2]


def test_the_bill_has_the_licence_and_the_locked_hashes_of_each_package(tmp_path: Path) -> None:
    wheel = tmp_path / "on_news.whl"
    wheel.write_bytes(b"a wheel")
    printed = subprocess.run(  # noqa: S603  # this Python
        [sys.executable, "-m", "deploy.bill", str(wheel)],
        cwd=ROOT,
        env={"SOURCE_DATE_EPOCH": "1767225600"},
        capture_output=True,
        check=True,
    ).stdout
    made = json.loads(printed)
    ours, others = made["metadata"]["component"], made["components"]
    assert made["metadata"]["timestamp"] == "2026-01-01T00:00:00+00:00"
    assert (ours["name"], ours["licenses"]) == ("on-news", [{"expression": "Apache-2.0"}])
    whole = hashlib.sha256(b"a wheel").hexdigest()
    assert ours["hashes"] == [{"alg": "SHA-256", "content": whole}]
    versions = {name: package.version for name, package in run_with().items()}
    assert {each["name"]: each["version"] for each in others} == versions
    licences = {canonicalize_name(name): licence for name, licence in listed().items()}
    lock = (ROOT / "requirements" / "run.txt").read_text()
    for each in others:
        assert each["licenses"] == [{"expression": licences[each["name"]]}]
        start = lock.index(f"\n{each['name']}=={each['version']}")
        block = re.split(r"\n(?=\S)", lock[start + 1 :], maxsplit=1)[0]
        locked = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
        assert [one["content"] for one in each["hashes"]] == locked != []
    refs = {ours["bom-ref"], *(each["bom-ref"] for each in others)}
    graph = {each["ref"]: each["dependsOn"] for each in made["dependencies"]}
    assert set(graph) == refs
    assert {each for needed in graph.values() for each in needed} == refs - {ours["bom-ref"]}
