// Whether this commit can be released: one version everywhere, a repository and, in a workflow of a tag, the tag of that version.
//   node scripts/release/version.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.mjs';

const root = join(import.meta.dirname, '../..');
const manifestOf = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
const { version, peerDependencies } = manifestOf('.');
const problems = [];

for (const folder of readdirSync(join(root, 'packages'))) {
  const { name, version: own } = manifestOf(join('packages', folder));
  if (own !== version)
    problems.push(
      `packages/${folder}/package.json has version ${own}; expected ${version}, that of lapicque`,
    );
  const asked = peerDependencies[name];
  if (asked !== version)
    problems.push(`peerDependencies of lapicque ask for ${name} ${asked}; expected ${version}`);
}

const { GITHUB_REF_TYPE: kind, GITHUB_REF_NAME: tag, GITHUB_REPOSITORY: here } = process.env;
if (kind === 'tag') {
  if (tag !== `v${version}`)
    problems.push(`the tag is ${tag}; expected v${version}, the version in package.json`);
  const changes = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  if (!changes.includes(`## [${version}]`)) problems.push(`CHANGELOG.md has no section "## [${version}]"`);
  if (repository === '')
    problems.push('scripts/release/repository.mjs names no repository; provenance needs one');
  else if (here !== undefined && here !== repository)
    problems.push(`scripts/release/repository.mjs names ${repository}; this is ${here}`);
}

for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`lapicque ${version}${kind === 'tag' ? `, as the tag ${tag}` : ''}`);
process.exitCode = problems.length === 0 ? 0 : 1;
