import Foundation
import Testing

@testable import Templates

/// Compares with Jinja2 on the templates that llama.cpp's source distribution carries, which are not ours to
/// commit. Set PARE_LLAMACPP_DIR to its folder `llama.cpp`, and PARE_PYTHON to a Python that has jinja2.
struct RealTemplatesTests {
  static let folder = ProcessInfo.processInfo.environment["PARE_LLAMACPP_DIR"]

  @Test(.enabled(if: folder != nil))
  func equalsJinja() throws {
    let folder = try #require(Self.folder) + "/models/templates"
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let python = ProcessInfo.processInfo.environment["PARE_PYTHON"] ?? "python3"
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Fixtures/real_templates.py"
    ).path
    process.arguments = [python, "-B", script, folder]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)

    let cases = try JSONDecoder().decode([ReferenceCase].self, from: data)
    var (equal, refused) = (0, 0)
    for reference in cases {
      do {
        let text = try reference.render().map(\.text).joined()
        #expect(text == reference.output, "\(reference.name): Jinja2 says \(reference.error ?? "otherwise")")
        if text == reference.output { equal += 1 }
      } catch {
        #expect(reference.output == nil, "\(reference.name): \(error)")
        if reference.output == nil { refused += 1 }
      }
    }
    print("\(equal) outputs equal and \(refused) refusals shared, of \(cases.count) cases")
    #expect(!cases.isEmpty)
  }
}
