#!/usr/bin/env bash
# What CI does: format, lints, generated files, build, tests. Green here means green there.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
# Also which room of src-ts may import from which (biome.rooms.json), and that no files import each other in a circle.
npx biome ci
npm run typecheck
# No import cycle between the rooms of a crate.
node scripts/check/rooms.mjs
# Adding a neuron, a loss, an optimizer, an encoder or an event format is two files: the recipes are followed in a copy.
node scripts/check/recipe.mjs check
npm run build:native
npm run generate
npm run build
npm run docs
# Generated and committed, so that every change of the API and of a model is seen in review.
git diff --exit-code -- index.d.ts api native/addon.d.cts 'src-ts/*/*.generated.ts' docs/reference/models.md docs/reference/synapses.md docs/reference/layers.md docs/reference/training.md docs/reference/losses.md docs/reference/optimizers.md docs/reference/encoders.md docs/guides/quantization.md docs/guides/nir.md docs/guides/event-files.md
# The crates of kernels with assertions, which the profile of `npm test` leaves out there.
for room in base dynamics exec expr many options plasticity projection simulate train; do
  cargo test -p "lapicque-$room" --lib --locked
done
npm test
