// On-site work: the board renews itself unless somebody is at it; a signature is drawn; buttons copy a free time.
(() => {
  // The board: what changed is announced politely; it is put in place only when neither the pointer nor the
  // focus is on the board, so that nothing moves under anybody's hand.
  const board = document.querySelector("[data-board]");
  if (board) {
    let isOver = false;
    board.addEventListener("pointerenter", () => { isOver = true; });
    board.addEventListener("pointerleave", () => { isOver = false; renew(); });
    board.addEventListener("focusout", () => setTimeout(renew, 0));
    const isBusy = () => isOver || (board.contains(document.activeElement) && document.activeElement !== board);
    function renew() {
      const show = board.querySelector("[data-board-show]");
      if (show && !isBusy() && document.visibilityState === "visible") show.click();
    }
    document.addEventListener("htmx:after:swap", renew);
    document.addEventListener("visibilitychange", renew);
  }

  // The signature: drawn with a finger, a pen or the mouse; the picture travels in a hidden field.
  const canvas = document.querySelector("canvas[data-signature]");
  if (canvas) {
    const field = document.getElementById(canvas.dataset.signature);
    const pen = canvas.getContext("2d");
    let last = null;
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = "#10214a";
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      last = place(event);
      pen.beginPath();
      pen.arc(last[0], last[1], 2, 0, 7);
      pen.fillStyle = pen.strokeStyle;
      pen.fill();
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const next = place(event);
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...next);
      pen.stroke();
      last = next;
    });
    const end = () => {
      if (last) field.value = canvas.toDataURL("image/png");
      last = null;
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    document.querySelector("[data-signature-clear]")?.addEventListener("click", () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = "";
    });
  }

  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
})();
