"""Draws a picture anew as WebP (Pillow): that removes metadata such as the place where it was taken, and whatever else a file
may hide beside the picture. `redraw` does it in a process with limits, because decoders can be made to take any time and memory.
"""

from __future__ import annotations

import io
import warnings

from newsletter.errors import InputError
from newsletter.http import confined

# Before and after a JPEG is read at a fraction of its size, which costs little; the largest cameras have 60 million.
MOST_PIXELS, MOST_DECODED = 64_000_000, 16_000_000
WIDEST, HIGHEST = 1280, 1600
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# Of 16 million pixels a decoder holds 64 MB, some of them twice.
CPU_SECONDS, SECONDS, MEMORY = 6, 20.0, 400_000_000


def redraw(content: bytes) -> bytes:
    """`redrawn` in a process of its own. Raises InputError too where it takes too much time or memory."""
    return confined.work(__name__, content, (), cpu_seconds=CPU_SECONDS, memory=MEMORY, seconds=SECONDS)


def redrawn(content: bytes) -> bytes:
    """The picture as WebP of at most 1280 by 1600 pixels, its first frame. Raises InputError where it is none of `FORMATS`."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        _check(picture.size, MOST_PIXELS)
        picture.draft("RGB", (WIDEST, HIGHEST))
        _check(picture.size, MOST_DECODED)
        drawn = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
        drawn.thumbnail((WIDEST, HIGHEST))
        out = io.BytesIO()
        drawn.save(out, "WEBP", quality=82)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise InputError("this is no picture in PNG, JPEG, GIF or WebP, or too large a one") from error
    return out.getvalue()


def _check(size: tuple[int, int], most: int) -> None:
    if size[0] * size[1] > most:
        raise InputError(f"the picture has {size[0]} by {size[1]} pixels: that is too much")


if __name__ == "__main__":
    confined.serve(redrawn)
