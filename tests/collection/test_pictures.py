"""Pictures of entries are kept here, small, drawn anew, and asked for once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from newsletter.collection.pictures import MOST_BYTES, Pictures
from newsletter.collection.redrawing import FORMATS, redraw, redrawn
from newsletter.errors import InputError
from newsletter.http.public_pages import Fetcher
from tests.collection.fake_site import FakeSite
from tests.waiting import PATIENCE


def drawn(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


@pytest.fixture
def fake() -> Iterator[FakeSite]:
    with FakeSite() as found:
        yield found


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path / "pictures", Fetcher("", loopback=True))


def test_a_picture_is_fetched_once_and_shown_from_here(fake: FakeSite, pictures: Pictures) -> None:
    fake.pages["/a.png"] = ("image/png", drawn())
    url = f"{fake.url}/a.png"
    assert pictures.address(url) == ""
    assert [pictures.keep([url, url], seconds=PATIENCE), pictures.keep([url], seconds=PATIENCE)] == [1, 0]
    address = pictures.address(url)
    assert address.startswith("/collection/images/")
    path = pictures.path(address.rpartition("/")[2])
    assert path is not None
    assert Image.open(io.BytesIO(path.read_bytes())).format == "WEBP"
    assert fake.asked == ["/a.png"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("image/svg+xml", b"<svg/>"), ("text/html", b"<p>"),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 40), ("image/png", drawn()[:60]), ("image/png", b"x" * (MOST_BYTES + 5)),
        ("image/png", drawn("BMP")),
    ],
)  # fmt: skip
def test_what_is_no_small_raster_picture_is_not_kept_and_not_asked_for_again(
    fake: FakeSite, pictures: Pictures, kind: str, body: bytes
) -> None:
    fake.pages["/a.png"] = (kind, body)
    url = f"{fake.url}/a.png"
    assert [pictures.keep([url], seconds=PATIENCE), pictures.keep([url], seconds=PATIENCE)] == [0, 0]
    assert pictures.address(url) == ""
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        *(("PNG", (16_000, 16_000)), ("PNG", (60_000, 1_000)), ("GIF", (6_000, 9_000)), ("WEBP", (16_000, 16_000))),
        *(("JPEG", (16_000, 16_000)), ("JPEG", (60_000, 1_000))),
    ],
)
def test_a_small_file_of_a_huge_picture_is_refused_before_it_is_unpacked(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=r"pixels|too large"):
        redraw(huge(kind, size))


def test_a_photograph_of_a_large_camera_is_taken() -> None:
    assert redraw(huge("JPEG", (6_000, 9_000)))  # read at a fraction of its size, it costs no more than a small one


@cache
def huge(kind: str, size: tuple[int, int]) -> bytes:
    """A picture of one colour: the file is small, what it stands for is not."""
    return drawn(kind, size, mode="RGB" if kind in ("WEBP", "JPEG") else "L")


def test_a_picture_as_large_as_is_taken_fits_the_limits_of_its_process() -> None:
    for kind in FORMATS:
        assert redraw(drawn(kind, (4_000, 4_000), mode="RGB"))


def test_a_large_picture_is_made_smaller_and_what_follows_it_is_dropped() -> None:
    made = redrawn(drawn("JPEG", (3000, 1000)) + b"<script>alert(1)</script>")
    assert b"script" not in made
    assert Image.open(io.BytesIO(made)).size == (1280, 427)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_the_usual_kinds_are_taken(kind: str) -> None:
    assert redrawn(drawn(kind))


def test_no_name_leads_out_of_the_folder(pictures: Pictures, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    assert pictures.path("../secret") is None
    assert pictures.path("/etc/passwd") is None
