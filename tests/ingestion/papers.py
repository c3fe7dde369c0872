"""The smallest PDFs that show one thing each, written by hand."""

from collections.abc import Mapping, Sequence

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Courier"}
GLASS = "/ExtGState << /GS << /ca 0.3 /BM /Multiply >> >>"
"""What markers are painted with: ``/GS gs``."""
Text = tuple[float, float, float, str, str]
"""Left, baseline and size in points; font; what is written, in Windows-1252."""


def pdf(
    *pages: Sequence[Text | bytes],
    title: str = "",
    raw: Mapping[int, tuple[bytes, bytes]] | None = None,
    rotate: int = 0,
    outline: Sequence[tuple[int, str]] = (),
) -> bytes:
    """A PDF of A4 pages; bytes stand for themselves as drawing orders.

    Args:
        raw: page -> entries of the content stream's dictionary, and its packed bytes.
        rotate: by how many degrees a viewer turns the pages clockwise.
        outline: page, counted from 0, and title of each bookmark.
    """
    numbers = [3 + len(FONTS) + 2 * n for n in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    fonts = " ".join(f"/{name} {3 + n} 0 R" for n, name in enumerate(FONTS))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()]
    for name in FONTS.values():
        objects.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode())
    for number, page in zip(numbers, pages, strict=True):
        head = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {rotate}"
        objects.append(f"{head} /Resources << /Font << {fonts} >> {GLASS} >> /Contents {number + 1} 0 R >>".encode())
        drawn = b"\n".join(item if isinstance(item, bytes) else _text(*item) for item in page)
        entries, content = (raw or {}).get(numbers.index(number), (b"", drawn))
        objects.append(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content))
    first = len(objects) + 2
    for n, (page, name) in enumerate(outline):
        following = f"/Next {first + n + 1} 0 R" if n + 1 < len(outline) else ""
        entry = f"<< /Title ({name}) /Parent {first - 1} 0 R {following} /Dest [{numbers[page]} 0 R /Fit] >>"
        objects.append(entry.encode("cp1252"))
    if outline:
        ends = f"/First {first} 0 R /Last {first + len(outline) - 1} 0 R /Count {len(outline)}"
        objects.insert(first - 2, f"<< /Type /Outlines {ends} >>".encode())
        objects[0] = f"<< /Type /Catalog /Pages 2 0 R /Outlines {first - 1} 0 R >>".encode()
    objects.append(f"<< /Title ({title}) >>".encode())
    return _file(objects)


def _text(left: float, base: float, size: float, font: str, text: str) -> bytes:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")
    return f"BT /{font} {size} Tf {left} {base} Td (".encode() + escaped + b") Tj ET"


def _file(objects: Sequence[bytes]) -> bytes:
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R >>" % (size, len(objects))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        trailer,
        len(data),
    )


def lines(*texts: str, top: float = 700, size: float = 11, font: str = "F1", left: float = 72) -> list[Text]:
    """Lines one below the other, at the usual distance."""
    return [(left, top - n * 1.25 * size, size, font, text) for n, text in enumerate(texts)]
