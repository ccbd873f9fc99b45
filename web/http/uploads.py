"""Files that come with a form, or before it as they are chosen."""

import secrets

from starlette.datastructures import UploadFile

from web.http.forms import FILES, Form
from web.http.refusals import sentence
from web.http.sending import ask
from web.http.visits import Visit


async def take_in_files(visit: Visit, form: Form) -> bool:
    """Hands in the files of the form, and adds their ids to those that were handed in before it (`file_ids`). False
    where one is refused: the form then says which, and why."""
    for place, file in enumerate(form.files):
        content, kind = await _multipart(file)
        headers = [(b"content-type", kind), (b"idempotency-key", f"{form.key}-{place}".encode())]
        ending = await ask(visit, "POST", "/files", content, headers)
        if ending.done:
            form.lists.setdefault(FILES, []).append(ending.body["id"])
            form.names[ending.body["id"]] = ending.body["name"]
        else:
            said = sentence(visit, ending.code, str(ending.body["detail"]))
            form.errors["files"] = f"{file.filename}: {said}"
    form.files = []
    return "files" not in form.errors


async def _multipart(file: UploadFile) -> tuple[bytes, bytes]:
    """The file alone as a multipart body, and its content type (RFC 7578)."""
    boundary = secrets.token_hex(16)
    name = (file.filename or "file").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    kind = file.content_type or "application/octet-stream"
    content = b"".join(
        (f"{head}Content-Type: {kind}\r\n\r\n".encode(), await file.read(), f"\r\n--{boundary}--\r\n".encode())
    )
    return content, f"multipart/form-data; boundary={boundary}".encode()
