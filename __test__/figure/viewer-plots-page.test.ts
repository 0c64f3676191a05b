// Recordings, events and networks on the viewer's page in Chromium. What the page says is compared with the recording, the events and the simulation themselves.
import anyTest from 'ava';
import type { Browser, Page } from 'playwright-core';
import {
  circuit,
  connect,
  distribution,
  poisson,
  population,
  record,
  rule,
} from '../../src-ts/doors/circuit.ts';
import { view } from '../../src-ts/doors/figure.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { addressed, fragment, hasBrowser, launch, objections, opened } from '../support/browser.ts';
import { random } from '../support/numbers.ts';

const test = hasBrowser ? anyTest.serial : anyTest.skip;

let browser: Browser;
anyTest.before(async () => {
  if (hasBrowser) browser = await launch();
});
anyTest.after.always(async () => browser?.close());

const E = population(iafPscExp, 80, { name: 'E', initial: { v: distribution.uniform(-70, -55) } });
const I = population(iafPscExp, 20, { name: 'I' });
const network = circuit(
  E,
  I,
  connect(E, I, rule.fixedInDegree(10), { weight: 30, delay: 1.5 }),
  connect(I, E, rule.fixedInDegree(5), { weight: -100, delay: 2 }),
  connect(poisson(9000), E, { weight: 30 }),
  connect(poisson(9000), I, { weight: 30 }),
  record.traces(E, ['v']),
);

const windowIn = (page: Page) =>
  [Number(fragment(page).get('from')), Number(fragment(page).get('to'))] as const;

const countText = (count: number) => count.toLocaleString('en');

test('shortcuts are listed and do what the list says, and no two populations have one color', async (t) => {
  const several = Array.from({ length: 20 }, (_, i) => population(iafPscExp, 3, { name: `P${i}` }));
  using simulation = await circuit(...several, connect(poisson(9000), several[0]!, { weight: 30 })).compile();
  await using viewer = await view(await simulation.run(50));
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  await page.getByText('Keyboard shortcuts').click();
  for (const key of ['+', '0', 'Home', 'Space', '↑'])
    t.true(await page.locator('kbd').getByText(key, { exact: true }).isVisible(), key);
  await page.getByRole('application', { name: /^Raster/ }).focus();
  await page.keyboard.press('+');
  await addressed(page, (state) => Number(state.get('to')) - Number(state.get('from')) < 41);
  const swatches = page.getByRole('region', { name: 'Populations' }).locator('.swatch');
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const colors = await swatches.evaluateAll((all) => {
      const { getComputedStyle } = globalThis as unknown as {
        getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
      };
      return all.map((one) => getComputedStyle(one).getPropertyValue('--swatch'));
    });
    t.is(new Set(colors).size, 20, colors.join());
  }
  t.deepEqual(found, []);
});

test('a raster: zoom by wheel, keys and slider, neurons by clicks, hidden populations, and a link that shows the same', async (t) => {
  using simulation = await network.compile({ dt: 0.1, seed: 1 });
  const recording = await simulation.run(400);
  await using viewer = await view(recording);
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  await page
    .getByText(`${countText(recording.times.length)} spikes of 100 neurons from 0 to 400 ms.`)
    .waitFor();
  const raster = page.getByRole('application', { name: /^Raster/ });
  const box = (await raster.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 100);
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -300);
  // Four times 300 units of the wheel.
  const zoomed = 400 * 1.0015 ** -1200;
  await addressed(
    page,
    (state) => Math.abs(Number(state.get('to')) - Number(state.get('from')) - zoomed) < 1e-3,
  );
  const [from, to] = windowIn(page);
  const inside = recording.times.filter((time) => time >= from && time < to).length;
  await page.getByText(`${countText(inside)} spikes of 100 neurons`).waitFor();

  await raster.focus();
  await page.keyboard.press('ArrowRight');
  await addressed(page, (state) => Number(state.get('from')) !== from);
  t.true(Math.abs(windowIn(page)[0] - (from + 0.1 * (to - from))) < 1e-6);
  const slider = page.getByRole('slider', { name: 'Time' });
  await slider.focus();
  await page.keyboard.press('Home');
  await addressed(page, (state) => state.get('from') === '0');
  t.regex((await slider.getAttribute('aria-valuetext'))!, /^0 to /);

  // The second population is below the first.
  await page.mouse.click(box.x + box.width / 2, box.y + 120);
  await addressed(page, (state) => state.has('chosen'));
  const [chosen] = /^E\.\d+$/.exec(fragment(page).get('chosen')!)!;
  await page.getByText(chosen.replace('.', ' '), { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'I', exact: true }).uncheck();
  await page.getByText('spikes of 80 neurons').waitFor();
  await page.getByLabel('Shown neurons of E').fill('10-19');
  await page.keyboard.press('Enter');
  const [begin, end] = windowIn(page);
  const own = recording.of('E');
  const visible = own.times.filter(
    (time, i) => time >= begin && time < end && own.ids[i]! >= 10 && own.ids[i]! < 20,
  ).length;
  await page.getByText(`${countText(visible)} spikes of 10 neurons`).waitFor();
  await page.reload();
  await page.getByText(`${countText(visible)} spikes of 10 neurons`).waitFor();
  t.is(await page.getByLabel('Chosen neurons').inputValue(), chosen);
  // Marks are painted where there are some, and nowhere else.
  const colors = await page.evaluate(`(() => {
    const canvas = document.querySelector('canvas[data-spikes]');
    const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, 0, canvas.width / 4, canvas.height / 2);
    const found = new Set();
    for (let i = 0; i < data.length; i += 4) found.add(data.slice(i, i + 3).join());
    return found.size;
  })()`);
  t.true((colors as number) > 1);
  t.deepEqual(found, []);
});

test('a simulation grows on the page, plays, and its network shows the states of the moment', async (t) => {
  using simulation = await network.compile({ dt: 0.1, seed: 1 });
  await using viewer = await view(simulation);
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  await page.getByText('0 spikes of 100 neurons').waitFor();
  const first = await simulation.run(100);
  await page.getByText(`${countText(first.times.length)} spikes of 100 neurons from 0 to 100 ms`).waitFor();
  const second = await simulation.run(100);
  const total = first.times.length + second.times.length;
  await page.getByText(`${countText(total)} spikes of 100 neurons from 0 to 200 ms`).waitFor();
  await page.getByLabel('Speed').selectOption('1/100 ×');
  await page.getByRole('button', { name: 'Play' }).click();
  await addressed(page, (state) => Number(state.get('from')) > 0);
  await page.getByRole('button', { name: 'Pause' }).click();

  await page.getByRole('navigation').getByRole('link', { name: 'simulation' }).nth(1).click();
  const node = page.getByRole('button', { name: /^E: / });
  await node.focus();
  await page.keyboard.press('Enter');
  const mean = async () => {
    const v = await simulation.get(E, 'v');
    return Number((v.reduce((a, b) => a + b) / v.length).toPrecision(4));
  };
  const text = (value: number) => `v now: 80 values, mean ${String(value).replace('-', '−')}`;
  await page.getByText(text(await mean())).waitFor();
  await simulation.run(3);
  await page.getByText(text(await mean())).waitFor();
  t.is(await node.getAttribute('aria-pressed'), 'true');
  await page
    .getByRole('button', { name: /^E to I/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  await page.getByText(/^weights now: 200 values, mean 30/).waitFor();
  t.deepEqual(found, []);
});

/** Events at whole µs over 200 ms. */
function recorded(count: number) {
  const next = random(9);
  const times = Float64Array.from({ length: count }, () => Math.floor(next() * 200_000)).sort();
  times[0] = 0;
  return {
    t: times,
    x: Uint16Array.from(times, () => Math.floor(next() * 40)),
    y: Uint16Array.from(times, () => Math.floor(next() * 30)),
    polarity: Uint8Array.from(times, () => (next() < 0.5 ? 1 : 0)),
    sensor: { width: 40, height: 30 },
  };
}

test('events: a frame of the window, a cloud that turns, and how many events are drawn', async (t) => {
  const events = recorded(100_000);
  await using viewer = await view(events as never);
  await using tab = await opened(browser, viewer);
  const { page, found } = tab;
  const counts = (from: number, to: number) => {
    const inside = [...events.t.keys()].filter((i) => events.t[i]! >= from && events.t[i]! < to);
    const on = inside.filter((i) => events.polarity[i] === 1).length;
    return { all: inside.length, on, off: inside.length - on };
  };
  const first = counts(0, 20_000);
  await page.getByText(`${countText(first.on)} ON and ${countText(first.off)} OFF events in 20 ms`).waitFor();
  await page.getByText(`All ${countText(first.all)} events of the window.`).waitFor();
  await page.getByLabel('Window', { exact: true }).selectOption('1 ms');
  await page.getByRole('button', { name: 'Next window' }).click();
  const next = counts(1000, 2000);
  await page
    .getByText(`${countText(next.on)} ON and ${countText(next.off)} OFF events in 1 ms, 1 to 2 ms`)
    .waitFor();
  const frame = page.getByRole('application', { name: /^Events by pixel/ });
  await frame.focus();
  await page.keyboard.press('0');
  const all = counts(0, 200_000);
  await page.getByText(`${countText(all.on)} ON and ${countText(all.off)} OFF events`).waitFor();
  await page.getByText(/^50,000 of 100,000 events, one of 2\./).waitFor();
  await page.getByRole('application', { name: /^Events as points/ }).focus();
  const before = fragment(page).get('yaw');
  await page.keyboard.press('ArrowLeft');
  await addressed(page, (state) => state.has('yaw'));
  t.not(fragment(page).get('yaw'), before);
  t.deepEqual(found, []);
});

test('axe-core objects to no recording, events or network, in light and dark, at the width of a desk and of a phone', async (t) => {
  using simulation = await network.compile({ dt: 0.1, seed: 1 });
  await using viewer = await view([simulation, recorded(1000) as never]);
  await simulation.run(50);
  for (const [scheme, width] of [
    ['light', 1200],
    ['dark', 390],
  ] as const) {
    await using tab = await opened(browser, viewer, scheme, width);
    const { page, found } = tab;
    const links = page.getByRole('navigation').getByRole('link');
    const plots = [/^Raster/, /^E: /, /^Events by pixel/] as const;
    for (const [i, name] of plots.entries()) {
      await links.nth(i).click();
      await page.getByRole(i === 1 ? 'button' : 'application', { name }).waitFor();
      if (i === 1) await page.getByRole('button', { name }).click();
      t.deepEqual(await objections(page), [], `${name}, ${scheme}`);
      t.true(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        `${name}, ${width} pixels`,
      );
    }
    t.deepEqual(found, []);
  }
});
