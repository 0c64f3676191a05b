// The exported C of an integer network, compiled and compared with the network itself.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Compiles the C of a network and runs it on counts.
 *
 * @param network - an integer network
 * @param input - counts `[steps, channels]`, an `Int16Array`
 * @returns steps whose output spikes and potentials are equal to those of the network, and all steps; nothing where the machine has no `cc`
 */
export function compareWithC(network, input) {
  const { layers, input: sizes } = network.description;
  const out = layers.at(-1);
  const channels = sizes.size;
  const steps = input.length / channels;
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-c-'));
  try {
    const { header, source } = network.toC({ name: 'net' });
    writeFileSync(join(folder, 'net.h'), header);
    writeFileSync(join(folder, 'net.c'), source);
    writeFileSync(join(folder, 'main.c'), program(out));
    try {
      execFileSync('cc', ['-std=c99', '-O2', '-o', 'net', 'net.c', 'main.c'], { cwd: folder, stdio: 'pipe' });
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
    const bytes = execFileSync(join(folder, 'net'), {
      input: Buffer.from(input.buffer, input.byteOffset, input.byteLength),
      maxBuffer: 2 ** 30,
    });
    const answers = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const session = network.session();
    let equal = 0;
    for (let step = 0; step < steps; step++) {
      session.push(input.slice(step * channels, (step + 1) * channels));
      const expected = [...session.v(), ...session.counts()];
      const from = step * expected.length;
      if (expected.every((value, i) => value === answers[from + i])) equal++;
    }
    session.dispose();
    return { equal, steps };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads counts from standard input, writes v and spikes of the output after each step. */
const program = ({ name, neurons, rules }) => `#include <stdio.h>
#include "net.h"
int main(void) {
    net_state state;
    int16_t input[NET_INPUTS];
    net_reset(&state);
    while (fread(input, sizeof input, 1, stdin) == 1) {
        int32_t answer[2 * ${neurons}];
        net_step(&state, input);
        for (int j = 0; j < ${neurons}; j++) {
            answer[j] = state.${name}_v[j];
            answer[${neurons} + j] = ${rules.spiking ? `state.${name}_spikes[j]` : '0'};
        }
        fwrite(answer, sizeof answer, 1, stdout);
    }
    return 0;
}
`;
