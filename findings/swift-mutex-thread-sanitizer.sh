#!/usr/bin/env bash
# Swift 6.3.1 on Linux: the thread sanitizer reports races on data that a Synchronization.Mutex guards, as soon as one
# thread had to wait for the other. The slow path of the lock is in libswiftSynchronization, which is built without the
# sanitizer, so that it does not see the order that the lock makes. Without waiting nothing is reported.
#
# Expected before the run: no report in either case, since the lock is made of atomics that the compiler inlines.
#
# Needs Swift in PATH; no packages.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
swift --version 2>/dev/null | grep -q 'Swift version 6.3.1' || { echo 'this was seen with Swift 6.3.1; another is here' >&2; exit 1; }

cat >main.swift <<'S'
import Foundation
import Synchronization

final class Box: Sendable {
  let items = Mutex<[Int]>([])
  let turn = DispatchSemaphore(value: 0), done = DispatchSemaphore(value: 0)
}
let box = Box()
let holds = CommandLine.arguments[1] == "waiting"
Thread {
  box.items.withLock {
    $0.append(1)
    if holds {
      box.turn.signal()
      Thread.sleep(forTimeInterval: 0.5)
    }
    $0.append(2)
  }
  if !holds {
    Thread.sleep(forTimeInterval: 0.5)
    box.turn.signal()
  }
  box.done.signal()
}.start()
Thread {
  box.turn.wait()
  box.items.withLock { $0.append(3) }
  box.done.signal()
}.start()
box.done.wait()
box.done.wait()
print(box.items.withLock { $0.count })
S
# The semaphore would itself order the two where nobody waits; it is what makes that case certain.
swiftc -O -sanitize=thread main.swift -o main 2>/dev/null
export SWIFT_BACKTRACE=enable=no
for case in alone waiting; do
  ./main $case >out 2>&1 || true
  echo "$case: $(grep -c '^3$' out) right sum, $(grep -q 'SUMMARY: ThreadSanitizer' out && echo reported || echo 'no report')"
done | tee seen
expected='alone: 1 right sum, no report
waiting: 1 right sum, reported'
diff <(echo "$expected") seen && echo 'as stated'
