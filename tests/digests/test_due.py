"""When a digest is due."""

import datetime as dt
import itertools
from zoneinfo import available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.digests.due import LEAST_GAP, digest_date, due_at, next_digest, patience_is_over
from newsletter.values.readers import Reader

ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right")))


def reader(**changes: object) -> Reader:
    values: dict[str, object] = {"id": 1, "language": "en", "timezone": "UTC", "hour": 8, "topics": ("nerf",)}
    return Reader(**(values | changes))  # type: ignore[arg-type]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_nothing_is_due_before_the_chosen_hour() -> None:
    new = reader(confirmed_at=at("2026-11-20T20:00"))
    assert digest_date(reader(confirmed_at=at("2026-11-21T01:00")), now=at("2026-11-21T07:59")) is None
    assert digest_date(new, now=at("2026-11-21T08:00")) == dt.date(2026, 11, 21)


def test_the_hour_is_that_of_the_readers_wall() -> None:
    tokyo = reader(timezone="Asia/Tokyo", hour=7)
    assert digest_date(tokyo, now=at("2026-11-20T22:00")) == dt.date(2026, 11, 21)


def test_a_day_that_has_its_digest_gets_no_other() -> None:
    assert digest_date(reader(last_period=dt.date(2026, 11, 21)), now=at("2026-11-21T09:00")) is None


def test_a_digest_missed_late_in_the_evening_leaves_after_midnight() -> None:
    late = reader(hour=23, last_period=dt.date(2026, 11, 19))
    assert digest_date(late, now=at("2026-11-21T02:00")) == dt.date(2026, 11, 20)
    assert digest_date(late, now=at("2026-11-21T11:00")) is None


def test_two_digests_keep_their_distance_after_a_change_of_zone() -> None:
    moved = reader(timezone="Asia/Shanghai", mailed_at=at("2026-11-20T13:00"), last_period=dt.date(2026, 11, 20))
    assert digest_date(moved, now=at("2026-11-21T00:30")) is None
    assert digest_date(moved, now=at("2026-11-21T01:00")) == dt.date(2026, 11, 21)


def test_days_of_the_week_that_were_not_chosen_bring_nothing() -> None:
    weekdays = reader(weekdays=(0, 1, 2, 3, 4), last_period=dt.date(2026, 11, 20))
    assert digest_date(weekdays, now=at("2026-11-21T09:00")) is None
    assert digest_date(weekdays, now=at("2026-11-23T09:00")) == dt.date(2026, 11, 23)


def test_an_hour_that_the_clock_skips_counts_as_the_one_after() -> None:
    assert due_at(reader(timezone="Europe/Berlin", hour=2), dt.date(2026, 3, 29)) == at("2026-03-29T01:00")


def test_an_empty_digest_waits_for_a_late_announcement_only_so_long() -> None:
    assert not patience_is_over(reader(), dt.date(2026, 11, 21), now=at("2026-11-21T10:59"))
    assert patience_is_over(reader(), dt.date(2026, 11, 21), now=at("2026-11-21T11:00"))


def test_a_zone_that_this_machine_does_not_know_reads_as_utc() -> None:
    assert due_at(reader(timezone="Mars/Olympus"), dt.date(2026, 11, 21)) == at("2026-11-21T08:00")


@given(zone=st.sampled_from(ZONES), hour=st.integers(0, 23), start=st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 1)))
def test_over_a_fortnight_of_ticks_each_local_date_has_one_digest(zone: str, hour: int, start: dt.date) -> None:
    now = dt.datetime.combine(start, dt.time(), tzinfo=dt.UTC)
    now_reader = reader(timezone=zone, hour=hour, confirmed_at=now)
    sent: list[dt.date] = []
    moments: list[dt.datetime] = []
    for _ in range(14 * 24 * 2):
        date = digest_date(now_reader, now=now)
        if date is not None:
            sent.append(date)
            moments.append(now)
            now_reader = reader(timezone=zone, hour=hour, confirmed_at=now_reader.confirmed_at, mailed_at=now, last_period=date)
        now += dt.timedelta(minutes=30)
    assert sent == sorted(set(sent))
    assert len(sent) in (13, 14, 15)
    assert all(later - earlier >= LEAST_GAP for earlier, later in itertools.pairwise(moments))


HOURS = st.none() | st.integers(-72, 72)


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    mailed=HOURS,
    confirmed=HOURS,
    pause=st.none() | st.integers(-3, 9),
    last=st.none() | st.integers(-3, 1),
)
@example(zone="Africa/Abidjan", hour=0, weekdays={0}, mailed=None, confirmed=60, pause=None, last=None)
def test_the_next_digest_is_told_for_just_the_moment_at_which_one_is_planned(
    zone: str, hour: int, weekdays: set[int], mailed: int | None, confirmed: int | None, pause: int | None, last: int | None
) -> None:
    now, day = at("2026-10-24T12:00"), dt.date(2026, 10, 24)

    def since(hours: int | None) -> dt.datetime | None:
        return None if hours is None else now + dt.timedelta(hours=hours)

    def on(days: int | None) -> dt.date | None:
        return None if days is None else day + dt.timedelta(days=days)

    one = reader(
        timezone=zone, hour=hour, weekdays=tuple(weekdays), mailed_at=since(mailed), confirmed_at=since(confirmed),
        paused_until=on(pause), last_period=on(last),
    )  # fmt: skip
    told = next_digest(one, now=now)
    assert told is not None
    ticks = (now + dt.timedelta(minutes=15 * tick) for tick in range(20 * 24 * 4))
    planned = next((digest_date(one, now=tick), tick) for tick in ticks if digest_date(one, now=tick))
    assert told[0] == planned[0]
    assert told[1] <= planned[1] < told[1] + dt.timedelta(minutes=15)


def test_a_long_pause_is_told_to_its_end() -> None:
    told = next_digest(reader(paused_until=dt.date(2027, 11, 20)), now=at("2026-11-21T12:00"))
    assert told == (dt.date(2027, 11, 20), at("2027-11-20T08:00"))
