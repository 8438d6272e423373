"use strict";
// The digits, and the training of one network or two beside each other: from one seed, on the same batches.

const TRAIN = 1437, TEST = 360, PIXELS = 64; // images to train on, then images to test on, as in course.data

// Packed when the site is built: first every image's first pixel, in 0..16, then every image's second; the labels last.
async function unpackDigits(packed) {
  const zipped = new Blob([Uint8Array.from(atob(packed), letter => letter.charCodeAt(0))]);
  const bytes = new Uint8Array(await new Response(zipped.stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
  const count = TRAIN + TEST, images = Array.from({length: count}, (_, i) => Array.from({length: PIXELS}, (_, pixel) => bytes[pixel * count + i]));
  return {images, labels: Array.from(bytes.subarray(PIXELS * count)), ...statistics(images.slice(0, TRAIN))};
}

const grey = pixel => Math.round(pixel / 16 * 255) / 255;

// What normalises an image: the mean training image, and one deviation from it for all pixels.
function statistics(images) {
  const mean = images[0].map((_, pixel) => images.reduce((sum, image) => sum + grey(image[pixel]), 0) / images.length);
  const squares = images.flatMap(image => image.map((value, pixel) => (grey(value) - mean[pixel]) ** 2));
  return {mean, deviation: Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length)};
}

// The inputs of a network: a row for each of the images.
function inputs({mean, deviation}, images) {
  const x = new Matrix(images.length, PIXELS, Float32Array);
  images.forEach((image, i) => x.values.set(image.map((value, pixel) => (grey(value) - mean[pixel]) / deviation), i * PIXELS));
  return x;
}

class Training {
  constructor({pair, seed, batch, epochs}, digits) {
    this.digits = digits;
    this.train = inputs(digits, digits.images.slice(0, TRAIN));
    this.test = inputs(digits, digits.images.slice(TRAIN));
    this.testLabels = digits.labels.slice(TRAIN);
    this.x = new Matrix(batch, PIXELS, Float32Array);
    this.random = generator(-1 - seed); // the batches' own: they are the same whatever the networks draw
    this.stepsPerEpoch = Math.floor(TRAIN / batch);
    this.length = epochs * this.stepsPerEpoch;
    this.step = 0;
    this.learners = pair.map(setting => ({rate: setting.rate, network: mlp(setting, generator(seed)), wrong: 0, curve: [], diverged: 0}));
    this.look();
  }

  // One step of every network that still learns.
  advance() {
    this.next();
    this.step++;
    for (const learner of this.learners.filter(({diverged}) => !diverged)) {
      const {loss, wrong} = learner.network.loss(this.x, this.y);
      if (!Number.isFinite(loss)) learner.diverged = this.step;
      else learner.network.descend(learner.rate, 0.9, 1e-4);
      learner.wrong += wrong;
    }
    if (this.step % this.stepsPerEpoch === 0) this.endEpoch();
  }

  get done() {
    return this.step >= this.length || this.learners.every(({diverged}) => diverged);
  }

  // The next batch. An epoch is a new order of the images; those that fill no batch wait for another one.
  next() {
    const place = this.step % this.stepsPerEpoch, size = this.x.rows;
    if (place === 0) this.order = permutation(TRAIN, this.random);
    const chosen = this.order.slice(place * size, (place + 1) * size);
    chosen.forEach((image, i) => this.x.values.set(this.train.values.subarray(image * PIXELS, (image + 1) * PIXELS), i * PIXELS));
    this.y = chosen.map(image => this.digits.labels[image]);
  }

  // Errors in percent: on the batches of the epoch as they were met, and on the test images at its end.
  endEpoch() {
    this.observe();
    for (const learner of this.learners.filter(({diverged}) => !diverged)) {
      const {wrong} = crossEntropy(learner.network.forward(this.test, false), this.testLabels);
      learner.curve.push({train: 100 * learner.wrong / (this.stepsPerEpoch * this.x.rows), test: 100 * wrong / TEST});
      learner.wrong = 0;
    }
  }

  // A pass without a step shows the layers before training, by the images that come first.
  look() {
    this.x.values.set(this.train.values.subarray(0, this.x.values.length));
    this.y = this.digits.labels.slice(0, this.x.rows);
    for (const {network} of this.learners) {
      network.loss(this.x, this.y);
      for (const {norm} of network.layers) norm?.reset(); // looking is no training
    }
  }

  // What the last step left in the layers, kept before test images or a reader's digit go through them.
  observe() {
    if (this.observed === this.step) return;
    this.observed = this.step;
    for (const learner of this.learners) {
      learner.seen = learner.network.layers.map(layer => ({...layer.statistics(), values: layer.branch.values.slice()}));
    }
  }

  // What the page shows: of each network the errors, its layers, and the values in one of them.
  report(layer) {
    this.observe();
    return this.learners.map(({curve, diverged, seen}) => ({
      curve, diverged, layers: seen.map(({values, ...rest}) => rest), histogram: histogram(seen[Math.min(layer, seen.length) - 1].values),
    }));
  }

  // What each network makes of an image: a share for each of the ten digits.
  classify(image) {
    this.observe();
    return this.learners.map(({network}) => logSoftmax(network.forward(inputs(this.digits, [image]), false).values).map(Math.exp));
  }
}

// Shares of the values in 40 equal parts of [-edge, edge], where edge is the smallest power of two that no value exceeds.
function histogram(values) {
  const finite = values.filter(Number.isFinite), largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const edge = 2 ** Math.ceil(Math.log2(largest || 1)), shares = Array(40).fill(0);
  for (const value of finite) shares[Math.min(39, Math.floor((value / edge + 1) * 20))] += 1 / values.length;
  return {edge, shares};
}
