import Foundation
import Synchronization
import Testing

@testable import Terminal

@MainActor @Suite(.serialized) struct EventLoopTests {
  private let pipe = Pipe()
  private let loop: EventLoop
  private var input: FileHandle { pipe.fileHandleForWriting }

  init() {
    loop = EventLoop(input: pipe.fileHandleForReading.fileDescriptor)
  }

  /// Runs until `count` events have come or two seconds have passed.
  private func events(_ count: Int) -> [InputEvent] {
    var events: [InputEvent] = []
    loop.requestTick(after: .seconds(2))
    let outcome = loop.run(
      handle: { event in
        events.append(event)
        if events.count == count || event == .tick { loop.stop() }
      }, render: {})
    #expect(outcome == .stopped)
    return events
  }

  @Test func keysArrive() {
    input.write(Data("a\u{1B}[A\u{1B}".utf8))
    let start = ContinuousClock.now
    #expect(events(3) == [.key("a"), .key(.up), .key(.escape)])
    #expect(start.duration(to: .now) >= InputDecoder.escapeDelay)
  }

  @Test func aSequenceMayComeInPieces() {
    let input = input
    input.write(Data("\u{1B}[".utf8))
    Thread.detachNewThread {
      usleep(10_000)
      input.write(Data("1;5A".utf8))
    }
    #expect(events(1) == [.key(.up, .control)])
  }

  @Test func aPasteWithoutItsEndLetsKeysThroughAgain() {
    let input = input
    input.write(Data("\u{1B}[200~hello".utf8))
    Thread.detachNewThread {
      usleep(10_000)
      input.write(Data("\u{3}".utf8))
      usleep(200_000)
      input.write(Data("x".utf8))
    }
    #expect(events(3) == [.paste("hello"), .key("c", .control), .key("x")])
  }

  @Test func endOfInput() {
    input.write(Data("x".utf8))
    input.closeFile()
    var seen: [InputEvent] = []
    #expect(loop.run(handle: { seen.append($0) }, render: {}) == .inputClosed)
    #expect(seen == [.key("x")])
  }

  @Test func stopLeavesTheRestUnhandled() {
    input.write(Data("abc".utf8))
    var seen: [InputEvent] = []
    let outcome = loop.run(
      handle: {
        seen.append($0)
        loop.stop()
      }, render: {})
    #expect(outcome == .stopped)
    #expect(seen == [.key("a")])
  }

  /// Messages that threads put into a mailbox before they wake the loop are seen, to the last one.
  @Test func nothingInTheMailboxIsMissed() {
    let perThread = 20_000
    let mailbox = CountingMailbox(expected: perThread * 3)
    let waker = loop.waker
    for _ in 0..<3 {
      Thread.detachNewThread {
        for _ in 0..<perThread {
          mailbox.put()
          waker.wake()
        }
      }
    }
    loop.requestTick(after: .seconds(20))
    _ = loop.run(
      handle: { event in if mailbox.isComplete || event == .tick { loop.stop() } }, render: {})
    #expect(mailbox.isComplete)
  }

  /// Times from one frame to the next while something happens every three milliseconds, a hundred times.
  private func gaps(when happen: @escaping @Sendable () -> Void) -> [Duration] {
    let input = input
    Thread.detachNewThread {
      for _ in 0..<100 {
        happen()
        usleep(3000)
      }
      input.write(Data("q".utf8))
    }
    var frames: [ContinuousClock.Instant] = []
    _ = loop.run(
      handle: { event in if event == .key("q") { loop.stop() } }, render: { frames.append(.now) })
    return zip(frames, frames.dropFirst()).map { $0.duration(to: $1) }
  }

  @Test func framesAreLimited() throws {
    let waker = loop.waker
    let gaps = gaps { waker.wake() }.dropFirst(2)  // the first wake's frame waits for the one before any
    #expect(try #require(gaps.min()) >= EventLoop.frameInterval - EventLoop.slack)
  }

  /// The news of a wake are shown with it, not when the next frame would be due.
  @Test func wakesAreShownAtOnce() throws {
    let waker = loop.waker
    var times: [ContinuousClock.Instant] = []
    _ = loop.run(
      handle: { event in
        if event == .tick { return loop.stop() }
        times.append(.now)
        loop.requestTick(after: .milliseconds(500))
      },
      render: {
        times.append(.now)
        if times.count == 1 { waker.wake() }
      })
    #expect(times.count == 3)  // a frame, the wake, its frame
    #expect(try #require(times.last) - times[1] < EventLoop.frameInterval / 2)
  }

  /// A wake that rested comes before the tick that is due with it: the frame after the tick shows what it
  /// brought.
  @Test func ticksDoNotOvertakeWakes() {
    let loop = loop
    var seen: [InputEvent] = []
    loop.waker.wake()
    _ = loop.run(
      handle: { event in
        seen.append(event)
        if seen.count == 1 {
          loop.requestTick(after: EventLoop.frameInterval)
          loop.waker.wake()
        }
        if event == .tick { loop.stop() }
      }, render: {})
    #expect(seen == [.wake, .wake, .tick])
  }

  /// A key does not wait for what the engine's frames wait for; even so, keys cannot flood the screen.
  @Test func keysAreShownSooner() throws {
    let input = input, waker = loop.waker
    let gaps = gaps {
      waker.wake()
      input.write(Data("x".utf8))
    }
    let shortest = try #require(gaps.min())
    #expect(shortest < EventLoop.frameInterval)
    #expect(shortest >= EventLoop.keyFrameInterval - EventLoop.slack)
  }
}

private final class CountingMailbox: Sendable {
  private let count = Atomic(0)
  private let expected: Int
  init(expected: Int) { self.expected = expected }
  func put() { count.add(1, ordering: .releasing) }
  var isComplete: Bool { count.load(ordering: .acquiring) == expected }
}
