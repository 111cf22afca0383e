import Foundation
import Glibc
import Testing

/// A terminal of a given size in tmux, with the program in it. Tests wait for what the screen shows, and
/// never for a length of time.
final class Tmux {
  private let socket = "pare-e2e-\(UUID().uuidString)"
  private let program: Program

  /// Starts the program in a shell, which then prints its exit status, and whether the terminal's modes are
  /// those of before. The status is in the file ``statusPath`` too.
  ///
  /// - Parameter hangup: What the shell does at a hangup: nothing (`''`), which the program inherits, or a
  ///   command; the program then ends by it.
  init(
    _ arguments: String = "", width: Int, height: Int, program: Program = Program(),
    environment: [String: String] = [:], hangup: String = ":"
  ) throws {
    self.program = program
    let variables = program.environment.merging(environment) { _, extra in extra }
      .map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    let script = """
      trap \(hangup) HUP
      before=$(stty -g)
      env \(variables) '\(Program.executable.path)' \(arguments)
      status=$?
      echo $status > '\(statusPath)'
      echo "exit status $status"
      [ "$before" = "$(stty -g)" ] && echo "modes restored" || echo "modes changed"
      exec cat
      """
    let file = program.home.path + "/start-\(socket).sh"
    try script.write(toFile: file, atomically: true, encoding: .utf8)
    try start("-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)", "sh \(file)")
  }

  deinit { close() }

  /// The file to which the program's exit status is written.
  var statusPath: String { program.home.path + "/status-\(socket)" }

  /// Takes the terminal away.
  func close() { _ = try? tmux("kill-server") }

  /// Starts the server. Not by Foundation's `Process`: the server outlives its first client, and `Process`
  /// waits for everyone who inherited its descriptors.
  private func start(_ arguments: String...) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // Threads of the tests block signals; a server that inherits that never hears of its end.
    var attributes = posix_spawnattr_t(), none = sigset_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let strings = (["tmux", "-L", socket] + arguments).map { strdup($0) }
    defer { for string in strings { free(string) } }
    var client: pid_t = 0
    let failure = posix_spawn(&client, "/usr/bin/tmux", &actions, &attributes, strings + [nil], environ)
    try #require(failure == 0, "tmux cannot be started")
    waitpid(client, nil, 0)
  }

  @discardableResult
  private func tmux(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/tmux")
    process.arguments = ["-L", socket] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  /// Presses keys by tmux's names: `Enter`, `C-c`, `F1`, `Tab`, `Up`…
  func press(_ keys: String...) throws {
    for key in keys { try tmux("send-keys", key) }
  }

  func type(_ text: String) throws { try tmux("send-keys", "-l", text) }

  func enter(_ line: String) throws {
    try type(line)
    try press("Enter")
  }

  func paste(_ text: String) throws {
    try tmux("set-buffer", text)
    try tmux("paste-buffer", "-p")
  }

  func resize(width: Int, height: Int) throws {
    try tmux("resize-window", "-x", "\(width)", "-y", "\(height)")
  }

  /// The text on the screen, a line a row.
  func screen() throws -> String { try tmux("capture-pane", "-p") }

  /// Process id of the program.
  func processID() throws -> Int32 {
    let shell = try tmux("list-panes", "-F", "#{pane_pid}").trimmingCharacters(in: .whitespacesAndNewlines)
    let children = try String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
    let child = try #require(children.split(separator: " ").first.flatMap { Int32($0) })
    return child
  }

  /// Looks again and again until the screen is as wanted; fails with the last screen when it never is.
  @discardableResult
  func wait(
    _ what: String, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
    until isReached: (String) -> Bool
  ) async throws -> String {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      // A busy machine can make a sleep long: after it there is one look more.
      let isLast = ContinuousClock.now >= end
      let last = try screen()
      if isReached(last) { return last }
      if isLast { try fail(what, last, sourceLocation) }
      try await Task.sleep(for: .milliseconds(30))
    }
  }

  private func fail(_ what: String, _ last: String, _ sourceLocation: SourceLocation) throws -> Never {
    Issue.record("never seen: \(what); the screen shows\n\(last)", sourceLocation: sourceLocation)
    throw NeverSeen()
  }

  @discardableResult
  func wait(for text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    try await wait("“\(text)”", sourceLocation: sourceLocation) { $0.contains(text) }
  }

  struct NeverSeen: Error {}
}
