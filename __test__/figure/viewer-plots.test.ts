// What the viewer's plots are computed with, each against a simpler way to the same result.
import test from 'ava';
import { bandsOf } from '../../packages/viewer/src/plots/bands.ts';
import { cloudProjection, projectPoint } from '../../packages/viewer/src/plots/cloud.ts';
import { paintCounts, pointCounts } from '../../packages/viewer/src/plots/dense-points.ts';
import { densityColors, pixelOf, rgbOf, shareOf } from '../../packages/viewer/src/plots/density.ts';
import { chosenOf, chosenText, rangeOf, rangeText } from '../../packages/viewer/src/plots/neuron-choice.ts';
import { paintBand } from '../../packages/viewer/src/plots/paint-band.ts';
import { recordedIn, unrecordedIn, wholeRange } from '../../packages/viewer/src/plots/recorded-neurons.ts';
import { moved, within, zoomed } from '../../packages/viewer/src/plots/zooming.ts';
import { linesOf, traceGroups } from '../../packages/viewer/src/recording/trace-choice.ts';
import { TimeModel } from '../../packages/viewer/src/time/time-model.ts';
import { lowerBound } from '../../src-ts/view/plots/bisection.ts';
import { envelope } from '../../src-ts/view/plots/envelope.ts';
import { EventFrameCounter } from '../../src-ts/view/plots/event-frame.ts';
import { EventIndex } from '../../src-ts/view/plots/event-index.ts';
import { EventSample } from '../../src-ts/view/plots/event-sample.ts';
import { packTimes, unpackTimes } from '../../src-ts/view/plots/packed-times.ts';
import { countSpikes, spikesPerBin, timesOf } from '../../src-ts/view/plots/spike-counts.ts';
import { random } from '../support/numbers.ts';

/** Spikes of 50 neurons over 100 ms at multiples of 0.1 ms, sorted by time. */
function spikes(count: number) {
  const next = random(7);
  const all = Array.from({ length: count }, () => ({
    time: Math.floor(next() * 1000) / 10,
    id: Math.floor(next() * 50),
  })).sort((a, b) => a.time - b.time);
  return {
    times: Float64Array.from(all, ({ time }) => time),
    ids: Uint32Array.from(all, ({ id }) => id),
    length: count,
  };
}

test('points that cover each other are counted by pixel, and painted over a transparent ground', (t) => {
  const next = random(11);
  const [width, height, count] = [37, 23, 4000];
  const x = Float32Array.from({ length: count }, () => next() * 45 - 4);
  const y = Float32Array.from({ length: count }, () => next() * 31 - 4);
  [x[0], y[0]] = [Number.NaN, 5];
  for (const size of [1, 2, 3]) {
    const counts = pointCounts({ x, y }, width, height, size);
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const covers = (i: number) => {
          const [left, top] = [Math.round(x[i]! - size / 2), Math.round(y[i]! - size / 2)];
          const isWhole = left >= 0 && top >= 0 && left + size <= width && top + size <= height;
          return isWhole && column >= left && column < left + size && row >= top && row < top + size;
        };
        const expected = Array.from({ length: count }, (_, i) => i).filter(covers).length;
        if (counts[row * width + column] !== expected) t.fail(`${size}: ${row}, ${column}`);
      }
    const image = { data: new Uint8ClampedArray(4 * width * height) };
    paintCounts(image, counts, { paper: '#ffffff', color: '#0072b2', alpha: 0.4 });
    const dense = counts.indexOf(Math.max(...counts));
    // The densest pixel has the whole color, an empty one none.
    t.deepEqual([...image.data.subarray(4 * dense, 4 * dense + 4)], [0x00, 0x72, 0xb2, 102]);
    for (const [i, one] of counts.entries()) t.is(image.data[4 * i + 3], one === 0 ? 0 : 102);
  }
});

test('bisection finds what a walk finds', (t) => {
  const next = random(1);
  for (let n = 0; n < 40; n++) {
    const values = Array.from({ length: n }, () => Math.floor(next() * 20)).sort((a, b) => a - b);
    for (let bound = -1; bound <= 20; bound++) {
      const walked = values.findIndex((value) => value >= bound);
      t.is(lowerBound(values, bound), walked === -1 ? n : walked);
    }
  }
  t.is(lowerBound([1, 1, 5, 9], 1, 1, 3), 1, 'only within the given part');
  t.is(lowerBound([1, 1, 5, 9], 9, 0, 2), 2);
});

test('spikes of a window are counted by pixel', (t) => {
  const all = spikes(3000);
  for (const [from, to, first, last, columns, rows] of [
    [0, 100, 0, 50, 40, 50],
    [12.3, 47.9, 5, 31, 333, 7],
    [20, 20.2, 0, 50, 800, 10],
    [-50, 300, 49, 50, 10, 1],
  ] as const) {
    const grid = countSpikes(all, { from, to }, { first, last }, columns, rows);
    const counts = new Array(columns * rows).fill(0);
    for (let i = 0; i < all.length; i++) {
      const [time, id] = [all.times[i]!, all.ids[i]!];
      if (time < from || time >= to || id < first || id >= last) continue;
      const column = Math.floor(((time - from) * columns) / (to - from));
      counts[column * rows + Math.floor(((id - first) * rows) / (last - first))] += 1;
    }
    // A time at the edge of two columns may be rounded into either.
    const sum = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b, 0);
    t.is(sum(grid.counts), sum(counts));
    t.is(grid.spikes, sum(counts));
    t.is(grid.most, Math.max(...grid.counts));
    const different = counts.filter((count, i) => count !== grid.counts[i]).length;
    t.true(different <= 0.02 * counts.length, `${different} of ${counts.length} cells differ`);
    for (let row = 0; row < rows; row++) {
      const part = (list: ArrayLike<number>) => sum(Array.from(list).filter((_, i) => i % rows === row));
      t.is(part(grid.counts), part(counts), 'rows of neurons are exact');
    }
  }
});

test('memory that is used again holds nothing of the frame before', (t) => {
  const all = spikes(500);
  const memory = new Uint32Array(20 * 50);
  countSpikes(all, { from: 0, to: 100 }, { first: 0, last: 50 }, 20, 50, memory);
  const again = countSpikes(all, { from: 40, to: 41 }, { first: 0, last: 50 }, 10, 25, memory);
  const fresh = countSpikes(all, { from: 40, to: 41 }, { first: 0, last: 50 }, 10, 25);
  t.deepEqual(again.counts, fresh.counts);
});

test('rates and trains are those of a filter', (t) => {
  const all = spikes(2000);
  const bins = spikesPerBin(all, { from: 10, to: 90 }, 16);
  const own = Array.from(
    { length: 16 },
    (_, k) => all.times.filter((time) => time >= 10 + 5 * k && time < 15 + 5 * k).length,
  );
  t.deepEqual(Array.from(bins), own);
  t.deepEqual(
    Array.from(timesOf(all, 17)),
    Array.from(all.times).filter((_, i) => all.ids[i] === 17),
  );
  const part = { ...all, length: 1000 };
  t.is(
    spikesPerBin(part, { from: 0, to: 1000 }, 3).reduce((a, b) => a + b),
    1000,
  );
});

test('times on a grid are the same doubles again', (t) => {
  const next = random(17);
  const grids: Record<string, (k: number) => number> = {
    'products of 0.1': (k) => k * 0.1,
    'decimal numbers': (k) => k / 10,
    'whole ms': (k) => k,
    'steps of 0.025': (k) => k * 0.025,
    'before 0': (k) => (k - 5000) * 0.1,
  };
  for (const [name, timeOf] of Object.entries(grids)) {
    let k = 100;
    const times = Float64Array.from({ length: 5000 }, () => {
      k += Math.floor(3 * next());
      return timeOf(k);
    });
    const packed = packTimes(times);
    t.not(packed, undefined, name);
    t.deepEqual(unpackTimes(packed!.grid, packed!.steps), times, name);
  }
  t.is(packTimes(Float64Array.of(0.1, 0.123456)), undefined, 'no grid');
  t.is(packTimes(Float64Array.of(0, 1e6 + 0.1)), undefined, 'a step that is too long');
  t.is(packTimes(Float64Array.of(2, 1)), undefined, 'times that go back');
  t.is(packTimes(new Float64Array(0))!.steps.length, 0);
});

test('an envelope covers the line column by column', (t) => {
  const next = random(3);
  const samples = 20_000;
  const times = Float64Array.from({ length: samples }, (_, i) => i * 0.1);
  // Two neurons, the second one at odd places; a spike of one sample at 1,000 ms.
  const values = Float64Array.from({ length: 2 * samples }, (_, i) => (i % 2 === 0 ? -9 : next()));
  values[2 * 10_000 + 1] = 50;
  const source = { times, values, width: 2, column: 1 };
  const reduced = envelope(source, { from: 500, to: 1500 }, 100);
  t.false(reduced.isExact);
  t.true(reduced.times.length <= 400);
  t.true(reduced.times.every((time, i) => i === 0 || time > reduced.times[i - 1]!));
  t.is(Math.max(...reduced.values), 50);
  for (let k = 0; k < 100; k++) {
    const [from, to] = [500 + 10 * k, 510 + 10 * k];
    const inColumn = (list: Float64Array) =>
      [...list.keys()].filter((i) => list[i]! >= from && list[i]! < to);
    const full = inColumn(times).map((i) => values[2 * i + 1]!);
    const kept = inColumn(reduced.times).map((i) => reduced.values[i]!);
    if (k === 0 || k === 99) continue; // These have a neighbor outside of the window, too.
    t.deepEqual([Math.min(...kept), Math.max(...kept)], [Math.min(...full), Math.max(...full)]);
  }
  const exact = envelope(source, { from: 500, to: 510 }, 100);
  t.true(exact.isExact);
  t.deepEqual([exact.times[0], exact.times.at(-1)], [times[4999], times[5100]], 'a neighbor at both ends');
});

test('a sample of events is every n-th of them', (t) => {
  for (const most of [1, 7, 64, 100])
    for (const count of [0, 1, 63, 64, 65, 1000, 12_345]) {
      const sample = new EventSample(most, 100);
      for (let i = 0; i < count; i++) sample.add(100 + i, i % 65_536, i % 300, i % 2);
      t.is(sample.added, count);
      t.true(sample.length <= most);
      t.is(sample.length, Math.ceil(count / sample.every));
      t.true(sample.every === 1 || sample.length * 2 >= most, 'not thinned more than needed');
      for (let k = 0; k < sample.length; k++) {
        const i = k * sample.every;
        t.deepEqual([sample.t[k], sample.x[k], sample.y[k], sample.polarity[k]], [i, i, i % 300, i % 2]);
      }
    }
});

test('an index of times counts as the events do', (t) => {
  const next = random(5);
  const index = new EventIndex(64, 1);
  let time = 5000;
  const events = Array.from({ length: 4000 }, () => {
    time += Math.floor(next() * 20);
    return { time, on: next() < 0.3 ? 1 : 0 };
  });
  for (let i = 0; i < events.length; i += 333) {
    const batch = events.slice(i, i + 333);
    index.add({ t: batch.map(({ time }) => time), polarity: batch.map(({ on }) => on) });
  }
  const extent = index.extent;
  t.deepEqual(extent, { from: events[0]!.time, to: time + 1 });
  t.is(index.events, 4000);
  t.is(index.onEvents, events.filter(({ on }) => on === 1).length);
  const whole = index.activity(extent, 1);
  t.is(whole.on[0], events.filter(({ on }) => on === 1).length);
  t.is(whole.off[0], events.filter(({ on }) => on === 0).length);
  // 64 bins of a power of two µs; parts of 16 bins are exact.
  const bin = 2 ** Math.ceil(Math.log2((extent.to - extent.from) / 64));
  const parts = index.activity({ from: 5000 + 0, to: extent.from + 64 * bin }, 4);
  for (let k = 0; k < 4; k++) {
    const from = extent.from + 16 * bin * k;
    const own = events.filter(({ time, on }) => on === 0 && time >= from && time < from + 16 * bin).length;
    t.true(Math.abs(parts.off[k]! - own) <= 0.2 * bin, `${parts.off[k]} for ${own}`);
  }
  t.deepEqual(new EventIndex().extent, { from: 0, to: 0 });
});

test('a frame counts events by pixel and says what lies outside', (t) => {
  const frame = new EventFrameCounter(4, 3);
  for (let i = 0; i < 300; i++) frame.add(1, 2, 1);
  frame.add(3, 0, 0);
  frame.add(4, 0, 0);
  frame.add(0, 3, 1);
  t.is(frame.on[2 * 4 + 1], 255);
  t.is(frame.off[3], 1);
  t.deepEqual(frame.totals, [2, 301]);
  t.is(frame.outside, 2);
});

test('windows stay within the recording', (t) => {
  const extent = { from: 0, to: 1000 };
  t.deepEqual(within({ from: -50, to: 50 }, extent, 1), { from: 0, to: 100 });
  t.deepEqual(within({ from: 950, to: 1050 }, extent, 1), { from: 900, to: 1000 });
  t.deepEqual(within({ from: -1e9, to: 1e9 }, extent, 1), extent);
  t.deepEqual(within({ from: 5, to: 5 }, extent, 2), { from: 5, to: 7 });
  t.deepEqual(within({ from: 3, to: 4 }, { from: 0, to: 0.5 }, 2), { from: 0, to: 0.5 }, 'a short recording');
  t.deepEqual(moved({ from: 100, to: 200 }, 850, extent), { from: 900, to: 1000 });
  // The time under the pointer keeps its place.
  const window = { from: 200, to: 400 };
  const near = zoomed(window, 0.5, 250, extent, 1);
  t.is((250 - near.from) / (near.to - near.from), 0.25);
  t.is(near.to - near.from, 100);
  const nearest = zoomed(window, 1e-9, 250, extent, 10);
  t.is(Math.round((nearest.to - nearest.from) * 1e6) / 1e6, 10);
  t.true(Math.abs((250 - nearest.from) / (nearest.to - nearest.from) - 0.25) < 1e-9);
  t.deepEqual(zoomed(window, 1e9, 250, extent, 10), extent);
});

test('bands fill the height in proportion', (t) => {
  t.deepEqual(bandsOf([800, 200], 504, 4, 20), [
    { top: 0, height: 400 },
    { top: 404, height: 100 },
  ]);
  const next = random(11);
  for (let n = 1; n < 30; n++) {
    const sizes = Array.from({ length: n }, () => 1 + Math.floor(10 ** (4 * next())));
    const bands = bandsOf(sizes, 500, 3, 12);
    t.is(bands.at(-1)!.top + bands.at(-1)!.height, 500);
    for (const [i, { top, height }] of bands.entries()) {
      t.true(height >= 11, `${height}`);
      if (i > 0) t.is(top, bands[i - 1]!.top + bands[i - 1]!.height + 3);
    }
  }
  t.deepEqual(bandsOf([], 500, 3, 12), []);
});

test('colors grow with the count', (t) => {
  t.deepEqual(rgbOf('#0072b2'), [0, 0x72, 0xb2]);
  t.is(pixelOf([1, 2, 3]), 0xff030201);
  for (const most of [1, 2, 60, 1023, 1024, 100_000]) {
    const { pixels, shift, round } = densityColors('#ffffff', '#0072b2', most);
    const of = (count: number) => pixels[(count + round) >> shift]!;
    t.is(of(most), pixelOf(rgbOf('#0072b2')), `the full color for ${most}`);
    t.is(of(0), pixelOf(rgbOf('#ffffff')));
    // On white, more color is less red.
    for (let count = 2; count <= most; count += 1 + (count >> 3))
      t.true((of(count) & 255) <= (of(count - 1) & 255));
    t.not(of(1), pixelOf(rgbOf('#ffffff')), 'a single mark is seen');
  }
  t.is(shareOf(1, 1), 1);
});

test('painting puts each count where its time and neuron are', (t) => {
  const all = spikes(800);
  const colors = densityColors('#ffffff', '#000000', 100);
  const black = (window: { from: number; to: number }, range: { first: number; last: number }, gap = 0) => {
    const counted = { window: { from: 20, to: 60 }, range: { first: 10, last: 30 } };
    const grid = countSpikes(all, counted.window, counted.range, 40, 20);
    const pixels = new Uint32Array(50 * 70).fill(7);
    const area = { pixels, stride: 50, left: 5, top: 3, width: 40, height: 60 };
    paintBand(area, { ...grid, ...counted }, { window, range }, colors, { thick: 1, gap });
    const painted: [x: number, y: number][] = [];
    for (let y = 0; y < 60; y++)
      for (let x = 0; x < 40; x++)
        if (pixels[(3 + y) * 50 + 5 + x] !== pixelOf([255, 255, 255])) painted.push([x, y]);
    t.is(pixels.filter((pixel) => pixel === 7).length, 50 * 70 - 40 * 60, 'nothing beside the rectangle');
    return { painted, grid };
  };
  // Each neuron has three rows of pixels.
  const { painted, grid } = black({ from: 20, to: 60 }, { first: 10, last: 30 });
  t.is(painted.length, 3 * grid.counts.filter((count) => count > 0).length);
  t.true(painted.every(([x, y]) => grid.counts[x * 20 + Math.floor(y / 3)]! > 0));
  const spaced = black({ from: 20, to: 60 }, { first: 10, last: 30 }, 1).painted;
  // The last row of pixels has no neuron below it, and so no gap.
  t.true(spaced.every(([, y]) => y % 3 !== 2 || y === 59));
  // Half of the old window, twice as wide.
  const half = black({ from: 20, to: 40 }, { first: 10, last: 20 }).painted;
  t.true(half.length > 0);
  t.true(half.every(([x, y]) => grid.counts[Math.floor((x + 0.5) / 2) * 20 + Math.floor(y / 6)]! > 0));
  t.is(black({ from: 60, to: 100 }, { first: 10, last: 30 }).painted.length, 0, 'nothing is known of it');
});

test('a projection turns the box without stretching it', (t) => {
  const size = [3, 2, 1] as const;
  for (const [yaw, pitch] of [
    [0, 0],
    [0.6, 0.4],
    [-2, 1.2],
    [3, -1],
  ] as const) {
    const projection = cloudProjection({ yaw, pitch }, size, { width: 400, height: 300, margin: 20 });
    const edges = [1, 2, 3].map((k) => [projection.x[k]!, projection.y[k]!, projection.depth[k]!]);
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const scale = Math.sqrt(dot(edges[0]!, edges[0]!)) / 3;
    for (let i = 0; i < 3; i++)
      for (let k = 0; k < 3; k++) {
        const expected = i === k ? (scale * size[i]!) ** 2 : 0;
        t.true(Math.abs(dot(edges[i]!, edges[k]!) - expected) < 1e-6 * scale ** 2);
      }
    for (let corner = 0; corner < 8; corner++) {
      const { x, y } = projectPoint(projection, [corner & 1, (corner >> 1) & 1, corner >> 2]);
      t.true(x >= 20 - 1e-9 && x <= 380 + 1e-9 && y >= 20 - 1e-9 && y <= 280 + 1e-9);
    }
  }
  const front = cloudProjection({ yaw: 0, pitch: 0 }, size, { width: 400, height: 300, margin: 20 });
  const [start, end] = [projectPoint(front, [0, 0.5, 0.5]), projectPoint(front, [1, 0.5, 0.5])];
  t.true(end.x > start.x && end.y === start.y, 'time runs to the right');
  t.true(projectPoint(front, [0, 0, 1]).y > projectPoint(front, [0, 0, 0]).y, 'rows run down');
});

test('states of some neurons are found by the neuron, and named by it', (t) => {
  const populations = [
    {
      name: 'E',
      size: 100,
      recorded: 21,
      recordedRanges: [
        { from: 10, to: 30 },
        { from: 99, to: 100 },
      ],
      spikes: 7,
    },
    { name: 'I', size: 10, recorded: 0, recordedRanges: [], spikes: 0 },
  ];
  const some = {
    kind: 'state',
    population: 'E',
    neurons: [99, 3],
    unit: 'mV',
    columns: 2,
    samples: 5,
  } as const;
  const [group] = traceGroups([{ name: 'E.v', ...some }]);
  t.is(group!.label, 'v (mV)');
  const lines = (...neurons: number[]) =>
    linesOf(
      group!,
      neurons.map((neuron) => ({ population: 0, neuron })),
      populations,
    ).map(({ label, column }) => [label, column]);
  t.deepEqual(lines(3), [['E 3', 1]]);
  t.deepEqual(lines(99, 3), [
    ['E 99', 0],
    ['E 3', 1],
  ]);
  // Neuron 1 is not recorded: the first recorded ones are shown.
  t.deepEqual(lines(1), lines());
  t.deepEqual(lines(), [
    ['E 99', 0],
    ['E 3', 1],
  ]);

  const { recordedRanges } = populations[0]!;
  t.deepEqual(wholeRange(recordedRanges, 100), { first: 10, last: 100 });
  t.deepEqual(wholeRange([], 10), { first: 0, last: 10 });
  t.is(recordedIn(recordedRanges, { first: 0, last: 100 }), 21);
  t.is(recordedIn(recordedRanges, { first: 25, last: 50 }), 5);
  t.deepEqual(unrecordedIn(recordedRanges, { first: 5, last: 100 }), [
    { first: 5, last: 10 },
    { first: 30, last: 99 },
  ]);
  t.deepEqual(unrecordedIn(recordedRanges, { first: 12, last: 28 }), []);
  t.deepEqual(unrecordedIn(recordedRanges, { first: 25, last: 50 }), [{ first: 30, last: 50 }]);
});

test('neurons as a reader writes them', (t) => {
  t.deepEqual(rangeOf('', 100), { first: 0, last: 100 });
  t.deepEqual(rangeOf(' 10 - 19 ', 100), { first: 10, last: 20 });
  t.deepEqual(rangeOf('7', 100), { first: 7, last: 8 });
  for (const wrong of ['a', '5-2', '0-100', '1-2-3', '-1', '1.5']) t.is(typeof rangeOf(wrong, 100), 'string');
  for (const text of ['', '10-19', '7']) {
    const range = rangeOf(text, 100);
    t.is(typeof range === 'string' ? range : rangeText(range, { first: 0, last: 100 }), text);
  }
  const populations = [
    { name: 'E', size: 10 },
    { name: 'layer.2', size: 5 },
  ];
  const chosen = chosenOf('E.3,layer.2.4,E.10,X.1,E.x,,E.', populations);
  t.deepEqual(chosen, [
    { population: 0, neuron: 3 },
    { population: 1, neuron: 4 },
  ]);
  t.is(chosenText(chosen, populations), 'E.3,layer.2.4');
  t.is(chosenText([], populations), undefined);
});

test('a window stays where the reader put it while the recording grows', (t) => {
  const grown = (window: { from: number; to: number }) => {
    const time = new TimeModel({ from: 0, to: 100 }, 1, window);
    let changes = 0;
    time.onChange(() => {
      changes += 1;
    });
    time.grow({ from: 0, to: 150 });
    return [time.window.from, time.window.to, changes];
  };
  t.deepEqual(grown({ from: 0, to: 100 }), [0, 150, 1], 'all stays all');
  t.deepEqual(grown({ from: 80, to: 100 }), [130, 150, 1], 'the end stays the end');
  t.deepEqual(grown({ from: 20, to: 40 }), [20, 40, 0]);
});
