#!/usr/bin/env bash
# SwiftPM of Swift 6.3.1 hands `--sanitize fuzzer --sanitize address` to the Swift compiler as two -sanitize options, of
# which that keeps only the last. Swift code is then compiled without the counters that libFuzzer needs, while C code of
# the same package (clang keeps both) has them: fuzzing runs, counts executions, and is blind to everything in Swift. With
# `-Xswiftc -sanitize=fuzzer,address` behind them both are in force.
#
# Expected before the run: both sanitizers in Swift and in C, as the option's help says nothing else.
#
# Needs Swift in PATH; no packages.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
swift --version 2>/dev/null | grep -q 'Swift version 6.3.1' || { echo 'this was seen with Swift 6.3.1; another is here' >&2; exit 1; }
mkdir -p Sources/Both Sources/CBoth/include
cat >Package.swift <<'S'
// swift-tools-version: 6.1
import PackageDescription
let package = Package(name: "both", targets: [.target(name: "CBoth"), .target(name: "Both", dependencies: ["CBoth"])])
S
echo 'int c_both(const unsigned char *p, int n);' >Sources/CBoth/include/CBoth.h
echo '#include "CBoth.h"
int c_both(const unsigned char *p, int n) { return n > 2 && p[1] == 7 ? p[0] : 0; }' >Sources/CBoth/both.c
echo 'import CBoth
public func both(_ p: UnsafePointer<UInt8>, _ n: Int) -> Int { n > 2 && p[1] == 7 ? Int(p[0]) : Int(c_both(p, 1)) }' >Sources/Both/both.swift

sections() { # which sanitizers left something in an object
  local asan counters
  asan=$(nm "$1" | grep -c __asan_report || true)
  counters=$(readelf -SW "$1" | grep -c sancov_cntrs || true)
  echo "address $( ((asan)) && echo yes || echo no), counters $( ((counters)) && echo yes || echo no)"
}
build() {
  rm -rf .build
  swift build -c release --sanitize fuzzer --sanitize address "$@" >log 2>&1 || { cat log; exit 1; }
  echo "C: $(sections "$(find .build/ -path '*CBoth.build*' -name 'both.c.o')")"
  echo "Swift: $(sections "$(find .build/ -path '*/Both.build*' -name '*.o' | head -1)")"
}
{
  build
  build -Xswiftc -sanitize=fuzzer,address
} | tee seen
expected='C: address yes, counters yes
Swift: address yes, counters no
C: address yes, counters yes
Swift: address yes, counters yes'
diff <(echo "$expected") seen && echo 'as stated'
