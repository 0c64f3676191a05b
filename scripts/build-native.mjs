// Builds the addon from source: native/lapicque.<triple>.node, and its types, native/addon.d.cts.
//   node scripts/build-native.mjs [--profile NAME]
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { declarations } from './native-types.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { triple } = createRequire(import.meta.url)('../native/triple.cjs')
const { values } = parseArgs({ options: { profile: { type: 'string', default: 'release' } } })

const cargo = spawnSync('cargo', ['build', '--package', 'lapicque-node', '--locked', '--profile', values.profile], {
  cwd: root,
  stdio: 'inherit',
})
if (cargo.error?.code === 'ENOENT') {
  console.error('cargo is not on the PATH: building lapicque from source needs stable Rust 1.89 or newer (https://rustup.rs).')
  process.exit(1)
}
if (cargo.error) throw cargo.error
if (cargo.status !== 0) process.exit(cargo.status ?? 1)

// Where cargo has put it: CARGO_TARGET_DIR and cargo's own configuration may say another place.
const metadata = spawnSync('cargo', ['metadata', '--no-deps', '--format-version', '1', '--locked'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
if (metadata.status !== 0) throw new Error(metadata.stderr)
const target = JSON.parse(metadata.stdout).target_directory
const library = { darwin: 'liblapicque_node.dylib', win32: 'lapicque_node.dll' }[process.platform] ?? 'liblapicque_node.so'
const built = join(target, values.profile === 'dev' ? 'debug' : values.profile, library)
const addon = join(root, 'native', `lapicque.${triple()}.node`)
// By rename: a process that has the old file loaded keeps it.
copyFileSync(built, `${addon}.tmp`)
renameSync(`${addon}.tmp`, addon)

const types = readFileSync(join(root, 'target', 'napi-types', 'lapicque-node'), 'utf8')
writeFileSync(join(root, 'native', 'addon.d.cts'), declarations(types))
console.error(`${addon}: ${Math.round(statSync(addon).size / 1024)} KiB`)
