// The recipes of docs/guides/production.md as far as they are data: Dockerfiles and the manifest for Kubernetes agree with the server that they run.
// `npm run rehearse -- images examples` runs their steps.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';

interface Stage {
  name: string;
  base: string;
  steps: { instruction: string; text: string }[];
}
const { stagesOf, copyOf } = (await import(
  pathToFileURL(resolve('scripts/release/rehearsal/dockerfile.mjs')).href
)) as {
  stagesOf(text: string): Stage[];
  copyOf(text: string): { from?: string; sources: string[] };
};

const folder = 'examples/production/server';
const server = await readFile(join(folder, 'server.mjs'), 'utf8');
const paths = [...server.matchAll(/server\.get\('([^']+)'/g)].map(([, path]) => path);

for (const [name, context] of [
  ['Dockerfile', folder],
  ['Dockerfile.clone', '.'],
] as const)
  test(`${name}: several stages, no Rust in the last, a user without rights, a health check`, async (t) => {
    const stages = stagesOf(await readFile(join(folder, name), 'utf8'));
    const names = stages.map((stage) => stage.name);
    for (const { steps } of stages)
      for (const { text } of steps.filter(({ instruction }) => instruction === 'COPY')) {
        const { from, sources } = copyOf(text);
        if (from !== undefined) t.true(names.includes(from), text);
        else for (const path of sources) t.true(existsSync(join(context, path)), text);
      }
    const last = stages.at(-1)!;
    const of = (wanted: string) => last.steps.filter(({ instruction }) => instruction === wanted);
    // Nothing is run in it, so it has what its base has and what is copied.
    t.deepEqual(of('RUN'), []);
    const base = stages.find((stage) => stage.name === last.base)?.base ?? last.base;
    t.regex(base, /^node:24-/);
    t.deepEqual(
      of('COPY').flatMap(({ text }) => copyOf(text).from ?? []),
      ['install'],
    );
    t.deepEqual(of('USER'), [{ instruction: 'USER', text: 'node' }]);
    t.deepEqual(JSON.parse(of('CMD')[0]!.text), ['node', 'server.mjs']);
    const health = /CMD (\[.*\])$/.exec(of('HEALTHCHECK')[0]!.text)![1]!;
    t.true(paths.includes(/PORT\}(\/\w+)/.exec(JSON.parse(health)[2])![1]!));
    // Whatever the server imports is in the image.
    const copied = of('COPY').flatMap(({ text }) =>
      copyOf(text).sources.map((path) => path.split('/').at(-1)),
    );
    for (const [, module] of server.matchAll(/from '\.\/([\w.]+)'/g)) t.true(copied.includes(module!));
  });

test('kubernetes.yaml: probes, port and metrics are those of the server', async (t) => {
  const text = await readFile(join(folder, 'kubernetes.yaml'), 'utf8');
  const [deployment, service] = parseAllDocuments(text).map((document) => document.toJS());
  const { metadata, spec } = deployment.spec.template;
  const [container] = spec.containers;
  const { containerPort, name } = container.ports[0];
  t.true(server.includes(`process.env.PORT ?? ${containerPort}`));
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const { path, port } = container[probe].httpGet;
    t.true(paths.includes(path), path);
    t.is(port, name);
  }
  // A process that is busy must not be started again.
  t.is(container.livenessProbe.httpGet.path, '/health');
  t.is(container.readinessProbe.httpGet.path, '/ready');
  t.is(metadata.annotations['prometheus.io/port'], String(containerPort));
  t.true(paths.includes(metadata.annotations['prometheus.io/path']));
  t.is(service.spec.ports[0].targetPort, name);
  t.deepEqual(service.spec.selector, metadata.labels);
  t.deepEqual(deployment.spec.selector.matchLabels, metadata.labels);
  t.true(spec.securityContext.runAsNonRoot);
});

test('Next.js leaves the package outside its bundle', async (t) => {
  const { default: config } = await import(
    pathToFileURL(resolve('examples/production/next/next.config.mjs')).href
  );
  t.deepEqual(config.serverExternalPackages, ['lapicque']);
});

test('the alert rules of docs/guides/operations.md use metrics that exist', async (t) => {
  const page = await readFile('docs/guides/operations.md', 'utf8');
  const rules = parse(/```yaml\n(groups:[\s\S]*?)```/.exec(page)![1]!);
  const listed = new Set([...page.matchAll(/^\| `(lapicque_\w+)/gm)].map(([, name]) => name));
  const sources = await Promise.all(
    ['src-ts/engine/metrics.ts', 'src-ts/study/metrics.ts', 'src-ts/cli/sweep-metrics.ts'].map((path) =>
      readFile(path, 'utf8'),
    ),
  );
  const written = new Set(
    sources.flatMap((text) => [
      ...[...text.matchAll(/'(lapicque_[a-z_]+)'/g)]
        .map(([, name]) => name!)
        .filter((name) => name !== 'lapicque_engine'),
      ...[...text.matchAll(/`\$\{engine\}_(\w+)`/g)].map(([, name]) => `lapicque_engine_${name}`),
      ...[...text.matchAll(/one\(\s*'(\w+)'/g)].map(([, name]) => `lapicque_study_${name}`),
    ]),
  );
  t.deepEqual([...listed].sort(), [...written].sort());
  const used = rules.groups
    .flatMap((group: { rules: { expr: string }[] }) => group.rules)
    .flatMap(({ expr }: { expr: string }) => [...expr.matchAll(/lapicque_\w+/g)].map(([name]) => name));
  t.true(used.length > 4);
  for (const name of used) t.true(listed.has(name), name);
});
