import ArgumentParser
import Foundation
import IO
import Sessions

struct Pull: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch a model: resumed where it broke off, checked by SHA-256.")

  @Argument(help: "A name that `pare models` lists, an https address, or hf:OWNER/REPO/FILE.gguf.")
  var name: String

  @Flag(help: "Print progress and result as JSON, an object a line.")
  var json = false

  func run() async throws {
    Interrupt.watch()
    guard OwnProcess.parent != nil else { return try await OwnProcess.run(crash: BrokenNetwork(name: name)) }
    let directories = Directories()
    let store = try ModelStore(
      folder: directories.models, catalogue: .load(from: directories.catalogueFile))
    let entry = try store.entry(toPull: name)
    let line = DownloadLine(name: entry.name)
    let downloader = ModelDownloader(store: store) { [json] progress in
      if json { try? printJSON(PullReport(progress)) } else { line.show(progress) }
    }
    let pull = Task { try await downloader.pull(entry) }
    let watch = Task {
      while !Interrupt.isRequested, !OwnProcess.isOrphaned { try await Task.sleep(for: .milliseconds(50)) }
      pull.cancel()
    }
    defer {
      watch.cancel()
      line.clear()
    }
    let model = try await pull.value
    line.clear()
    if json { return try printJSON(PullReport(model)) }
    try printLine("\(model.url.path): \(model.summary)")
  }
}

/// An answer of a server that the system's network library cannot take.
private struct BrokenNetwork: Error, CustomStringConvertible {
  let name: String
  var description: String {
    "\(name): the server's answer brought down the library that reads it: fetch the file with a browser and open it with -m"
  }
}

/// A download's progress on stderr: in place on a terminal, a line now and then elsewhere.
private final class DownloadLine: Sendable {
  private let name: String

  init(name: String) { self.name = name }

  func show(_ progress: DownloadProgress) {
    StandardError.progress("\(name): \(text(progress))")
  }

  func clear() { StandardError.progress("") }

  private func text(_ progress: DownloadProgress) -> String {
    let part = progress.parts > 1 ? "part \(progress.part)/\(progress.parts) " : ""
    let done = String(format: "%.1f", Double(progress.bytes) / 1e6)
    let of = progress.totalBytes.map { String(format: "/%.1f MB", Double($0) / 1e6) } ?? " MB"
    switch progress.stage {
    case .locating: return part + "looking for it"
    case .unpacking: return part + "unpacking \(done)\(of)"
    case .verifying: return part + "checking \(done)\(of)"
    case .downloading:
      let rate = String(format: " %.1f MB/s", progress.bytesPerSecond / 1e6)
      let left = progress.secondsLeft.map { String(format: " %.0f s left", $0) } ?? ""
      return part + done + of + rate + left
    }
  }
}
