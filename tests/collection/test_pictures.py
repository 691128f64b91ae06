"""Pictures of entries are kept here, small, drawn anew, and asked for once."""

from __future__ import annotations

import io
import struct
import zlib
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
    # The quickest way of those that WebP knows, which other kinds pass over.
    Image.new(mode, size).save(out, kind, method=0)
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
        *(("PNG", (16_000, 16_000)), ("PNG", (60_000, 1_000)), ("GIF", (6_000, 9_000)), ("WEBP", (8_000, 7_000))),
        *(("JPEG", (16_000, 16_000)), ("JPEG", (60_000, 1_000))),
    ],
)
def test_a_small_file_of_a_huge_picture_is_refused_before_it_is_unpacked(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=r"pixels|too large"):
        redraw(huge(kind, size))


def gif(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """A picture whose one frame has another size than the file says of it."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\x00;"


def png(kind: bytes, before: bytes) -> bytes:
    """A picture of one pixel with a part that unpacks to twenty million letters."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head, pixel = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), zlib.compress(b"\0\0")
    parts = (part(b"IHDR", head), part(kind, before + zlib.compress(b"a" * 20_000_000)), part(b"IDAT", pixel), part(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


MADE_TO_GROW = {
    "a frame beyond its screen": gif((1, 1), (60_000, 60_000)),
    "a frame a little beyond": gif((1, 1), (9_000, 9_000)),
    "a packed comment": png(b"zTXt", b"c\0\0"),
    "a packed comment in UTF-8": png(b"iTXt", b"c\0\1\0\0\0"),
    "a packed profile of colours": png(b"iCCP", b"c\0\0"),
    "a script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a packed drawing": zlib.compress(b"<svg/>" * 1000),
    "AVIF": b"\0\0\0 ftypavif\0\0\0\0avifmif1miafMA1B",
    "HEIC": b"\0\0\0 ftypheic\0\0\0\0mif1heic",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
}


@pytest.mark.parametrize("kind", MADE_TO_GROW)
def test_a_picture_that_is_made_to_grow_or_to_run_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match="picture"):
        redrawn(MADE_TO_GROW[kind])


def test_a_photograph_of_a_large_camera_is_taken() -> None:
    assert redraw(huge("JPEG", (6_000, 9_000)))  # read at a fraction of its size, it costs no more than a small one


@cache
def huge(kind: str, size: tuple[int, int]) -> bytes:
    """A picture of one colour: the file is small, what it stands for is not."""
    return drawn(kind, size, mode={"PNG": "1", "GIF": "L"}.get(kind, "RGB"))


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
