import Foundation

/// A real terminal to test in: a private tmux server with one window that runs bash.
final class Tmux {
  /// For this terminal's files; removed with it.
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("terminal-tests-\(UUID().uuidString.prefix(8))")

  /// - Parameter term: what programs inside find in `TERM`.
  init(
    width: Int = 100, height: Int = 24, term: String = "tmux-256color", environment: [String: String] = [:]
  ) {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var variables = [
      "INPUTRC": "/dev/null", "LC_ALL": "C.UTF-8", "NO_COLOR": "", "COLORTERM": "", "PS1": "$ ",
    ]
    variables.merge(environment) { $1 }
    // TERM is set in the command: tmux itself sets another one.
    let command = "exec env TERM=\(term) bash --norc --noprofile"
    let arguments = ["-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)"]
    _ = run(arguments + variables.flatMap { ["-e", "\($0)=\($1)"] } + [command])
  }

  deinit {
    close()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Takes the terminal away from the programs in it.
  func close() { _ = run(["kill-server"]) }

  func type(_ text: String) { _ = run(["send-keys", "-l", text]) }
  func press(_ keys: String...) { _ = run(["send-keys"] + keys) }
  func resize(width: Int, height: Int) { _ = run(["resize-window", "-x", "\(width)", "-y", "\(height)"]) }

  /// Pastes as a terminal does: between brackets, if the program asked for them.
  func paste(_ text: String) {
    _ = run(["set-buffer", text])
    _ = run(["paste-buffer", "-p"])
  }

  /// From now on copies all that programs write to a file.
  func record(to path: String) { _ = run(["pipe-pane", "-o", "cat > \(path)"]) }

  /// The text in the window; with `styled`, with the escape sequences of its styles.
  func screen(styled: Bool = false) -> String {
    run(["capture-pane", "-p"] + (styled ? ["-e"] : []))
  }

  /// The text of tmux's newest buffer; empty without one.
  var buffer: String { run(["show-buffer"]) }

  /// One of tmux's formats, such as `alternate_on`.
  func format(_ name: String) -> String {
    run(["display-message", "-p", "#{\(name)}"]).trimmingCharacters(in: .newlines)
  }

  /// Starts a command line and waits until the shell prompts again, or until `ready` is on the screen.
  @discardableResult
  func shell(_ line: String, until ready: String? = nil) -> String {
    let mark = "done-\(UUID().uuidString.prefix(8))"
    type(ready == nil ? "clear; \(line); echo \(mark)-$?" : "clear; \(line)")
    press("Enter")
    return wait { screen in
      ready.map(screen.contains) ?? (screen.range(of: "\(mark)-[0-9]", options: .regularExpression) != nil)
    }
  }

  /// The screen once it fulfils a condition, or as it is after ten seconds.
  @discardableResult
  func wait(styled: Bool = false, until condition: (String) -> Bool) -> String {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      let now = screen(styled: styled)
      if condition(now) || ContinuousClock.now > deadline { return now }
      usleep(20_000)
    }
  }

  private func run(_ arguments: [String]) -> String {
    output(of: ["tmux", "-S", folder.appendingPathComponent("socket").path, "-u"] + arguments)
  }
}

/// Runs a program and returns what it writes to stdout.
///
/// Not by Foundation's `Process`: that waits for a descriptor to be closed, which tmux's server, started by
/// the program, inherits and keeps.
@discardableResult
func output(of arguments: [String]) -> String {
  var ends: [Int32] = [-1, -1]
  guard pipe(&ends) == 0 else { return "" }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
  // The threads of a test process have signals blocked, and that too is inherited.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
  var strings = arguments.map { strdup($0) } + [nil]
  defer { strings.forEach { free($0) } }
  var process: pid_t = 0
  let failed = posix_spawnp(&process, arguments[0], &actions, &attributes, &strings, environ)
  close(ends[1])
  let reader = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
  if failed != 0 { return "" }
  let data = reader.readDataToEndOfFile()
  var status: Int32 = 0
  waitpid(process, &status, 0)
  return String(decoding: data, as: UTF8.self)
}

/// The program that the tests run in a terminal, beside the test program itself.
let probePath: String = {
  let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("terminal-probe").path
}()
