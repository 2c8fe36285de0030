"""What the rows of all replicas say of the whole bot, in a line and as figures."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from bot.doctor.findings import Severity
from bot.doctor.serving import state_by
from bot.watching.fleet import Fleet, ReplicaFigures
from bot.watching.gauges import ProcessFigures
from bot.watching.metrics import exposition
from storage.replicas.members import Member
from storage.replicas.roles import Role
from storage.serving.heartbeat import Beat, LastBeat
from storage.serving.seen_replicas import SeenReplicas

ALL = ",".join(Role)


def member(number: int, *, roles: str = ALL, sends: bool = False, version: str = "0.1.0") -> Member:
    return Member(number, f"web{number}:7", "", version, "", roles, 1, 4.0, sends)


def test_a_healthy_fleet_is_a_short_line() -> None:
    fleet = Fleet.of([member(1, sends=True), member(2)], {0: 1, 1: 2})
    assert fleet.line == "2 replicas, web1:7 sends"
    assert fleet.problems == []


def test_the_line_says_which_shards_are_free_and_which_versions_run() -> None:
    fleet = Fleet.of([member(1), member(2, version="0.2.0")], {0: None, 1: 1, 2: 99})
    assert fleet.line == (
        "2 replicas, none sends, 2 of 3 shards of chats are held by none, "
        "their versions differ: 0.1.0, 0.2.0"
    )


def test_each_role_that_no_replica_has_is_named() -> None:
    def problems(*members: Member) -> list[str]:
        return Fleet.of(members, {}).problems

    no_sender = "no replica sends or asks sources: none has the role send"
    nobody_answers = "no replica answers readers: none has the role answer"
    assert problems(member(1, roles="answer")) == [no_sender]
    assert problems(member(1, roles="send", sends=True)) == [nobody_answers]
    assert problems(member(1, roles="send", sends=True), member(2, roles="answer")) == []
    assert problems(member(1, roles="")) == [nobody_answers, no_sender]


def test_health_is_an_error_while_a_role_is_missing_or_none_sends() -> None:
    def health(seen: LastBeat | None, *members: Member, waiting: int = 0) -> tuple[Severity, str]:
        holders = dict.fromkeys(range(2), members[0].id)
        check = state_by(seen, SeenReplicas(members, holders, waiting)).check
        return check.state, check.detail

    fresh = LastBeat(Beat("serving", None, "web1", 7), 1.0)
    stopped = LastBeat(Beat("stopping", None, "web1", 7), 90.0)
    assert health(stopped, member(1, roles="answer")) == (
        Severity.ERROR,
        "no replica sends or asks sources: none has the role send",
    )
    assert health(None, member(1), member(2)) == (
        Severity.ERROR,
        "no replica sends now: 2 replicas, none sends",
    )
    assert health(fresh, member(1, sends=True), waiting=3) == (
        Severity.OK,
        "ok: process 7 on web1 serves, seen 1 s ago; 3 updates wait to be claimed by a replica",
    )


def test_the_metrics_have_the_replica_and_the_whole() -> None:
    members = [member(1, roles="answer", sends=True), member(2, roles="send")]
    fleet = Fleet.of(members, {0: 1, 1: 2, 2: None})
    process = ProcessFigures(25.0, 0, None, replicas=ReplicaFigures(fleet, 1, sends=True))
    text = exposition(None, None, process, shared=5).decode()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "repl" in sample.name or "shar" in sample.name or "role" in sample.name
    }
    assert found == {
        ("onnews_replicas",): 2.0,
        ("onnews_replica_sends",): 1.0,
        ("onnews_replica_shards",): 1.0,
        ("onnews_shards_unheld",): 1.0,
        ("onnews_role_missing", "answer"): 0.0,
        ("onnews_role_missing", "send"): 0.0,
        ("onnews_shared_updates_waiting",): 5.0,
    }
