import Glibc

/// What others feed to stdin, beside a prompt that the command line gives.
public enum PipedInput {
  /// Whether stdin is a pipe, a socket, or the beginning of a file: a terminal, a device and nothing at all have
  /// no text for us, and a file that someone has read a part of, such as a loop of a shell, is theirs.
  public static var isOffered: Bool {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0 else { return false }
    switch status.st_mode & S_IFMT {
    case S_IFIFO, S_IFSOCK: return true
    case S_IFREG: return lseek(STDIN_FILENO, 0, SEEK_CUR) == 0
    default: return false
    }
  }

  /// Waits until there is something to read, or the end; false where nothing came in time. Whoever starts this
  /// program may have left it a pipe that nobody writes to.
  public static func comes(within milliseconds: Int32) -> Bool {
    var waited = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&waited, 1, milliseconds) != 0
  }
}
