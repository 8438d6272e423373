"use strict";
// The worker: it trains while the page stays free to draw. PACKED, the digits, stands before this code.

const unpacked = unpackDigits(PACKED), loop = new MessageChannel();
const FACTS = ["step", "length", "stepsPerEpoch", "done"]; // of a training
let training, number, running = false, turn = 0, layer = 1, image = null, every = 100, told = 0, spent = 0, steps = 0;

// What the page may ask for, by name.
const ORDERS = {
  build(setting, digits) {
    training = new Training(setting, digits);
    ({layer, number} = setting);
    running = false;
    spent = steps = 0;
  },
  run({on, milliseconds}) { // and tell of it once in so many milliseconds
    running = on && !training.done;
    every = milliseconds;
    if (running) loop.port2.postMessage(++turn);
  },
  step: () => training.done || training.advance(),
  layer: number => { layer = number; },
  classify: pixels => { image = pixels.some(Boolean) && pixels; }, // now and whenever something is told
  sample: (number, {images, labels}) => postMessage({sample: {pixels: images[TRAIN + number % TEST], label: labels[TRAIN + number % TEST]}}),
};

onmessage = async ({data: [order, what]}) => {
  ORDERS[order](what, await unpacked);
  tell();
};

// One step, then a message to itself: whatever the page has asked meanwhile comes first.
loop.port1.onmessage = ({data}) => {
  if (!running || data !== turn) return;
  const start = performance.now();
  training.advance();
  spent += performance.now() - start;
  steps++;
  running = !training.done;
  if (!running || performance.now() - told > every) tell();
  if (running) loop.port2.postMessage(turn);
};

function tell() {
  told = performance.now();
  const facts = Object.fromEntries(FACTS.map(name => [name, training[name]]));
  const networks = training.report(layer), shares = image && training.classify(image);
  postMessage({...facts, number, running, networks, shares, seconds: steps > 5 ? spent / steps * training.stepsPerEpoch / 1000 : 0});
}
