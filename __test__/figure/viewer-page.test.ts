// The viewer's page in Chromium: live trainings, studies, keyboard, accessibility (axe-core), the policy of scripts. What the page says is compared with what
// callbacks and studies return.
import { mkdtempSync, statSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest from 'ava';
import type { Browser } from 'playwright-core';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { log, type Viewer, view } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { space, study } from '../../src-ts/doors/study.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';
import { JournalWriter } from '../../src-ts/study/journal.ts';
import { addressed, fragment, hasBrowser, launch, objections, opened } from '../support/browser.ts';
import { labels, uniform } from '../support/numbers.ts';

const test = hasBrowser ? anyTest.serial : anyTest.skip;
const folder = mkdtempSync(join(tmpdir(), 'lapicque-page-'));

let browser: Browser;
anyTest.before(async () => {
  if (hasBrowser) browser = await launch();
});
anyTest.after.always(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const [samples, channels] = [60, 8];
const data = () =>
  new DataLoader(
    { x: uniform(samples * channels, 1, 0, 2), y: labels(samples, 2, 3), shape: [samples, channels] },
    { batchSize: 10 },
  );
const train = async (lr: number, epochs: number, callbacks: Viewer | log.Log | ReturnType<Viewer['run']>) => {
  const model = await sequential(
    dense(channels, 16),
    lif({ beta: 0.9 }),
    dense(16, 3),
    lif({ beta: 0.9 }),
  ).compile({ seed: 1 });
  const options = { steps: 5, loss: loss.crossEntropyRate(), optimizer: adam({ lr }), validation: data() };
  return (await model.fit(data(), { ...options, epochs, callbacks })).history;
};
const short = (value: number) => String(Number(value.toPrecision(4)));

test('a training is shown while it runs, in a page that was open before it began', async (t) => {
  await using viewer = await view();
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  const history = await train(0.05, 4, viewer);
  const loss = page.getByRole('region', { name: 'Loss' });
  // The legend has the last values.
  const last = history.at(-1)!;
  await loss.getByText(`training ${short(last.loss)}`).waitFor();
  await loss.getByText(`training validation ${short(last.validationLoss!)}`).waitFor();
  const accuracy = page.getByRole('region', { name: 'Accuracy' });
  await accuracy.getByText(`training ${short(100 * last.accuracy)} %`).waitFor();
  for (const name of ['Spikes', 'Dead neurons', 'Saturated neurons', 'Weights'])
    t.true(await page.getByRole('region', { name, exact: true }).isVisible(), name);
  // Another run appears beside it; a run can be hidden, and the URL says so.
  const more = await train(0.001, 2, viewer);
  await loss.getByText(`training 2 ${short(more.at(-1)!.loss)}`).waitFor();
  await page.getByRole('checkbox', { name: 'training', exact: true }).uncheck();
  await loss.getByText('training validation').waitFor({ state: 'detached' });
  t.is(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('hidden'), 'training');
  // The token is gone from the address.
  t.false(page.url().includes('token'));
  await page.reload();
  await loss.getByText(`training 2 ${short(more.at(-1)!.loss)}`).waitFor();
  t.is(await loss.getByText('training validation').count(), 0);
  t.deepEqual(found, []);
});

test('a chart is zoomed by keys and by dragging, and all charts of epochs follow', async (t) => {
  const path = join(folder, 'run.jsonl');
  await using logs = log.jsonl(path, { weights: true, activity: true });
  await train(0.05, 10, logs);
  await logs.flush();
  await using viewer = await view(path);
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  const chart = page.getByRole('group', { name: /^Loss/ });
  await chart.focus();
  const epochs = () => fragment(page).get('epochs');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('+');
  await addressed(page, (state) => state.has('epochs'));
  const [from, to] = epochs()!.split('~').map(Number);
  t.true(to! - from! < 10 && to! > from!);
  await page.keyboard.press('0');
  await addressed(page, (state) => !state.has('epochs'));
  const box = (await chart.locator('.u-over').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 3 });
  await page.mouse.up();
  await addressed(page, (state) => state.has('epochs'));
  const dragged = epochs()!.split('~').map(Number);
  t.true(Math.abs(dragged[0]! - 5) < 0.6 && Math.abs(dragged[1]! - 9) < 0.6, String(dragged));
  t.deepEqual(found, []);
});

test('charts out of view wait until the reader scrolls to them; colors of runs are those of their order', async (t) => {
  const path = join(folder, 'many');
  const line = (epoch: number) =>
    `${JSON.stringify({ kind: 'epoch', step: epoch, time: '', epoch, loss: 1, 'dead/lif': epoch % 2 })}\n`;
  await mkdir(path);
  const names = Array.from({ length: 6 }, (_, i) => `run ${i}`);
  // The first answers are the largest, so that they do not arrive first.
  for (const [i, name] of names.entries())
    await writeFile(
      join(path, `${name}.jsonl`),
      Array.from({ length: 600 >> (2 * i) || 1 }, (_, n) => line(n + 1)).join(''),
    );
  await using viewer = await view(path);
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  // The second chart is below the first one and out of view.
  await page.setViewportSize({ width: 600, height: 320 });
  const boxes = page.getByRole('group', { name: 'Runs' }).getByRole('checkbox');
  await boxes.first().waitFor();
  t.deepEqual(await boxes.evaluateAll((all) => all.map((one) => one.parentElement!.textContent)), names);
  const chart = page.getByRole('region', { name: 'Dead neurons' });
  const picture = () =>
    chart.locator('canvas').evaluate((one) => (one as unknown as { toDataURL(): string }).toDataURL());
  await chart.locator('canvas').waitFor();
  const before = await picture();
  await appendFile(join(path, 'run 5.jsonl'), line(2) + line(3) + line(4));
  // The legend has the last value, 0, whether or not the chart is in view.
  await chart.getByText('lif 0 %').waitFor();
  t.is(await picture(), before);
  await chart.scrollIntoViewIfNeeded();
  const deadline = Date.now() + 5000;
  while ((await picture()) === before && Date.now() < deadline) await page.waitForTimeout(50);
  t.not(await picture(), before);
  t.deepEqual(found, []);
});

test('a study whose journal is still empty appears when it has begun', async (t) => {
  const store = join(folder, 'begun');
  await study({ name: 'begun', space: { lr: space.uniform(0, 1) }, objective: ({ lr }) => lr, store }).run({
    trials: 5,
  });
  const whole = await readFile(join(store, 'journal-main.log'));
  const path = join(folder, 'journal-later.log');
  await writeFile(path, '');
  await using viewer = await view(path);
  await using tab = await opened(browser, viewer);
  const { page } = tab;
  await page.getByText('no study is stored here').waitFor();
  await writeFile(path, whole);
  await page.getByText('5 trials: 5 complete').waitFor({ timeout: 15_000 });
  t.pass();
});

const long = process.env.LAPICQUE_LONG_TESTS === '1';
const trials = long ? 100_000 : 10_000;

test(`a study of ${trials} trials: sorted, chosen in a plot and in the table, by keys, and live`, async (t) => {
  const store = join(folder, 'search');
  const search = study({
    name: 'search',
    space: {
      lr: space.logUniform(1e-5, 1),
      width: space.int(8, 512),
      kind: space.choice(['lif', 'alif', 'relu']),
    },
    objective: ({ lr }) => lr,
    store,
  });
  await search.run({ trials: 2 });
  const writer = await JournalWriter.open(join(store, 'journal-main.log'));
  const all = await search.trials();
  const values = all.map((trial) => trial.values![0]!);
  const random = uniform(2 * trials, 5, 0, 1);
  for (let n = 2; n < trials; n++) {
    const [a, b] = [random[2 * n]!, random[2 * n + 1]!];
    values.push(a + b);
    const p = { lr: 10 ** (-5 * a), width: 8 + Math.floor(504 * b), kind: ['lif', 'alif', 'relu'][n % 3]! };
    writer.append({ t: 'start', n, p, s: n, a: 1, at: 1e12 + n });
    writer.append({
      t: 'end',
      n,
      a: 1,
      state: 'complete',
      values: [a + b],
      started: 1e12 + n,
      ended: 1e12 + n + 1,
    });
  }
  await writer.close();
  const best = Math.min(...values);
  await using viewer = await view(store);
  const began = performance.now();
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  const status = page.getByText(
    `${trials.toLocaleString('en')} trials: ${trials.toLocaleString('en')} complete.`,
  );
  await status.waitFor();
  await page.getByRole('row').nth(5).waitFor();
  t.log(`${trials} trials shown after ${Math.round(performance.now() - began)} ms`);
  t.true((await status.textContent())!.includes(`of trial ${values.indexOf(best)}.`));
  const grid = page.getByRole('grid', { name: 'Trials' });
  t.is(Number(await grid.getAttribute('aria-rowcount')), trials + 1);
  t.true((await page.getByRole('row').count()) < 60, 'only rows in view are on the page');

  await page.getByRole('button', { name: 'value', exact: true }).click();
  const first = grid.locator('.grid-body [role=row]').first();
  await addressed(page, (state) => state.get('sort') === 'values.0');
  t.is(await page.getByRole('columnheader', { name: /value/ }).getAttribute('aria-sort'), 'ascending');
  await first.getByText(String(values.indexOf(best)), { exact: true }).waitFor();

  // A row that is chosen by keys is marked, and the status counts it.
  await page.getByRole('button', { name: 'All columns' }).focus();
  await page.keyboard.press('Tab');
  t.not(await page.evaluate(`getComputedStyle(document.querySelector('[role=grid]')).outlineStyle`), 'none');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText(' 1 chosen.').waitFor();
  await page.getByRole('row', { selected: true }).waitFor();
  await page.getByRole('button', { name: 'Clear the choice' }).click();
  await page.getByText(' 1 chosen.').waitFor({ state: 'detached' });

  // A rectangle in one plot: the trials with a value in its range and a parameter in its range.
  const plot = page.getByRole('img', { name: /^width and/ });
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 3 });
  await page.mouse.up();
  await page.getByText(/ [\d,]+ chosen\./).waitFor();
  const [column, ...numbers] = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('area')!.split('~');
  t.is(column, 'parameters.width');
  const [low, high, from, to] = numbers.map(Number) as [number, number, number, number];
  const records = await (await study.open(store)).trials();
  const inside = records.filter(({ values: [value] = [], parameters }) => {
    const width = parameters.width as number;
    return width >= low && width <= high && value! >= from && value! <= to;
  });
  t.true(inside.length > 10);
  const countText = /([\d,]+) chosen/.exec(
    (await page
      .getByText(/ chosen\./)
      .first()
      .textContent())!,
  )![1]!;
  t.is(countText, inside.length.toLocaleString('en'));
  await page.getByRole('button', { name: 'Only chosen' }).click();
  await page.locator(`[role=grid][aria-rowcount='${inside.length + 1}']`).waitFor();

  // The link shows the same to others; a trial that ends meanwhile appears.
  await page.reload();
  await page.getByText(`${countText} chosen.`).waitFor();
  await search.run({ trials: trials + 1 });
  await page.getByText(`${(trials + 1).toLocaleString('en')} trials`).waitFor();
  t.deepEqual(found, []);
});

test('axe-core objects to nothing, in light and dark, at the width of a desk and of a phone', async (t) => {
  const path = join(folder, 'several');
  const logs = log.jsonl(join(path, 'run.jsonl'), { weights: true, activity: true });
  await train(0.05, 3, logs);
  await logs.close();
  const search = study({
    name: 's',
    space: { a: space.uniform(0, 1) },
    objective: ({ a }) => a,
    store: join(path, 'search'),
  });
  await search.run({ trials: 12 });
  await using viewer = await view(path);
  for (const [scheme, width] of [
    ['light', 1200],
    ['dark', 390],
  ] as const) {
    await using tab = await opened(browser, viewer, scheme, width);
    const { page, found } = tab;
    await page.getByRole('region', { name: 'Weights' }).waitFor();
    t.deepEqual(await objections(page), [], `training, ${scheme}`);
    await page.getByRole('link', { name: 'search' }).click();
    await page.getByRole('grid').waitFor();
    t.deepEqual(await objections(page), [], `study, ${scheme}`);
    // Nothing is wider than the screen.
    t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width} pixels`);
    t.deepEqual(found, []);
  }
});

test('the page evaluates no text, and works as a component on data of another source', async (t) => {
  await using viewer = await view(folder);
  await using tab = await opened(browser, viewer);
  const { page } = tab;
  // Text as script is not run; the expression itself comes from the debugger, which no policy stops.
  const ran = await page.evaluate(`(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    return window.ran;
  })()`);
  t.is(ran, undefined);
  const text = await page.evaluate(`(async () => {
    const { mount } = await import('/viewer.js');
    const element = document.createElement('div');
    document.body.append(element);
    const own = (place, source) => {
      source.json('describe').then((found) => { place.textContent = found; });
      return { destroy() {} };
    };
    const source = { json: async () => 'from another source', bytes: async () => new ArrayBuffer(0), follow: () => () => {} };
    const mounted = mount(element, { source, view: { kind: 'own', mount: own } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const shown = element.textContent;
    mounted.destroy();
    return shown + ', then ' + element.childElementCount;
  })()`);
  t.is(text, 'from another source, then 0');
});

anyTest('the script of the page has at most 300 kB', (t) => {
  t.true(statSync('packages/viewer/dist/viewer.js').size <= 300_000);
});
