"use strict";
// A pad of 8 by 8 pixels to draw a digit on, in the sixteen shades of the data. Calls changed(pixels) when a stroke has ended,
// and say(words) where a reader moves by the keyboard: arrow keys, and Space to ink a pixel or to clear it.
function drawingPad(svg, {changed, say}) {
  const SIDE = 8, INK = 16, pixels = Array(SIDE * SIDE).fill(0);
  const cells = pixels.map((_, i) => put(svg, "rect", {x: i % SIDE, y: Math.floor(i / SIDE), width: 1, height: 1}));
  let at = 0, last = null;

  // What is drawn, or what is given instead.
  function show(given = pixels) {
    given.forEach((value, i) => {
      pixels[i] = value;
      cells[i].setAttribute("fill-opacity", value / INK);
    });
  }

  // A round brush: full ink up to half a pixel from its middle, none from one and a half.
  function brush({x, y}) {
    pixels.forEach((value, i) => {
      const away = Math.hypot(i % SIDE + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
      pixels[i] = Math.max(value, Math.round(INK * Math.min(1, Math.max(0, 1.5 - away))));
    });
  }

  const place = ({clientX, clientY}) => {
    const {left, top, width} = svg.getBoundingClientRect();
    return {x: (clientX - left) / width * SIDE, y: (clientY - top) / width * SIDE};
  };

  svg.addEventListener("pointerdown", event => {
    svg.setPointerCapture(event.pointerId);
    last = place(event);
    brush(last);
    show();
  });
  svg.addEventListener("pointermove", event => {
    if (!last) return;
    const next = place(event), {x, y} = last;
    for (let t = 0.1; t <= 1; t += 0.1) brush({x: x + t * (next.x - x), y: y + t * (next.y - y)});
    last = next;
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, () => {
      if (last) changed(pixels);
      last = null;
    });
  }
  svg.addEventListener("keydown", event => {
    const column = at % SIDE, row = Math.floor(at / SIDE);
    if (event.key === " ") {
      pixels[at] = pixels[at] ? 0 : INK;
      show();
      changed(pixels);
    } else if (event.key === "ArrowLeft" && column > 0) at--;
    else if (event.key === "ArrowRight" && column < SIDE - 1) at++;
    else if (event.key === "ArrowUp" && row > 0) at -= SIDE;
    else if (event.key === "ArrowDown" && row < SIDE - 1) at += SIDE;
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    cells.forEach((cell, i) => cell.classList.toggle("at", i === at));
    say(`Row ${Math.floor(at / SIDE) + 1}, column ${at % SIDE + 1}, ${pixels[at] ? "inked" : "empty"}.`);
  });
  show();
  return show;
}
