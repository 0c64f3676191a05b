// Every example runs and finds what it asserts, but for the two that read all digits: they take too long for a test. The
// main job is run by `npm start` (.github/workflows), and a short training of conv-digits' network is in models.test.ts.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

const closing: Record<string, RegExp> = {
  // A random policy balances the pole for 22 steps.
  'actor-critic.mjs': /^mean return of the last 100 episodes: [1-5]\d\d\.\d$/,
  'ann-to-chip.mjs':
    /^ANN 98 of 100, spikes (9[6-9]|100), 8-bit integers (9[5-9]|100), 0\.\d\d of the energy: build.ann-to-chip.report\.html$/,
  'associative-memory.mjs': /^(9\d|100)\.\d % of pairs never seen are recalled; chance is 25 %$/,
  'attention.mjs': /^attention at least (9\d|100)\.\d %; chance is 50 %$/,
  'adex-patterns.mjs': /^8 patterns as in NEST$/,
  'back-propagating-spike.mjs': /^0\.4\d m\/s along the dendrite: build\/back-propagating-spike\.png$/,
  'balanced-network.mjs': /^100000 synapses; E fires at [\d.]+ Hz, I at [\d.]+ Hz$/,
  'brunel-diagram.mjs': /^30 networks, four regimes: build\/brunel-diagram\.png$/,
  'cell-assembly.mjs': /^recalled from half a cue: \d\.\d % before learning, (9\d|100)\.\d % after$/,
  'codes.mjs': /^12 codes: [\w -]+ is right most often, [\w -]+ takes the fewest spikes$/,
  'conv-lstm.mjs': /^(9[5-9]|100)\.\d % with cells, (1[89]|2\d|3[0-2])\.\d % without memory$/,
  'conv.mjs': /^accuracy [\d.]+ % on images never seen$/,
  'custom-loss.mjs': /^loss 0\.\d+ before, 0\.0\d+ after 300 steps$/,
  'custom-neuron.mjs': /^loss [\d.]+, accuracy (8[5-9]|9\d|100)[\d.]* %, tauMem [\d.]+ ms$/,
  'dendritic-xor.mjs': /^exclusive or: 3 of 3 with dendrites, 0 of 3 without$/,
  'delayed-match.mjs': /^feed-forward: (4[5-9]|5[0-5])\.\d %; chance is 50 %$/,
  'digits-stdp.mjs': /^[67]\d\.\d % of 200 digits never seen, learned without labels$/,
  'encoders.mjs': /^\d+ spikes in the rate code, 102 expected$/,
  'every-layer.mjs': /^42 kinds, each at least (9\d|100)\.\d %$/,
  'every-neuron.mjs': /^29 kinds of neurons, each at least (9[5-9]|100)\.\d %$/,
  'field-potential.mjs': /^the field swings at \d+, \d+, \d+ Hz$/,
  'fi-curves.mjs': /^within [\d.]+ % of the closed form, with noise within [\d.]+ %: build\/fi-curves\.png$/,
  'fit-conductances.mjs': /^[\d.]+ s, from 23 to [\d.e-]+ mV \(root mean square\)$/,
  'from-torch.mjs': /^logits of torch within \de[+-]\d; both networks train on$/,
  'gamma.mjs': /^39\.\d Hz; in 4 ms fire [1-5]\d % at first, (9\d|100) % in the end$/,
  'graded-spikes.mjs': /^eight levels: [12]\.\d times less error than one$/,
  'izhikevich-patterns.mjs': /^20 patterns, 111 spikes: build\/izhikevich-patterns\.png$/,
  'microcircuit.mjs': /^\d+ spikes of 600 ms, as irregular as NEST’s: build\/microcircuit\.png$/,
  'learned-delays.mjs':
    /^five seeds: at least (98|99|100)\.\d % with learned delays, at most [23]\d\.\d % without$/,
  'legendre-memory.mjs': /^12 numbers hold 50 steps within 0\.\d %$/,
  'lmu-digits.mjs': /^held-out accuracy (9[4-9]|100)\.\d %$/,
  'nir.mjs': /^5 graphs trained, lowest accuracy (9\d|100)\.\d %$/,
  'nmda-spike.mjs':
    /^a further synapse adds 3\.\d times the first; 12 over 72 ms reach 4\d % of 12 at once: build\/nmda-spike\.png$/,
  'parallel-neurons.mjs': /^a session gives the 24 steps of a run, bit for bit$/,
  'ppo.mjs': /^mean return of the last 100 episodes: [1-5]\d\d\.\d$/,
  'ppo-memory.mjs': /^30720 control steps: (?:8[5-9]|9\d|100)\.\d % correct$/,
  'recurrent.mjs': /^accuracy [\d.]+ %, \d+ hidden spikes a sample$/,
  'pyramidal-network.mjs':
    /^with input at the tuft \d+ Hz, without \d+ Hz, without interneurons \d+ Hz: build\/pyramidal-network\.png$/,
  'reinforce.mjs': /^mean return of the last 100 episodes: [1-5]\d\d\.\d$/,
  'reward-plasticity.mjs': /^rewards by chance: ([3-6]\d %(, )?){3} right in the last 50 trials$/,
  'static-suppression.mjs':
    /^of the frames' operations: still 0\.0 %, moving \d+\.\d %, flickering \d\.\d %$/,
  'stdp-window.mjs': /^within 0\.\d+ % of two exponentials$/,
  'sparse-gradients.mjs':
    /^width 0\.1: (7[5-9]|[89]\d)\.\d % right beside [89]\d\.\d %, [1-4]?\d\.\d % of the gradient of spikes computed$/,
  'spikegpt.mjs':
    /^SpikeGPT: +[\d.]+ bits a character on validation text, [\d.]+ on the last 5 % of the book$/,
  'spikformer.mjs': /^loss [\d.]+ before, [\d.]+ after, accuracy [\d.]+ %$/,
  'stream.mjs': /^class [01]: output spikes \d+ and \d+ in 20 steps$/,
  'sweeps.mjs': /^(9\d|100)\.\d % of sounds never heard$/,
  'time-reductions.mjs': /^\d+ spikes of a kernel and a threshold, all those of a leaky neuron$/,
  'training-methods.mjs': /^2000 steps keep [\d.]+ MiB, in segments of 20 [\d.]+ MiB$/,
  'winner-takes-all.mjs': /^(8[5-9]|9\d)\.\d % with \d+ times fewer spikes$/,
};
/** Shorter trainings than those of the command line. */
const options: Record<string, string[]> = {
  'actor-critic.mjs': ['--steps', '60000'],
  'ppo.mjs': ['--steps', '60000'],
  'reinforce.mjs': ['--steps', '60000'],
};
/** Of each example its folder; those of studies have tests of their own. */
const folders = new Map(
  ['training', 'circuits', 'events', 'chip'].flatMap((folder) =>
    readdirSync(`examples/${folder}`).map((name) => [name, folder] as const),
  ),
);

test('every example is known here', (t) => {
  t.deepEqual([...folders.keys()].sort(), [...Object.keys(closing), 'conv-digits.mjs', 'digits.mjs'].sort());
});

// One after the other, on one thread of the engine each: ava runs another file beside this one, and threads that wait for a core spin (two
// threads take twice the CPU time of one for the small networks of digits-stdp). What an example prints does not depend on it.
const env = { ...process.env, LAPICQUE_THREADS: '1' };
for (const [name, line] of Object.entries(closing)) {
  test.serial(name, async (t) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [`examples/${folders.get(name)}/${name}`, ...(options[name] ?? [])],
      {
        env,
        timeout: 120_000,
      },
    );
    t.regex(stdout.trimEnd().split('\n').at(-1)!, line);
  });
}
