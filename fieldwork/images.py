"""Whether bytes are a PNG or JPEG picture, told by their content and never by a name. PURE."""

import struct
import zlib
from typing import NamedTuple

PNG = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 50_000_000
MOST_RAW = 64 * 1024 * 1024
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class NoImage(ValueError):
    """These bytes are no picture of the two kinds."""


class Picture(NamedTuple):
    kind: str  # "png" or "jpeg"
    width: int
    height: int
    is_blank: bool  # of a PNG: every pixel is nothing


def read(data: bytes) -> Picture:
    """What kind of picture it is; NoImage for everything else, broken ones and giants too."""
    if data.startswith(PNG):
        found = _png(data)
    elif data.startswith(b"\xff\xd8\xff"):
        found = _jpeg(data)
    else:
        raise NoImage
    if not 0 < found.width * found.height <= MOST_PIXELS:
        raise NoImage
    return found


def _png(data: bytes) -> Picture:
    chunks = _chunks(data)
    head = chunks.get(b"IHDR", b"")
    if len(head) != 13 or b"IDAT" not in chunks or b"IEND" not in chunks:
        raise NoImage
    width, height, depth, colour = struct.unpack(">IIBB", head[:10])
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16) or not 0 < width * height <= MOST_PIXELS:
        raise NoImage
    row = 1 + (width * depth * CHANNELS[colour] + 7) // 8
    if row * height > MOST_RAW:
        raise NoImage
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(chunks[b"IDAT"], row * height + 1)
    except zlib.error:
        raise NoImage from None
    if head[12] == 0 and len(raw) != row * height:
        raise NoImage
    return Picture("png", width, height, not any(any(raw[n + 1 : n + row]) for n in range(0, len(raw), row)))


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks by their type, joined where there are several, their checksums checked."""
    found: dict[bytes, bytes] = {}
    at = len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if len(body) != length or data[at + 8 + length : at + 12 + length] != struct.pack(
            ">I", zlib.crc32(kind + body)
        ):
            raise NoImage
        found[kind] = found.get(kind, b"") + body
        at += 12 + length
        if kind == b"IEND":
            break
    return found


def _jpeg(data: bytes) -> Picture:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            raise NoImage
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            if data.rstrip(b"\0\n")[-2:] != b"\xff\xd9":
                raise NoImage
            return Picture("jpeg", width, height, is_blank=False)
        at += 2 + length
    raise NoImage
