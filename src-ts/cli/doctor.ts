/** `lapicque doctor`: the binary, the machine, and which of its features are used. */
import { statSync } from 'node:fs';
import { cpus, freemem, release, totalmem, type } from 'node:os';
import native from '#native';
import { environment } from '../engine/environment.ts';
import { addon, unwrap } from '../engine/native.ts';
import { bytes, output, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

/** Loaded with `require`, because ES modules see only some names of this CommonJS module. */
const { arch, binaryPath, libc, platform } = native;

export async function doctor(options: CommonOptions): Promise<void> {
  await prepare(options);
  const { version, target, simd, simdAvailable, threads, availableThreads, mostThreads, cpuFeatures } =
    environment();
  const { resident, available } = unwrap(addon.memory());
  const report = {
    version,
    binary: { path: binaryPath, bytes: statSync(binaryPath).size, target },
    node: process.version,
    napi: process.versions.napi,
    platform,
    arch,
    system: `${type()} ${release()}`,
    libc: libc === undefined ? null : libc === 'gnu' ? `gnu ${glibcVersion() ?? ''}`.trim() : libc,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpuFeatures,
    simd,
    simdAvailable,
    threads,
    availableThreads,
    mostThreads,
    cpus: cpus().length,
    memory: {
      total: totalmem(),
      limit: memoryLimit(),
      available: available ?? freemem(),
      resident: resident ?? process.memoryUsage.rss(),
    },
    environment: {
      LAPICQUE_SIMD: process.env.LAPICQUE_SIMD ?? null,
      LAPICQUE_THREADS: process.env.LAPICQUE_THREADS ?? null,
    },
  };
  output(options.json === true).result(report, () =>
    table([
      ['lapicque', `${version}, Node ${report.node} (Node-API ${report.napi})`],
      ['binary', `${binaryPath}, ${bytes(report.binary.bytes)}, built for ${target}`],
      ['system', `${report.system}, ${arch}${report.libc === null ? '' : `, libc ${report.libc}`}`],
      ['cpu', report.cpu],
      ['features', cpuFeatures.join(' ')],
      // The portable kernels use only instructions that every CPU of the architecture has.
      [
        'simd',
        `${simd}${arch === 'arm64' ? ' (NEON)' : ''} in force; available: ${simdAvailable.join(', ')}`,
      ],
      ['threads', `${threads} in force; ${availableCpus(availableThreads, report.cpus)}`],
      [
        'memory',
        `${bytes(report.memory.total)}${report.memory.limit === null ? '' : ` (limit of the control group: ${bytes(report.memory.limit)})`}, ${bytes(report.memory.available)} available; this process ${bytes(report.memory.resident)}`,
      ],
      ...Object.entries(report.environment).flatMap(([name, value]) =>
        value === null ? [] : [[name, value]],
      ),
    ]),
  );
}

/** How many CPUs this process may use, and why fewer than the machine has. */
function availableCpus(available: number, all: number): string {
  const cpus = `${all} CPU${all === 1 ? '' : 's'}`;
  return available < all
    ? `a control group, a container or the process's affinity allows ${available} of ${cpus}`
    : `the machine has ${cpus}`;
}

/** The memory that a container or a control group (v1 or v2) allows, if that is less than the machine has. */
function memoryLimit(): number | null {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : null;
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime;
}
