// Files go up as they are chosen, pasted or dropped, with progress; without this they go with the form.
{
  const hidden = (name, value) => make("input", { type: "hidden", name, value });
  // The draft has it too.
  const changed = (within) => within.dispatchEvent(new Event("input", { bubbles: true }));
  const removable = (line, input) => {
    const onclick = () => {
      line.remove();
      input.focus();
      changed(input);
    };
    const textContent = input.dataset.gone;
    line.append(make("button", { type: "button", className: "button quiet slim", textContent, onclick }));
  };
  const send = (file, line, input) => {
    const bar = line.appendChild(make("progress", { max: 1, value: 0 }));
    const request = new XMLHttpRequest();
    request.open("POST", "/files");
    request.setRequestHeader("HX-Request", "true");
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onloadend = () => {
      bar.remove();
      const answer = JSON.parse(request.responseText || "{}");
      if (request.status === 201) line.append(hidden("file_ids", answer.id), hidden("file_names", answer.name));
      else line.append(` ${input.dataset.failed}: ${answer.detail ?? input.dataset.away}`);
      removable(line, input);
      changed(line);
    };
    const body = new FormData();
    body.append("file", file);
    request.send(body);
  };
  for (const within of document.querySelectorAll("[data-files]")) {
    const input = within.querySelector("input[type=file]");
    const list = within.querySelector("[data-chosen]");
    for (const line of list.children) removable(line, input);
    const take = (files) => {
      for (const file of files) {
        const line = list.appendChild(make("li", { className: "file" }));
        line.append(make("bdi", { textContent: file.name }));
        send(file, line, input);
      }
    };
    input.addEventListener("change", () => {
      take(input.files);
      input.value = "";
    });
    within.addEventListener("paste", ({ clipboardData }) => take(clipboardData.files));
    within.addEventListener("dragover", (event) => event.preventDefault());
    within.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      take(event.dataTransfer.files);
    });
  }
}
