"use strict";
// A line chart in SVG, drawn in the size it has on the page, so that its type stays legible on a telephone.
// How it looks is written in explorers.css; this file says where things lie.

function put(parent, tag, attributes, text = "") {
  const node = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

// x, y: {from, to, ticks, label, text}, where text(tick) is what stands at a tick; y.nothing: what it means that a y is missing.
// lines: [{look, points, band, label}] with points [[x, y], ...], null for a y that is missing, and band [[x, low, high], ...];
// look: the classes of explorers.css that give colour, dash and marker; label: [name, value], what stands at the line's right end, or nothing.
// rules: [{x or y, text}], lines across the plot.  reading: {at, text}, the x whose values the labels tell, or nothing.
// Returns where the plot lies: {left, right} in pixels.
function drawChart(svg, {x, y, lines, rules = [], reading}) {
  const {width, height} = svg.getBoundingClientRect();
  if (!width) return {left: 0, right: 0}; // not shown now
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const labels = lines.filter(line => line.label);
  const longest = texts => Math.max(...texts.map(words => write(svg, "", 0, 0, words).getComputedTextLength()));
  const left = longest(y.ticks.map(tick => [y.text(tick)])) + 12, right = width - longest([[x.label], ...labels.map(line => line.label)]) - (labels.length ? 42 : 34);
  const top = 32, bottom = height - 24;
  svg.replaceChildren();
  const toX = value => left + (right - left) * (value - x.from) / (x.to - x.from);
  const toY = value => bottom - (bottom - top) * (value - y.from) / (y.to - y.from);
  const path = points => points.map(([a, b], i) => `${i ? "L" : "M"}${toX(a).toFixed(1)} ${toY(Math.max(b, y.from)).toFixed(1)}`).join("");
  for (const tick of y.ticks) {
    put(svg, "line", {class: "grid", x1: left, x2: right, y1: toY(tick), y2: toY(tick)});
    put(svg, "text", {class: "tick", x: left - 8, y: toY(tick) + 4, "text-anchor": "end"}, y.text(tick));
  }
  for (const tick of x.ticks) {
    put(svg, "line", {class: "axis", x1: toX(tick), x2: toX(tick), y1: bottom, y2: bottom + 4});
    put(svg, "text", {class: "tick", x: toX(tick), y: bottom + 17, "text-anchor": "middle"}, x.text(tick));
  }
  put(svg, "line", {class: "axis", x1: left, x2: right, y1: bottom, y2: bottom});
  put(svg, "text", {class: "name", x: 0, y: 13}, y.label);
  put(svg, "text", {class: "name", x: right + 32, y: bottom + 19}, x.label);
  for (const rule of rules) {
    const upright = "x" in rule, [x1, x2, y1, y2] = upright ? [toX(rule.x), toX(rule.x), top, bottom] : [left, right, toY(rule.y), toY(rule.y)];
    put(svg, "line", {class: "rule", x1, x2, y1, y2});
    put(svg, "text", {class: "note", x: upright ? x1 : left + 4, y: upright ? top - 9 : y1 - 4, "text-anchor": upright ? "middle" : "start"}, rule.text);
  }

  const clip = put(svg, "clipPath", {id: `${svg.id}-clip`});
  put(clip, "rect", {x: left - 6, y: top, width: right - left + 12, height: bottom - top + 6});
  const plot = put(svg, "g", {"clip-path": `url(#${svg.id}-clip)`});
  for (const {look, points, band = []} of lines) {
    if (band.length) put(plot, "path", {class: `band ${look}`, d: path([...band.map(([a, low]) => [a, low]), ...band.toReversed().map(([a, , high]) => [a, high])]) + "Z"});
    put(plot, "path", {class: `line ${look}`, d: pieces(points).map(path).join("")});
    const apart = Math.ceil(points.length / 6);
    points.forEach(([a, b], i) => (i % apart === 0 || i === points.length - 1) && b !== null && mark(plot, look, toX(a), toY(b)));
    for (const [a, b] of points) if (b === null && y.nothing) put(plot, "path", {class: `mark ${look}`, d: `M${toX(a) - 3} ${bottom - 3}l6 6m0 -6l-6 6`});
  }
  if (y.nothing && lines.some(({points}) => points.some(([, b]) => b === null))) put(svg, "text", {class: "note", x: left + 4, y: bottom - 9}, `× ${y.nothing}`);
  if (reading) put(svg, "line", {class: "reading", x1: toX(reading.at), x2: toX(reading.at), y1: top, y2: bottom});
  if (reading) put(svg, "text", {class: "note", x: right + 32, y: top - 9}, reading.text);
  for (const {look, points} of reading ? labels : []) {
    const read = points.find(([a]) => a === reading.at)[1];
    if (read !== null) mark(plot, `${look} read`, toX(reading.at), toY(read));
  }
  name(svg, labels.map(line => ({...line, y: toY(Math.min(y.to, line.points.findLast(([, b]) => b !== null)?.[1] ?? y.from))})), right, top, bottom);
  return {left, right};
}

// The stretches of a line between its missing points.
function pieces(points) {
  const found = [[]];
  for (const point of points) point[1] === null ? found.push([]) : found.at(-1).push(point);
  return found.filter(piece => piece.length);
}

function mark(parent, look, x, y) {
  if (look.includes("square")) put(parent, "rect", {class: `mark ${look}`, x: x - 3, y: y - 3, width: 6, height: 6});
  if (look.includes("circle")) put(parent, "circle", {class: `mark ${look}`, cx: x, cy: y, r: 3.3});
}

// Labels at the lines' ends, pushed apart until each has room; a piece of the line leads to its label.
function name(svg, labels, x, top, bottom) {
  const room = 16;
  labels.sort((a, b) => a.y - b.y);
  const places = labels.map(label => label.y);
  for (let i = 0; i < places.length; i++) places[i] = Math.max(places[i], i ? places[i - 1] + room : top);
  for (let i = places.length - 1; i >= 0; i--) places[i] = Math.min(places[i], i < places.length - 1 ? places[i + 1] - room : bottom - 4);
  labels.forEach(({look, label, y}, i) => {
    put(svg, "path", {class: `lead ${look}`, d: `M${x + 5} ${y}L${x + 11} ${places[i]}L${x + 28} ${places[i]}`});
    write(svg, look, x + 32, places[i] + 4, label);
  });
}

function write(svg, look, x, y, [name, value = ""]) {
  const text = put(svg, "text", {class: `label ${look}`, x, y}, name);
  if (value) put(text, "tspan", {class: "value", dx: 6}, value);
  return text;
}

// Ticks at round numbers, at most so many.
function ticks(from, to, most) {
  const power = 10 ** Math.floor(Math.log10((to - from) / most));
  const step = power * [1, 2, 5, 10].find(times => (to - from) / (power * times) <= most);
  return Array.from({length: Math.floor((to - from) / step + 1e-9) + 1}, (_, i) => from + i * step);
}

// What sitetools/parts/packing.py packed: whole numbers, so many of which are one; null for what is missing.
function unpack(values, one) {
  return values.map(value => value === null ? null : value / one);
}

// Numbers as the course writes them: -8 -> "10⁻⁸", and 3.2e-40 -> "3.2 × 10⁻⁴⁰", two digits with a power of ten where it helps.
function powerOfTen(exponent) {
  return exponent ? `10${String(exponent).replace(/./g, digit => digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}` : "1";
}

function scientific(value) {
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return value === 0 || (value >= 1e-3 && value < 1e5) ? value.toLocaleString("en-GB", {maximumSignificantDigits: 2}) : `${mantissa}\u00a0×\u00a0${powerOfTen(Number(exponent))}`;
}

// "a, b and c"
function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

// Begin an explorer when a reader comes near it: its records are fetched then and not before. They come as a script, which
// declares them: a page that was opened from a folder may load no other data.
function explore(name, begin) {
  const root = document.getElementById(`explorer-${name}`), records = document.createElement("script");
  records.src = document.currentScript.src.replace(".js", "-data.js");
  records.addEventListener("load", () => {
    begin(root.querySelector("form"), root.querySelector("svg"), root.querySelector("output"));
    root.classList.add("ready");
  });
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(entry => entry.isIntersecting)) return;
    observer.disconnect();
    document.head.append(records);
  }, {rootMargin: "100%"}).observe(root);
}

// The form is the state of an explorer: draw whenever a control moves or the drawing changes its size, and never send the form.
function watch(form, svg, draw) {
  form.addEventListener("input", draw);
  form.addEventListener("submit", event => event.preventDefault());
  new ResizeObserver(draw).observe(svg);
}
