import Foundation
import Sessions
import Synchronization

/// A model being fetched by a `pare pull --json` in a process of its own: what a server sends can end the
/// process that reads it, and then this one lives on.
final class ModelPull: Sendable {
  private struct Content {
    var process: Process?
    var isStopped = false
  }
  private let content = Mutex(Content())
  private let name: String
  private let news: BackgroundNews

  /// Begins it.
  init(_ name: String, _ news: BackgroundNews) {
    self.name = name
    self.news = news
    Thread { self.run() }.start()
  }

  /// Ends it; what was fetched stays for another time.
  func stop() {
    content.withLock { content in
      content.isStopped = true
      content.process?.interrupt()
    }
  }

  private func run() {
    let process = Process(), output = Pipe(), errors = Pipe()
    process.executableURL = URL(filePath: "/proc/self/exe")
    process.arguments = ["pull", "--json", name]
    // A report of a crash would be of a library's insides.
    let own = ["PARE_PARENT": "\(getpid())", "SWIFT_BACKTRACE": "enable=no"]
    process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch { return news.post(.pullEnded(name, .failed("\(error)"))) }
    let isStopped = content.withLock { content in
      content.process = process
      return content.isStopped
    }
    if isStopped { process.interrupt() }
    let complaint = Mutex(Data())
    let hasComplained = DispatchSemaphore(value: 0)
    Thread {
      let text = errors.fileHandleForReading.readDataToEndOfFile()
      complaint.withLock { $0 = text }
      hasComplained.signal()
    }.start()
    var path: String?
    for line in Lines(output.fileHandleForReading) {
      guard let report = try? JSONDecoder().decode(PullReport.self, from: line) else { continue }
      if let done = report.path { path = done } else { news.post(.pullProgress(report)) }
    }
    process.waitUntilExit()
    hasComplained.wait()
    let text = String(decoding: complaint.withLock { $0 }, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let end: PullEnd
    if process.terminationReason == .exit, process.terminationStatus == 0, let path {
      end = .fetched(path: path)
    } else if content.withLock({ $0.isStopped }) {
      end = .stopped
    } else {
      let lines = text.split(separator: "\n")
      let reason = lines.last.map { $0.hasPrefix("pare: ") ? String($0.dropFirst(6)) : String($0) }
      end = .failed(reason ?? "the network library ended on the server's answer")
    }
    news.post(.pullEnded(name, end))
  }
}

/// The lines of a file as they come.
private struct Lines: Sequence, IteratorProtocol {
  private let file: FileHandle
  private var buffer = Data()

  init(_ file: FileHandle) { self.file = file }

  mutating func next() -> Data? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer = Data(buffer[(end + 1)...]) }
        return buffer[..<end]
      }
      let more = file.availableData
      guard !more.isEmpty, buffer.count < 1 << 20 else { return nil }
      buffer += more
    }
  }
}
