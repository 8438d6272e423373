"use strict";
// Random numbers from a seed, and the initialisations that are drawn from them.

// Uniform in [0, 1): Tommy Ettinger's mulberry32.
function generator(seed) {
  return () => {
    seed = seed + 0x6D2B79F5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, seed | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

// From N(0, 1), by Box and Muller.
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

// A random order of 0, 1, ..., count - 1.
function permutation(count, random) {
  const order = Array.from({length: count}, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function fill({values}, deviation, random) {
  for (let i = 0; i < values.length; i++) values[i] = deviation * normal(random);
}

// Those of course.networks. A weight matrix has a row for each unit and a column for each of its inputs.
const INITIALISATIONS = {
  normal: (weight, random) => fill(weight, 0.01, random),
  xavier: (weight, random) => fill(weight, Math.sqrt(2 / (weight.rows + weight.columns)), random),
  he: (weight, random) => fill(weight, Math.sqrt(2 / weight.columns), random),
  // Normal vectors, each made orthogonal to those before it and of length one: rows, or columns where these are fewer.
  orthogonal(weight, random) {
    const {rows, columns, down, right} = weight.rows <= weight.columns ? weight : weight.transposed, vectors = [];
    for (let i = 0; i < rows; i++) {
      let vector = Float64Array.from({length: columns}, () => normal(random));
      for (const other of [...vectors, ...vectors]) { // twice: the first time leaves rounding errors
        const share = other.reduce((sum, value, j) => sum + value * vector[j], 0);
        vector = vector.map((value, j) => value - share * other[j]);
      }
      const length = Math.hypot(...vector);
      vectors.push(vector.map(value => value / length));
      vectors[i].forEach((value, j) => { weight.values[i * down + j * right] = value; });
    }
  },
};
