"use strict";
// The network as columns, one a layer: height and colour are what a layer's value is.
// y: {from, to, ticks, text, label}; values: one a layer, null where there is none, which `nothing` explains; before: the same, pale.
function drawColumns(svg, {y, values, before, nothing, look, chosen}) {
  const {width, height} = svg.getBoundingClientRect();
  if (!width) return;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const left = 44, top = 24, bottom = height - 20, apart = Math.min(40, (width - left - 4) / values.length), wide = apart * 0.8;
  const share = value => Math.min(1, Math.max(0, (value - y.from) / (y.to - y.from)));
  const toY = value => bottom - (bottom - top) * share(value), toX = i => left + apart * i;
  put(svg, "text", {class: "name", x: 0, y: 13}, y.label);
  for (const tick of y.ticks) {
    put(svg, "line", {class: "grid", x1: left, x2: width, y1: toY(tick), y2: toY(tick)});
    put(svg, "text", {class: "tick", x: left - 6, y: toY(tick) + 4, "text-anchor": "end"}, y.text(tick));
  }
  values.forEach((value, i) => {
    const column = put(svg, "g", {class: `column ${look}`, "data-layer": i + 1});
    put(column, "rect", {class: i + 1 === chosen ? "chosen" : "room", x: toX(i), y: top, width: apart, height: bottom - top});
    if (value === null) put(column, "path", {class: "mark", d: `M${toX(i) + apart / 2 - 3} ${bottom - 8}l6 6m0 -6l-6 6`});
    else {
      column.style.setProperty("--share", `${100 * share(value)}%`);
      put(column, "rect", {class: "stem", x: toX(i) + apart / 2 - wide / 2, y: toY(value), width: wide, height: bottom - toY(value)});
      put(column, "rect", {class: "cap", x: toX(i) + apart / 2 - wide / 2, y: toY(value) - 2, width: wide, height: 4});
    }
    if ((before[i] ?? null) !== null) put(column, "line", {class: "before", x1: toX(i) + 1, x2: toX(i) + apart - 1, y1: toY(before[i]), y2: toY(before[i])});
    if (i === 0 || (i + 1) % (values.length > 12 ? 10 : 1) === 0) put(svg, "text", {class: "tick", x: toX(i) + apart / 2, y: bottom + 15, "text-anchor": "middle"}, i + 1);
  });
  put(svg, "line", {class: "axis", x1: left, x2: toX(values.length), y1: bottom, y2: bottom});
  if (values.includes(null)) put(svg, "text", {class: "note", x: left + 6, y: bottom - 12}, `× ${nothing}`);
}
