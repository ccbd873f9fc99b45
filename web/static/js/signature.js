// A drawn signature: beside the typed name, never instead of it. What is sent is a picture (PNG) of what was drawn.
for (const field of document.querySelectorAll("[data-signing]")) {
  const [canvas, sent] = [field.querySelector("canvas"), field.querySelector("input")];
  const pen = canvas.getContext("2d");
  field.hidden = false;
  const wipe = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    sent.value = "";
  };
  const place = ({ offsetX, offsetY }) => [
    (offsetX * canvas.width) / canvas.clientWidth,
    (offsetY * canvas.height) / canvas.clientHeight,
  ];
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pen, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(canvas).color });
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    const picture = canvas.toDataURL("image/png");
    // What is larger than the server takes is a scribble.
    if (picture.length <= 50_000) sent.value = picture;
    else wipe();
  });
  field.querySelector("[data-wipe]").addEventListener("click", wipe);
}
