"""Forms as they go over the wire, right and wrong."""

FILE = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
FORM = "multipart/form-data; boundary=cut"


def form(*parts: tuple[str, bytes], boundary: str = "cut") -> bytes:
    """A form of these parts: the headers of each as text, and its bytes."""
    body = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n" for head, data in parts)
    return body + f"--{boundary}--\r\n".encode()
