import Foundation
import Testing

/// The picture on a real terminal, and the state it is left in, with `terminal-probe` running in tmux.
@Suite(.serialized) struct ScreenTests {
  private func start(_ tmux: Tmux) {
    tmux.shell("PROBE_LOG=\(log(of: tmux)) \(probePath)", until: "›")
  }

  private func log(of tmux: Tmux) -> String { tmux.folder.appendingPathComponent("log").path }

  /// The number of the process that the window's shell has started.
  private func child(of tmux: Tmux) -> String {
    let shell = tmux.format("pane_pid")
    let children = try? String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
    return (children ?? "").trimmingCharacters(in: .whitespaces)
  }

  @Test func showsTheGrid() {
    let tmux = Tmux()
    start(tmux)
    let rows = tmux.wait { $0.contains("›") }.split(separator: "\n").map(String.init)
    #expect(rows[0] == "size 100x24 colors palette256")
    #expect(rows[1] == "┌ Probe 日本 ────────────────┐          styled    reverse")
    #expect(rows[2] == "│wide 日本語 ok|             │          ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀")
    #expect(rows[3] == "│marks e\u{301} a\u{308} ok|               │")
    #expect(rows[4] == "│emoji 👍 👨👩👧 ❤ ok|       │")
    #expect(rows[5] == "│flag 🇫🇷 zerowidth ok|       │")
    #expect(rows[7] == "│esc [31m ok|                │")
    let styled = tmux.screen(styled: true)
    #expect(styled.contains("\u{1B}[38;5;220m\u{1B}[48;5;53mstyled"))
    #expect(styled.contains("\u{1B}[38;5;233m\u{1B}[48;5;254m▀"))
    #expect(tmux.format("cursor_x") == "2" && tmux.format("cursor_y") == "23")
  }

  @Test func editsAndFollowsTheSize() {
    let tmux = Tmux()
    start(tmux)
    tmux.type("héllo")
    tmux.press("Home", "Right", "Delete", "C-e")
    tmux.type("日本")
    tmux.wait { $0.contains("› hllo日本") }
    #expect(tmux.format("cursor_x") == "10")
    tmux.press("M-Enter")
    tmux.type("two")
    tmux.wait { $0.contains("› hllo日本\n  two") }
    tmux.press("Enter")
    let submitted = #"submitted "hllo日本\ntwo""#
    #expect(tmux.wait { $0.contains(submitted) }.contains(submitted))
    tmux.paste("a\nb")
    #expect(tmux.wait { $0.contains("› a\n  b") }.contains(#"paste("a\nb")"#))
    for (width, height) in [(60, 16), (120, 40), (20, 5), (1, 1), (80, 24)] {
      tmux.resize(width: width, height: height)
      if width == 1 { continue }  // nothing to read there, but the next size shows whether it survived
      let first = "size \(width)x\(height)"
      #expect(tmux.wait { $0.hasPrefix(first) }.hasPrefix(first))
    }
    #expect(tmux.wait { $0.contains("› a\n  b") }.contains("└─────"))
  }

  @Test func idleCostsNothingAndChangesCostLittle() throws {
    let tmux = Tmux()
    start(tmux)
    let recorded = tmux.folder.appendingPathComponent("bytes").path
    tmux.record(to: recorded)
    tmux.type("x")
    tmux.wait { $0.contains("› x") }
    // tmux writes the record through another process, which may lag behind the screen.
    var bytes = Data()
    let deadline = ContinuousClock.now + .seconds(20)
    let (begin, end) = ("\u{1B}[?2026h", "\u{1B}[?2026l")
    while !bytes.suffix(end.utf8.count).elementsEqual(end.utf8), ContinuousClock.now < deadline {
      bytes = FileManager.default.contents(atPath: recorded) ?? Data()
      usleep(10_000)
    }
    // All of a frame lies between the marks, since it is sent at once.
    let frames = String(decoding: bytes, as: UTF8.self).components(separatedBy: begin)
    #expect(frames.count > 1 && frames[0] == "" && frames.dropFirst().allSatisfy { $0.hasSuffix(end) })
    #expect(bytes.count < 400, "\(bytes.count) bytes for one key")
    let child = child(of: tmux)
    /// Times the process was put on a processor, and the time it spent there.
    func schedule() throws -> String {
      try String(contentsOfFile: "/proc/\(child)/schedstat", encoding: .utf8)
    }
    // The last frame may still be due at first.
    var isIdle = false
    for _ in 0..<5 where !isIdle {
      let before = try schedule()
      usleep(500_000)
      isIdle = try schedule() == before
    }
    #expect(isIdle)
  }

  @Test(arguments: ["C-z", "TSTP", "STOP"])
  func suspendsAndContinues(_ way: String) {
    let tmux = Tmux()
    start(tmux)
    tmux.type("abc")
    tmux.wait { $0.contains("› abc") }
    if way == "C-z" { tmux.press("C-z") } else { output(of: ["kill", "-\(way)", child(of: tmux)]) }
    #expect(tmux.wait { $0.contains("Stopped") }.contains("Stopped"))
    if way != "STOP" {  // of that one the program learns only afterwards
      #expect(tmux.format("alternate_on") == "0")
      #expect(tmux.format("mouse_any_flag") == "0")
    }
    #expect(tmux.shell("stty -a").contains(" echo "))
    tmux.resize(width: 90, height: 20)
    tmux.shell("fg", until: "size 90x20")
    #expect(tmux.wait { $0.contains("› abc") && $0.contains("┌ Probe") }.contains("size 90x20"))
    tmux.type("d")
    #expect(tmux.wait { $0.contains("› abcd") }.contains("› abcd"))
    #expect(tmux.format("mouse_any_flag") == "1")
  }

  @Test func endsWithItsTerminal() {
    let tmux = Tmux()
    start(tmux)
    let child = child(of: tmux)
    #expect(FileManager.default.fileExists(atPath: "/proc/\(child)/stat"))
    tmux.close()
    let deadline = ContinuousClock.now + .seconds(10)
    while FileManager.default.fileExists(atPath: "/proc/\(child)/stat"), ContinuousClock.now < deadline {
      usleep(20_000)
    }
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(child)/stat"))
  }

  @Test(arguments: ["C", "POSIX", "nonsense", ""])
  func worksInAnyLocale(_ locale: String) {
    let tmux = Tmux(environment: ["LC_ALL": locale, "LANG": ""])
    start(tmux)
    tmux.type("日本")
    #expect(tmux.wait { $0.contains("› 日本") }.contains("│wide 日本語 ok|             │"))
  }

  /// All signals that end programs from outside, but for the one that cannot be caught.
  static let endings = [
    "TERM", "HUP", "INT", "QUIT", "PIPE", "ALRM", "USR1", "USR2", "VTALRM", "PROF", "XCPU", "XFSZ", "IO",
    "PWR", "STKFLT", "RTMIN", "RTMIN+3", "64",
  ]

  @Test(arguments: ["F1", "F2", "F3", "F9", "F10"] + endings)
  func givesTheTerminalBack(_ end: String) {
    let tmux = Tmux()
    let before = tmux.shell("stty -a")
    start(tmux)
    tmux.wait { _ in tmux.format("alternate_on") == "1" }
    #expect(tmux.format("mouse_any_flag") == "1")
    if end.hasPrefix("F") {
      tmux.press(end)
    } else {
      output(of: ["kill", "-\(end)", child(of: tmux)])
    }
    let said = tmux.wait { $0.contains("$ \n") || $0.contains("outcome") || $0.contains("crashed") }
    switch end {
    case "F1": #expect(said.contains("outcome stopped"))
    case "F2", "F9", "F10": #expect(said.contains("terminal-probe 0.0 crashed (SIGSEGV); the report is in /"))
    case "F3":
      #expect(said.contains("terminal-probe 0.0 crashed ("))
      #expect(
        (try? String(contentsOfFile: log(of: tmux), encoding: .utf8))?.contains("trapped on purpose") == true)
    default: #expect(said.contains("outcome signal("), "\(said)")
    }
    if let number = ["TERM": 15, "HUP": 1, "INT": 2, "USR1": 10, "XCPU": 24][end] {
      #expect(said.contains("outcome signal(\(number))"))
    }
    #expect(tmux.shell("stty -a").split(separator: "\n").prefix(6) == before.split(separator: "\n").prefix(6))
    #expect(tmux.format("alternate_on") == "0")
    #expect(tmux.format("mouse_any_flag") == "0")
    #expect(tmux.format("cursor_flag") == "1")
  }

  /// The report says when, which program, what it was doing, and where; nobody is asked anything.
  @Test(arguments: ["F2", "F9", "F10"]) func aCrashIsReported(_ key: String) throws {
    let tmux = Tmux()
    start(tmux)
    tmux.press(key)
    tmux.wait { $0.contains("crashed") && $0.contains("$ \n") }
    #expect(tmux.shell("echo alive").contains("alive"))
    let report = try String(contentsOfFile: log(of: tmux), encoding: .utf8)
    let lines = report.split(separator: "\n", omittingEmptySubsequences: false)
    let head =
      #/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ terminal-probe 0\.0 crashed: SIGSEGV at address 0x[0-9a-f]+, thread /#
    let first = try #require(lines.firstIndex { $0.contains(head) })
    #expect(lines[first].hasPrefix(Date.now.formatted(.iso8601.year().month().day())))
    #expect(lines[first + 1] == #"model: none\nplan: forged"#)
    #expect(lines[first + 2] == "plan: baseline")
    let frames = lines[(first + 3)...].filter { $0.contains("terminal-probe(+0x") || $0.contains(".so") }
    #expect(frames.count > 3, "\(report)")
    #expect(frames.count <= 48)
  }

  /// Under nohup a program outlives its terminal.
  @Test func ignoredSignalsStayIgnored() {
    let tmux = Tmux()
    tmux.shell("(trap '' HUP USR1; exec \(probePath))", until: "›")
    output(of: ["kill", "-HUP", child(of: tmux)])
    output(of: ["kill", "-USR1", child(of: tmux)])
    tmux.type("still here")
    #expect(tmux.wait { $0.contains("› still here") }.contains("› still here"))
    tmux.press("F1")
    #expect(tmux.wait { $0.contains("outcome") }.contains("outcome stopped"))
  }

  @Test func wakesAndTicksArrive() throws {
    let tmux = Tmux()
    start(tmux)
    tmux.press("F5", "F8", "F4", "F7")
    let screen = tmux.wait { $0.contains("tick") && $0.contains("copied:") && !$0.contains("wakes 0") }
    #expect(screen.contains("tick") && screen.contains("copied: tmux") && !screen.contains("wakes 0"))
    #expect(tmux.buffer == "clip")
    #expect(!screen.contains("noise"))
    #expect(try String(contentsOfFile: log(of: tmux), encoding: .utf8).contains("noise on stderr"))
  }

  /// Without tmux's word of itself the terminal alone is asked, which by default forwards nothing: that it
  /// took the text is not known, and not said.
  @Test func whatATerminalMakesOfACopyIsNotKnown() {
    let tmux = Tmux()
    tmux.shell("unset TMUX; PROBE_LOG=\(log(of: tmux)) \(probePath)", until: "frames")
    tmux.press("F7")
    #expect(tmux.wait { $0.contains("copied:") }.contains("copied: offered"))
    #expect(tmux.buffer == "")
  }

  /// Colours by their components, where somebody says that the terminal has them; GNU screen would garble them.
  @Test(arguments: [
    ("tmux-256color", "truecolor", true, "colors trueColor"),
    ("xterm-256color", "24bit", false, "colors trueColor"),
    ("xterm-direct", "", false, "colors trueColor"),
    ("screen-256color", "truecolor", false, "colors palette256"),
    ("xterm-256color", "", false, "colors palette256"), ("linux", "truecolor", false, "colors ansi8"),
  ])
  func allColors(_ term: String, _ variable: String, isInTmux: Bool, _ expected: String) {
    let tmux = Tmux(term: term, environment: ["COLORTERM": variable])
    let command = "PROBE_LOG=\(log(of: tmux)) \(probePath)"
    tmux.shell((isInTmux ? "" : "unset TMUX; ") + command, until: "›")
    #expect(tmux.wait { $0.contains("colors") }.contains(expected))
    let styled = tmux.screen(styled: true)
    #expect(styled.contains("\u{1B}[38;2;255;215;0m") == expected.contains("trueColor"))
    #expect(styled.contains("\u{1B}[48;2;95;0;95mstyled") == expected.contains("trueColor"))
  }

  @Test(arguments: [
    ("tmux-256color", "", "colors palette256"), ("tmux-256color", "1", "colors mono"),
    ("screen", "", "colors ansi8"),
    ("linux", "", "colors ansi8"), ("vt100", "", "colors mono"), ("xterm-kitty", "", "colors palette256"),
    ("made-up-256color", "", "colors palette256"),
  ])
  func colorDepths(_ term: String, _ noColor: String, _ expected: String) {
    let tmux = Tmux(term: term, environment: ["NO_COLOR": noColor])
    start(tmux)
    tmux.press("F6")  // all pairs of colours, more than some terminals have
    tmux.type("still here")
    let screen = tmux.wait { $0.contains("› still here") }
    #expect(screen.contains(expected))
    #expect(screen.contains("› still here"))
    #expect(screen.contains("000000000") && screen.contains("777777777"))
    let styled = tmux.screen(styled: true)
    #expect(styled.contains("\u{1B}[38;5;") == (expected == "colors palette256"))
    let isColored = styled.range(of: "\u{1B}\\[(3[0-8]|4[0-8])", options: .regularExpression) != nil
    #expect(isColored == (expected != "colors mono"))
  }

  @Test(arguments: [
    ("TERM=dumb", "TERM is unset or dumb"), ("TERM=", "TERM is unset or dumb"),
    ("TERM=nonsense", "TERM=nonsense is not in"),
    ("true |", "not both a terminal"),
  ])
  func refusesWhatCannotBeDrawnOn(_ prefix: String, _ reason: String) {
    let tmux = Tmux()
    #expect(tmux.shell("\(prefix) \(probePath)").contains("no screen: "))
    #expect(tmux.screen().contains(reason))
    #expect(tmux.format("alternate_on") == "0")
  }
}
