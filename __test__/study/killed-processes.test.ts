// Studies that are killed at random moments: nothing acknowledged is lost, nothing counts twice, nothing is left running.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { results } from '../support/studies.ts';

const kills = process.env.LAPICQUE_LONG_TESTS === undefined ? 6 : 100;

// Inside of the package, so that it is found under its name.
let folder: string;
test.before(async () => {
  await mkdir('build', { recursive: true });
  folder = await mkdtemp(join('build', 'study-kill-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Runs the study until it ends or, after some ms from its first word on, is killed; what it acknowledged. */
async function run(store: string, trials: number, kind: string, killAfter?: number) {
  const child = spawn(process.execPath, ['__test__/support/study-program.mjs', store, String(trials), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (text) => {
    output += text;
    if (killAfter !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const lines = output.split('\n').filter((line) => line !== '');
  const acknowledged = lines
    .filter((line) => line.startsWith('['))
    .map((line) => JSON.parse(line) as [number, string, number[]?]);
  return { acknowledged, ended: lines.includes('"end"') };
}

for (const [kind, trials, most] of [
  ['trivial', 60 * Math.ceil(kills / 10), 60],
  ['training', 4 * kills, 300],
] as const) {
  test.serial(`${kind}: ${kills} kills`, async (t) => {
    t.timeout(1_200_000);
    const store = join(folder, kind);
    const acknowledged = new Map<number, string>();
    // The same moments each time, as far as a machine allows.
    let random = 12345;
    let killed = 0;
    for (let i = 0; i < kills; i++) {
      random = (random * 1103515245 + 12345) % 2147483648;
      const { acknowledged: now, ended } = await run(store, trials, kind, (random / 2147483648) * most);
      if (!ended) killed += 1;
      for (const [number, state, values] of now) {
        t.false(acknowledged.has(number), `trial ${number} was acknowledged twice`);
        acknowledged.set(number, JSON.stringify([state, values]));
      }
      const view = await study.open(store);
      const { running } = await view.status();
      t.deepEqual(running, []);
      const trialsNow = await view.trials();
      t.is(new Set(trialsNow.map(({ number }) => number)).size, trialsNow.length);
      for (const [number, stored] of acknowledged) {
        const trial = trialsNow.find((one) => one.number === number);
        t.is(JSON.stringify([trial?.state, trial?.values]), stored);
      }
    }
    t.log(`${killed} of ${kills} runs were killed, ${acknowledged.size} trials acknowledged by then`);
    t.true(killed > kills / 3);
    await run(store, trials, kind);
    const whole = join(folder, `${kind}-whole`);
    t.true((await run(whole, trials, kind)).ended);
    const [found, expected] = await Promise.all([study.open(store), study.open(whole)]);
    t.like(await found.status(), { running: [], interrupted: [], conflicts: [] });
    t.deepEqual(results(await found.trials()), results(await expected.trials()));
    const again = (await found.trials()).filter(({ attempts }) => attempts > 1);
    t.true(again.length > 0);
  });
}
