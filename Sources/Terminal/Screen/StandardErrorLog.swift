import Foundation

/// Sends stderr to a file while the screen is up, so that a library's words do not land in the picture.
@MainActor
final class StandardErrorLog {
  /// A duplicate of the original descriptor of stderr.
  let original: Int32
  private let log: Int32

  init(path: String?) {
    original = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    let file = path.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) } ?? -1
    log = file >= 0 ? file : open("/dev/null", O_WRONLY | O_CLOEXEC)
    redirect()
  }

  func redirect() {
    fflush(nil)
    if log >= 0 { dup2(log, STDERR_FILENO) }
  }

  func restore() {
    fflush(nil)
    if original >= 0 { dup2(original, STDERR_FILENO) }
  }

  deinit {
    close(original)
    close(log)
  }
}
