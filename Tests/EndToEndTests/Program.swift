import Foundation
import ModelFiles
import Testing

/// The built program, and a place of its own for everything it writes.
struct Program {
  /// Next to the test bundle, where the package manager puts both.
  static let executable: URL = {
    let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return bundle.appending(path: "pare")
  }()

  static let model = ModelFiles.smolLM

  /// A home that is removed with the program.
  let home = Home()

  final class Home: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "pare-e2e-\(UUID().uuidString)").path
    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  var environment: [String: String] {
    [
      "HOME": home.path, "PARE_MODELS": ModelFiles.folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
      "INPUTRC": "/dev/null",
    ]
  }

  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs the program without a terminal and waits for its end.
  func run(_ arguments: [String], input: String = "", environment extra: [String: String] = [:]) throws
    -> Result
  {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    process.environment = environment.merging(extra) { _, extra in extra }
    let out = URL(filePath: home.path + "/out-\(UUID().uuidString)"), err = URL(filePath: out.path + ".err")
    for file in [out, err] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    pipe.fileHandleForWriting.write(Data(input.utf8))
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: out, encoding: .utf8),
      errors: try String(contentsOf: err, encoding: .utf8))
  }

  /// Runs lines of a shell, in which `$PARE` is the program and the folder is the home.
  func shell(_ script: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(filePath: home.path)
    process.environment = environment.merging(["PARE": Self.executable.path]) { $1 }
    let (out, err) = (Pipe(), home.path + "/err-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: err, contents: nil)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = out
    process.standardError = try FileHandle(forWritingTo: URL(filePath: err))
    try process.run()
    let data = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
      errors: try String(contentsOfFile: err, encoding: .utf8))
  }

  /// The JSON object that a command prints.
  func json(_ arguments: [String], input: String = "") throws -> [String: Any] {
    let result = try run(arguments, input: input)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(object as? [String: Any])
  }
}
