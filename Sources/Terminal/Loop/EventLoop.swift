import CTerminal
import Foundation

/// The loop of the one thread that talks to the terminal: it sleeps in `poll` until a key, a signal, a wake
/// or a deadline comes.
///
///     let loop = EventLoop(screen: screen)
///     let outcome = loop.run(
///       handle: { event in state.update(event) },
///       render: { screen.show(state.view(size: screen.size)) })
@MainActor
public final class EventLoop {
  /// The reason why `run` returned.
  public enum Outcome: Equatable, Sendable {
    case stopped
    /// SIGTERM, SIGHUP, SIGINT or SIGQUIT came. By custom the program now exits with 128 plus the number.
    case signal(Int32)
    /// The terminal is gone.
    case inputClosed
  }

  /// The least time from a wake to the next, and from any frame to one for a tick.
  public static let frameInterval: Duration = .milliseconds(100)
  /// The least time from a frame to one that answers a key: shorter, since people see the effect of their own
  /// hand sooner than other changes.
  static let keyFrameInterval: Duration = .milliseconds(8)
  /// A frame that is due within this time is shown at once, since another wakeup costs more.
  static let slack: Duration = .milliseconds(2)

  /// The waker for other threads.
  public nonisolated let waker = Waker()

  private let screen: Screen?
  private let input: Int32
  private var decoder = InputDecoder()
  private var outcome: Outcome?
  private let clock = ContinuousClock()
  private var lastFrame: ContinuousClock.Instant?
  /// The time of the next frame; nil while nothing has changed.
  private var frameDeadline: ContinuousClock.Instant?
  private var restDeadline: ContinuousClock.Instant?
  private var tickDeadline: ContinuousClock.Instant?
  /// The time until which wakes are not polled: a busy engine would wake the loop with each token, between
  /// two frames for nothing.
  private var wakesRestUntil: ContinuousClock.Instant?

  /// A loop on the screen's terminal.
  public init(screen: Screen) {
    self.screen = screen
    input = STDIN_FILENO
  }

  /// A loop on any descriptor, without a screen.
  init(input: Int32) {
    screen = nil
    self.input = input
  }

  /// Handles events until `stop`, a signal that ends programs, or the end of input.
  ///
  /// - Parameters:
  ///   - delay: The longest time that the first frame waits for an event.
  ///   - handle: Called with each event; wakes come no oftener than frames.
  ///   - render: Shows the present state. Called once at the start and then after events: at most 10 times a
  ///     second, but soon after a key.
  public func run(
    holdingFirstFrame delay: Duration = .zero, handle: (InputEvent) -> Void, render: () -> Void
  ) -> Outcome {
    outcome = nil
    frameDeadline = clock.now + delay
    while true {
      renderIfDue(render)
      let ready = wait()
      if ready.signal { handleSignals(handle) }
      if ready.wake, waker.consume() {
        wakesRestUntil = clock.now + Self.frameInterval
        deliver(.wake, handle)
      }
      if ready.input { readInput(handle) }
      expire(handle)
      if let outcome { return outcome }
    }
  }

  /// Makes `run` return once the present event is handled.
  public func stop() {
    outcome = outcome ?? .stopped
  }

  /// Asks for a `.tick` event after some time; replaces what was asked before.
  public func requestTick(after delay: Duration) {
    tickDeadline = clock.now + delay
  }

  // MARK: - Waiting

  private func wait() -> (input: Bool, wake: Bool, signal: Bool) {
    while true {
      if let rest = wakesRestUntil, clock.now >= rest { wakesRestUntil = nil }
      // poll skips negative descriptors.
      let wakes = wakesRestUntil == nil ? waker.descriptor : -1
      var descriptors = [input, wakes, screen?.signals.readEnd ?? -1].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      if poll(&descriptors, 3, timeout) > 0 {
        return (descriptors[0].revents != 0, descriptors[1].revents != 0, descriptors[2].revents != 0)
      }
      // A wake that was held back comes before the other events that are due, so that the next frame shows
      // its results.
      guard let rest = wakesRestUntil, clock.now >= rest else { return (false, false, false) }
    }
  }

  /// Milliseconds to the next deadline, rounded up so as not to wake too early; -1 if there is none.
  private var timeout: Int32 {
    guard let next = [frameDeadline, restDeadline, tickDeadline, wakesRestUntil].compactMap({ $0 }).min()
    else { return -1 }
    let left = clock.now.duration(to: next).components
    guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
    let milliseconds = left.seconds.multipliedReportingOverflow(by: 1000)
    let rounded = left.attoseconds / 1_000_000_000_000_000 + 1
    return milliseconds.overflow ? .max : Int32(clamping: milliseconds.partialValue + rounded)
  }

  private func renderIfDue(_ render: () -> Void) {
    let now = clock.now
    guard let frameDeadline, now + Self.slack >= frameDeadline else { return }
    lastFrame = now
    self.frameDeadline = nil
    render()
  }

  // MARK: - What has come

  /// Handles an event, and schedules a frame some time after the last one.
  private func deliver(
    _ event: InputEvent, _ handle: (InputEvent) -> Void, frameAfter interval: Duration = keyFrameInterval
  ) {
    guard outcome == nil else { return }
    let due = lastFrame.map { $0 + interval } ?? clock.now
    frameDeadline = min(frameDeadline ?? due, due)
    handle(event)
  }

  private func readInput(_ handle: (InputEvent) -> Void) {
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = read(input, &bytes, bytes.count)
    guard count > 0 else {
      if count == 0 || (errno != EINTR && errno != EAGAIN) { outcome = outcome ?? .inputClosed }
      return
    }
    for event in decoder.decode(bytes[..<count]) {
      if case .background = event { screen?.askedForBackground = nil }
      deliver(event, handle)
    }
    restDeadline = decoder.patience.map { clock.now + $0 }
  }

  private func expire(_ handle: (InputEvent) -> Void) {
    let now = clock.now
    if let deadline = restDeadline, now >= deadline {
      restDeadline = nil
      for event in decoder.flush() { deliver(event, handle) }
    }
    if let deadline = tickDeadline, now >= deadline {
      tickDeadline = nil
      deliver(.tick, handle, frameAfter: Self.frameInterval)
    }
  }

  private func handleSignals(_ handle: (InputEvent) -> Void) {
    guard let screen else { return }
    for signal in screen.signals.read() {
      switch signal {
      case SIGWINCH: screen.refit()
      case SIGCONT: screen.resume()
      case SIGTSTP: screen.suspend()
      default:
        ct_signals_heeded()
        outcome = outcome ?? .signal(signal)
        continue
      }
      deliver(.resize(screen.size), handle)
    }
  }
}
