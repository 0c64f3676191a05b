// Every example runs and finds what it asserts. The main job is run by `npm start` (.github/workflows), not here: it
// takes too long for a test.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

const closing: Record<string, RegExp> = {
  'balanced-network.mjs': /^100000 synapses; E fires at [\d.]+ Hz, I at [\d.]+ Hz$/,
  'cell-assembly.mjs': /^recalled from half a cue: \d\.\d % before learning, (9\d|100)\.\d % after$/,
  'conv.mjs': /^accuracy [\d.]+ % on images never seen$/,
  'custom-loss.mjs': /^loss 0\.\d+ before, 0\.0\d+ after 300 steps$/,
  'custom-neuron.mjs': /^loss [\d.]+, accuracy (8[5-9]|9\d|100)[\d.]* %, tauMem [\d.]+ ms$/,
  'encoders.mjs': /^\d+ spikes in the rate code, 102 expected$/,
  'izhikevich-patterns.mjs': /^20 patterns, 111 spikes: build\/izhikevich-patterns\.png$/,
  'recurrent.mjs': /^accuracy [\d.]+ %, \d+ hidden spikes a sample$/,
  'stdp-window.mjs': /^within 0\.\d+ % of two exponentials$/,
  'spikformer.mjs': /^loss [\d.]+ before, [\d.]+ after, accuracy [\d.]+ %$/,
  'stream.mjs': /^class [01]: output spikes \d+ and \d+ in 20 steps$/,
};
const examples = readdirSync('examples').filter((name) => name.endsWith('.mjs'));

test('every example is known here', (t) => {
  t.deepEqual(examples.sort(), [...Object.keys(closing), 'digits.mjs'].sort());
});

for (const [name, line] of Object.entries(closing)) {
  test(name, async (t) => {
    const { stdout } = await promisify(execFile)(process.execPath, [`examples/${name}`], { timeout: 60_000 });
    t.regex(stdout.trimEnd().split('\n').at(-1)!, line);
  });
}
