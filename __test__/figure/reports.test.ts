import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { LapicqueError } from '../../src-ts/checks/errors.ts';
import type { figure } from '../../src-ts/doors/figure.ts';
import type { Report } from '../../src-ts/report/data.ts';
import { drawFigures } from '../../src-ts/report/figures.ts';
import { writeReport } from '../../src-ts/report/write.ts';

const folderFor = async (t: { teardown(act: () => Promise<void>): void }) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-report-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
};

const full: Report = {
  title: 'A <small> network & its spikes',
  description: 'Two layers.',
  summary: { 'test accuracy': '96.4 %', 'spikes per sample': 1234.5678, a: 1, b: 2, '<script>': '</table>' },
  history: {
    batchLoss: [3, 2, 1, 0.5],
    accuracy: [0.8, 0.9],
    testAccuracy: [0.85, 0.88],
    testLoss: [1, 0.6],
  },
  raster: {
    dt: 0.5,
    steps: 4,
    image: { width: 2, height: 2, pixels: [0, 0.5, 1, 0] },
    label: 'b',
    predicted: 'b',
    layers: [
      { name: 'input', neurons: 40, spikes: Uint8Array.from({ length: 160 }, (_, i) => Number(i % 7 === 0)) },
      { name: 'output', neurons: 2, spikes: [1, 0, 0, 1, 1, 1, 0, 0], labels: ['a', 'b'] },
    ],
  },
  traces: { dt: 0.5, threshold: 1, neurons: [{ name: 'a', v: [0, 0.5, 1.1, 0.1], spikes: [2] }] },
  confusion: { counts: [9, 1, 0, 10], labels: ['a', 'b'] },
  activity: { steps: 4, layers: [{ name: 'input', neurons: 40, spikes: 23 }] },
};

test('a report is a page and one picture a figure', async (t) => {
  const folder = join(await folderFor(t), 'new', 'report');
  const files = await writeReport(folder, full);
  const names = ['report.html', 'curves.png', 'raster.png', 'membrane.png', 'activity.png', 'confusion.png'];
  t.deepEqual(
    files.map((file) => basename(file)),
    names,
  );
  t.deepEqual((await readdir(folder)).toSorted(), names.toSorted());
  for (const file of files.slice(1)) {
    const png = await readFile(file);
    t.is(png.toString('latin1', 1, 4), 'PNG');
    t.true(png.readUInt32BE(16) >= 700, `${file} is wide enough to read`);
  }
});

test('the page stands alone: no script, nothing loaded, words escaped', async (t) => {
  const folder = await folderFor(t);
  await writeReport(folder, full, { formats: ['html'] });
  const html = await readFile(join(folder, 'report.html'), 'utf8');
  t.notRegex(html, /<script|<link|<img|@import|url\(/);
  t.deepEqual([...new Set(html.match(/https?:\/\/[^"'\s<]+/g))], ['http://www.w3.org/2000/svg']);
  t.regex(html, /<h1>A &#60;small&#62; network &#38; its spikes<\/h1>/);
  t.regex(html, /<th scope="row">&#60;script&#62;<\/th><td>&#60;\/table&#62;<\/td>/);
  t.regex(html, /<dt>test accuracy<\/dt><dd>96\.4 %<\/dd>/);
  t.regex(html, /<dd>1,234\.5678<\/dd>/);
  t.regex(html, /prefers-color-scheme:dark/);
});

const marksOf = ({ spec }: figure.Figure) => spec.columns.flat().flatMap(({ marks }) => marks);

test('the raster has one mark for each spike, and counts them', async (t) => {
  const [made] = await drawFigures({ title: 'x', raster: full.raster! });
  const marks = marksOf(made!).filter(({ type }) => type === 'ticks') as figure.TicksMark[];
  t.deepEqual(
    marks.map(({ x }) => x.length),
    [23, 4],
  );
  const svg = await made!.svg();
  t.regex(svg, /input · 40 neurons, 23 spikes/);
  t.regex(svg, /output · 2 neurons, 4 spikes/);
  t.regex(made!.spec.caption, /4 steps of 0\.5 ms; the network predicts b/);
  // a spikes in steps 0 and 2 of 0.5 ms, b in steps 1 and 2: in the middle of each step
  t.deepEqual(Array.from(marks[1]!.x), [0.25, 0.75, 1.25, 1.25]);
  t.deepEqual(
    made!.spec.columns[1]!.at(-1)!.notes!.map(({ text }) => text),
    ['2', '2'],
  );
  // The image of 2 × 2 pixels, of which one is blank.
  const image = marksOf(made!).find(({ type }) => type === 'cells') as figure.CellsMark;
  t.deepEqual([Number.NaN, 0.5, 1, Number.NaN], image.values as number[]);
});

test('the captions say what the numbers are', async (t) => {
  const figures = await drawFigures(full);
  const caption = (name: string) => figures.find(({ spec }) => spec.name === name)?.spec.caption;
  t.regex(caption('confusion')!, /19 of 20 are correct/);
  t.regex(caption('membrane')!, /threshold/);
  t.regex(caption('curves')!, /against the epoch/);
  const activity = figures.find(({ spec }) => spec.name === 'activity')!;
  // 23 spikes of 40 neurons in 4 steps
  t.regex(await activity.svg(), />23 \(14 %\)</);
});

test('pictures alone carry their colours, title and font', async (t) => {
  for (const made of await drawFigures(full)) {
    const svg = await made.with({ titles: true }).svg();
    t.notRegex(svg, /var\(|<style|NaN|undefined/);
    t.true(svg.includes(`>${made.spec.title}</text>`));
  }
});

test('a picture is the same bytes on every machine', async (t) => {
  const [made] = await drawFigures({ title: 'x', confusion: full.confusion! });
  t.deepEqual(await made!.png(), await made!.png());
  // It is drawn in a thread of its own: the event loop turns meanwhile.
  let [turns, isDrawn] = [0, false];
  const turn = () => {
    turns += 1;
    if (!isDrawn) setImmediate(turn);
  };
  turn();
  await made!.png({ dpi: 600 });
  isDrawn = true;
  t.true(turns > 10, `${turns} turns`);
});

test('unusual data are drawn, not refused and not fatal', async (t) => {
  const folder = await folderFor(t);
  const odd: Omit<Report, 'title'>[] = [
    {},
    { history: {} },
    { history: { loss: [Number.NaN, Number.NaN] } },
    { history: { loss: [1, Number.POSITIVE_INFINITY, 0.5], accuracy: [1, 1, 1] } },
    { history: { batchLoss: [2] } },
    { history: { loss: [0, 0], testLoss: [0, 0] } },
    { history: { loss: [-1, -2], testAccuracy: [0] } },
    { raster: { dt: 1, steps: 1, layers: [{ name: 'silent', neurons: 1, spikes: [0] }] } },
    { raster: { dt: 1, steps: 2, layers: [{ name: 'one', neurons: 1, spikes: [1, 1], labels: ['<a>'] }] } },
    { traces: { dt: 1, neurons: [{ name: 'flat', v: [0] }] } },
    { traces: { dt: 1, threshold: 0, neurons: [{ name: 'lost', v: [Number.NaN, Number.NaN] }] } },
    { confusion: { counts: [0], labels: ['only'] } },
    { confusion: { counts: Array(900).fill(1), labels: Array.from({ length: 30 }, (_, i) => `${i}`) } },
    { activity: { steps: 1, layers: [{ name: 'silent', neurons: 3, spikes: 0 }] } },
  ];
  for (const report of odd)
    await t.notThrowsAsync(writeReport(folder, { title: 'odd', ...report }), JSON.stringify(report));
});

test('data that do not fit together are refused by name', async (t) => {
  const refusal = async (report: object, options?: object) => {
    const error = await t.throwsAsync(
      writeReport('unused', { title: 'x', ...report } as Report, options as never),
    );
    t.true(error instanceof LapicqueError);
    return error?.message;
  };
  const layer = { name: 'hidden', neurons: 3, spikes: [0, 1] };
  t.is(
    await refusal({ raster: { dt: 1, steps: 2, layers: [layer] } }),
    'spikes of hidden: expected shape [2, 3] (6 elements) but got 2 elements',
  );
  t.regex(
    (await refusal({ confusion: { counts: [1, 2], labels: ['a', 'b'] } }))!,
    /confusion.counts: expected shape \[2, 2\]/,
  );
  t.regex(
    (await refusal({ traces: { dt: 0, neurons: [] } }))!,
    /traces.dt: expected a finite number above 0/,
  );
  t.regex((await refusal({ rasters: [] }))!, /did you mean "raster"/);
  t.regex((await refusal({}, { formats: ['pdf'] }))!, /unknown report format "pdf"/);
});

test('whatever is wrong with the data is refused by its name', async (t) => {
  const wrong = [undefined, null, -1, 'x', [], {}, 1e12, [null], [undefined], new Map(), true];
  const whole = (): Report => structuredClone({ ...full, description: 'd', summary: { a: 1, b: 'c' } });
  const paths: string[][] = [];
  const walk = (value: object, path: readonly string[]) => {
    for (const [key, inner] of Object.entries(value)) {
      // A few of many numbers do.
      if (Number(key) > 1) return;
      paths.push([...path, key]);
      if (typeof inner === 'object' && inner !== null) walk(inner, [...path, key]);
    }
  };
  walk(whole(), []);
  t.true(paths.length > 30);
  for (const path of paths) {
    for (const value of wrong) {
      const report = whole();
      let at = report as unknown as Record<string, unknown>;
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[path.at(-1)!] = value;
      const error = await drawFigures(report).then(
        () => undefined,
        (error) => error,
      );
      const what = `${path.join('.')} = ${String(JSON.stringify(value))}: ${error}`;
      t.true(error === undefined || error instanceof LapicqueError, what);
      if (value === null && !ArrayBuffer.isView(at)) t.true(error instanceof LapicqueError, what);
    }
  }
  const layer = { name: 'a', neurons: 1, spikes: [0], labels: 5 };
  await t.throwsAsync(drawFigures({ title: 'x', raster: { dt: 1, steps: 1, layers: [layer] } } as never), {
    message: 'raster.layers[0].labels: expected a list but got 5',
  });
});

test('a folder that cannot be made is an io error', async (t) => {
  const error = await t.throwsAsync(writeReport('/dev/null/report', { title: 'x' }));
  t.is((error as unknown as LapicqueError).code, 'io');
});

test('accuracy against steps is drawn with the artificial network as a line', async (t) => {
  const curve = {
    steps: [1, 2, 4, 8],
    accuracy: [0.5, 0.9, 0.95, 0.97],
    ann: { accuracy: 0.98 },
    samples: 200,
  };
  const [made] = await drawFigures({ title: 'Converted', steps: curve });
  t.is(made!.spec.name, 'steps');
  const count = (of: figure.Figure, type: string) => marksOf(of).filter((mark) => mark.type === type);
  t.deepEqual(
    (count(made!, 'points') as figure.PointsMark[]).map(({ x }) => x.length),
    [4],
  );
  t.deepEqual(
    (count(made!, 'rule') as figure.RuleMark[]).map(({ y }) => y),
    [0.98],
  );
  t.true((await made!.svg()).includes('>ANN<'));
  const named = ['mlp', 'conv'].map((name) => ({ ...curve, name }));
  const [both] = await drawFigures({ title: 'Two', steps: named });
  const svg = await both!.svg();
  t.true(svg.includes('>mlp<') && svg.includes('>conv<'));
  t.is(count(both!, 'points').length, 2);
  const [single] = await drawFigures({ title: 'One', steps: { steps: [16], accuracy: [1] } });
  t.notRegex(await single!.svg(), /NaN|undefined|ANN/);
  const wrong = [
    [{ steps: [1, 2], accuracy: [0.5] }, 'shape-mismatch'],
    [{ steps: [], accuracy: [] }, 'invalid-parameter'],
    [{ steps: [0], accuracy: [0.5] }, 'invalid-parameter'],
  ] as const;
  for (const [steps, code] of wrong) {
    const error = await t.throwsAsync(() => drawFigures({ title: 'Wrong', steps }), {
      instanceOf: LapicqueError as never,
    });
    t.is((error as unknown as LapicqueError).code, code);
  }
});
