import Foundation
import FuzzTargets

// libFuzzer's entry points. PARE_FUZZ names the target, since libFuzzer takes all arguments for its own.

private func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data(message.utf8))
  exit(2)
}

private let target: FuzzTarget = {
  let name = getenv("PARE_FUZZ").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    fail("fuzz: PARE_FUZZ is “\(name)”: use one of \(known)\n")
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}

/// Writes the seeds into the folder that PARE_FUZZ_SEEDS names, before libFuzzer reads it.
@_cdecl("LLVMFuzzerInitialize")
public func initializeFuzzer(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  guard let folder = getenv("PARE_FUZZ_SEEDS").map({ URL(filePath: String(cString: $0)) }) else { return 0 }
  for (number, seed) in target.seeds.enumerated() {
    do { try Data(seed).write(to: folder.appending(path: "seed-\(number)")) } catch {
      fail("fuzz: \(error)\n")
    }
  }
  return 0
}
