@preconcurrency import Dispatch
import Glibc
import Inference

/// ^C on the command line: the first asks the work to stop, the second ends the program.
enum Interrupt {
  private static let flag = StopFlag()
  private static let source: any DispatchSourceSignal = {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      if flag.isSet { _exit(Failure.interrupted) }
      flag.set()
    }
    return source
  }()

  /// Call before long work.
  static func watch() { source.activate() }

  static var isRequested: Bool { flag.isSet }
}
