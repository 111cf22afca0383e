// A program with a screen, for the tests of Terminal: they start it in a terminal, press its keys, and kill
// it. A test process cannot do this itself: it has no terminal, and must survive the crashes.

import Foundation
import Terminal

/// The effect of the keys: F1 quits, F2 dereferences null, F3 traps in Swift, F4 writes to stderr, F5 wakes
/// the loop from four threads, F6 shows all pairs of colours, F7 copies to the clipboard, F8 sets a tick, F9
/// overflows the stack, F10 that of another thread, Ctrl-Z suspends.
@MainActor
final class Probe {
  let screen: Screen
  let loop: EventLoop
  let editor = LineEditor(application: "terminal-probe")
  var events: [String] = []
  var submitted = ""
  var frames = 0
  var wakes = 0
  var showsPairs = false

  init(_ screen: Screen) {
    self.screen = screen
    loop = EventLoop(screen: screen)
  }

  func handle(_ event: InputEvent) {
    if event != .wake { events = events.suffix(4) + ["\(event)"] }
    switch event {
    case .key(.function(1), _): loop.stop()
    case .key(.function(2), _): UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
    case .key(.function(3), _): fatalError("trapped on purpose")
    case .key(.function(4), _): FileHandle.standardError.write(Data("noise on stderr\n".utf8))
    case .key(.function(5), _): wakeFromThreads()
    case .key(.function(6), _): showsPairs.toggle()
    case .key(.function(7), _): events.append("copied: \(screen.copy("clip"))")
    case .key(.function(8), _): loop.requestTick(after: .milliseconds(20))
    case .key(.function(9), _): print(Self.deeper(0))
    case .key(.function(10), _): overflowElsewhere()
    case .key("z", .control): screen.suspend()
    case .wake: wakes += 1
    default:
      if case .submitted(let text) = editor.handle(event) { submitted = text }
    }
  }

  private nonisolated static func deeper(_ depth: Int) -> Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { numbers in
      numbers[depth % 64] = depth
      return deeper(depth + 1) + numbers[depth % 64]
    }
  }

  private func overflowElsewhere() {
    Thread.detachNewThread {
      CrashReport.coverThread()
      print(Self.deeper(0))
    }
  }

  private func wakeFromThreads() {
    let waker = loop.waker
    for _ in 0..<4 {
      Thread.detachNewThread { for _ in 0..<10_000 { waker.wake() } }
    }
  }

  func render() {
    frames += 1
    var grid = CellGrid(size: screen.size)
    grid.write("size \(screen.size.width)x\(screen.size.height) colors \(screen.colors)", x: 0, y: 0)
    grid.frame(Rect(x: 0, y: 1, width: 30, height: 8), title: "Probe 日本")
    let samples = [
      "wide 日本語 ok|", "marks e\u{301} a\u{308} ok|", "emoji 👍🏽 👨‍👩‍👧 ❤\u{FE0F} ok|",
      "flag 🇫🇷 zero\u{200B}width ok|",
      "new \u{1FAE9} ok|", "esc \u{1B}[31m ok|",
    ]
    for (index, sample) in samples.enumerated() { grid.write(sample, x: 1, y: 2 + index) }
    let style = Style(foreground: Color(220), background: Color(53), attributes: [.bold, .underline])
    grid.write("styled", x: 40, y: 1, style: style)
    grid.write("reverse", x: 50, y: 1, style: Style(attributes: .reverse))
    for x in 0..<24 {
      grid.setPixels(x: 40 + x, y: 2, upper: Ramp.grey.colors[x], lower: Ramp.grey.colors[23 - x])
    }
    if showsPairs { drawPairs(&grid) }
    grid.write("frames \(frames) wakes \(wakes) submitted \(submitted.debugDescription)", x: 0, y: 9)
    for (index, event) in events.enumerated() { grid.write(event, x: 0, y: 10 + index) }
    let layout = editor.layout(prompt: "› ", width: screen.size.width)
    let top = screen.size.height - layout.rows.count
    for (index, row) in layout.rows.enumerated() { grid.write(row, x: 0, y: top + index) }
    grid.cursor = Point(x: layout.cursor.x, y: top + layout.cursor.y)
    screen.show(grid)
  }

  /// More pairs than a terminal with 64 of them has.
  private func drawPairs(_ grid: inout CellGrid) {
    for y in 0..<8 {
      for x in 0..<9 {
        let style = Style(foreground: x < 8 ? Color(UInt8(x)) : nil, background: Color(UInt8(y)))
        grid.write("\(y)", x: 66 + x, y: 1 + y, style: style)
      }
    }
  }
}

let log = ProcessInfo.processInfo.environment["PROBE_LOG"]
CrashReport.install(program: "terminal-probe 0.0", path: log ?? "")
CrashReport.set(.model, "none\nplan: forged")
CrashReport.set(.plan, "baseline")
let options = Screen.Options(logPath: log)
do {
  let screen = try Screen.start(options)
  let probe = Probe(screen)
  let outcome = probe.loop.run(handle: probe.handle, render: probe.render)
  screen.stop()
  print("outcome \(outcome)")
} catch {
  print("no screen: \(error)")
}
