"""File suffixes of films and of pictures, in lower case, without the dot."""

from __future__ import annotations

FILMS = (
    *("mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg", "ts", "mts", "m2ts", "wmv", "flv", "3gp", "gif"),
    *("h264", "264", "h265", "hevc", "mjpeg", "ogv"),
)
IMAGES = frozenset({"jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp"})
